// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"packetwright/gvisor/agent"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// A wire keeps what a life of gVisor sends.
type wire struct {
	frames [][]byte
	times  []time.Duration
}

func (w *wire) Send(at time.Duration, frame []byte) {
	w.frames = append(w.frames, bytes.Clone(frame))
	w.times = append(w.times, at)
}

func (w *wire) Log(string) {}

func (w *wire) take() [][]byte {
	taken := w.frames
	w.frames = nil
	return taken
}

func configOf(seed uint64, knobs ...agent.Knob) agent.Config {
	return agent.Config{
		Seed:     seed,
		Local4:   netip.MustParsePrefix("192.168.0.1/16"),
		Local6:   netip.MustParsePrefix("2001:db8::1/64"),
		Gateway4: netip.MustParseAddr("192.168.0.2"),
		Gateway6: netip.MustParseAddr("2001:db8::2"),
		MAC:      [6]byte{2, 0x50, 0x57, 0, 0, 1},
		MTU:      1500,
		Knobs:    knobs,
	}
}

func begin(t *testing.T, config agent.Config) (*target, *wire) {
	t.Helper()
	runtime.GOMAXPROCS(1)
	life, out := &target{}, &wire{}
	if err := life.Create(config, out); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(life.Destroy)
	return life, out
}

// From the gateway: at that Ethernet address, about that IP address.
func fromGateway(operation header.ARPOp, to [6]byte, asksFor string) []byte {
	frame := make([]byte, header.EthernetMinimumSize+header.ARPSize)
	header.Ethernet(frame).Encode(&header.EthernetFields{
		SrcAddr: "\x02\x50\x57\x00\x00\x02",
		DstAddr: tcpip.LinkAddress(to[:]),
		Type:    header.ARPProtocolNumber,
	})
	packet := header.ARP(frame[header.EthernetMinimumSize:])
	packet.SetIPv4OverEthernet()
	packet.SetOp(operation)
	copy(packet.HardwareAddressSender(), "\x02\x50\x57\x00\x00\x02")
	copy(packet.ProtocolAddressSender(), netip.MustParseAddr("192.168.0.2").AsSlice())
	copy(packet.ProtocolAddressTarget(), netip.MustParseAddr(asksFor).AsSlice())
	return frame
}

var everybody = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

func TestALifeBeginsInSilence(t *testing.T) {
	life, out := begin(t, configOf(1))
	life.Advance(10 * time.Minute)
	if sent := out.take(); len(sent) > 0 {
		t.Errorf("it sent %d frames, the first %x", len(sent), sent[0])
	}
}

func TestAnAnswerIsThereWhenTheCallReturns(t *testing.T) {
	life, out := begin(t, configOf(1))
	life.Inject(fromGateway(header.ARPRequest, everybody, "192.168.0.1"))
	if sent := out.take(); len(sent) != 1 || header.ARP(sent[0][14:]).Op() != header.ARPReply {
		t.Errorf("it sent %x", sent)
	}
}

func TestAFrameToAnotherHostEndsAtTheInterface(t *testing.T) {
	life, out := begin(t, configOf(1))
	life.Inject(fromGateway(header.ARPRequest, [6]byte{2, 0x50, 0x57, 0, 0, 3}, "192.168.0.1"))
	if sent := out.take(); len(sent) > 0 {
		t.Errorf("it sent %x", sent)
	}
}

func TestFramesOfAnyLengthAreSurvived(t *testing.T) {
	life, _ := begin(t, configOf(1))
	for length := range 80 {
		life.Inject(make([]byte, length))
	}
	life.Inject(make([]byte, 65549))
}

// A connection attempt and a datagram.
func story(t *testing.T, seed uint64) [][]byte {
	life, out := begin(t, configOf(seed))
	life.Inject(fromGateway(header.ARPReply, [6]byte{2, 0x50, 0x57, 0, 0, 1}, "192.168.0.1"))
	there := netip.MustParseAddrPort("192.168.0.2:80")
	stream, err := life.Socket(agent.IPv4, agent.Stream, agent.TCP)
	if err != nil {
		t.Fatal(err)
	}
	if err := life.Connect(stream, there); err != agent.EINPROGRESS {
		t.Fatal(err)
	}
	life.Inject(fromGateway(header.ARPReply, [6]byte{2, 0x50, 0x57, 0, 0, 1}, "192.168.0.1"))
	datagram, err := life.Socket(agent.IPv4, agent.Datagram, agent.UDP)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := life.Write(datagram, []byte("text"), 0, there); err != nil {
		t.Fatal(err)
	}
	life.Advance(10 * time.Second)
	return out.take()
}

func TestTheSeedDecides(t *testing.T) {
	first, again, other := story(t, 1), story(t, 1), story(t, 2)
	if len(first) < 5 {
		t.Fatalf("only %d frames", len(first))
	}
	if !slices.EqualFunc(first, again, bytes.Equal) {
		t.Error("two lives with one seed differ")
	}
	if slices.EqualFunc(first, other, bytes.Equal) {
		t.Error("two lives with two seeds are equal")
	}
}

func TestTimeIsExact(t *testing.T) {
	life, out := begin(t, configOf(1))
	stream, _ := life.Socket(agent.IPv4, agent.Stream, agent.TCP)
	_ = life.Connect(stream, netip.MustParseAddrPort("192.168.0.2:80"))
	at, isThere := life.NextTimer()
	if !isThere || at <= 0 {
		t.Fatalf("the next timer: %v, %v", at, isThere)
	}
	out.take()
	life.Advance(at - 1)
	if sent := out.take(); len(sent) > 0 {
		t.Errorf("before its time it sent %x", sent)
	}
	life.Advance(at)
	if len(out.frames) == 0 || out.times[len(out.times)-1] != at {
		t.Errorf("at %v it sent %x at %v", at, out.frames, out.times)
	}
}

func TestNothingIsLeftOfALife(t *testing.T) {
	runtime.GOMAXPROCS(1)
	before := runtime.NumGoroutine()
	for range 10 {
		life := &target{}
		if err := life.Create(configOf(1), &wire{}); err != nil {
			t.Fatal(err)
		}
		life.Destroy()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestKnobs(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        agent.Errno // 0: it is taken
	}{
		{"tcp_sack", "0", 0},
		{"tcp_sack", "2", agent.EINVAL},
		{"tcp_timestamps", "1", 0},
		{"tcp_timestamps", "0", agent.ENOTSUP},
		{"tcp_congestion_control", "reno", 0},
		{"tcp_congestion_control", "vegas", agent.EINVAL},
		{"tcp_rmem", "4096 8192 16384", 0},
		{"tcp_rmem", "8192 4096 16384", agent.EINVAL},
		{"tcp_syncookies", "2", 0},
		{"tcp_syncookies", "0", agent.ENOTSUP},
		{"ip_default_ttl", "256", agent.EINVAL},
		{"stock", "1", 0},
		{"tcp_nothing", "1", agent.ENOTSUP},
	} {
		life := &target{}
		err := life.Create(configOf(1, agent.Knob{Name: c.name, Value: c.value}), &wire{})
		if err == nil {
			life.Destroy()
		}
		var refusal *agent.Refusal
		var got agent.Errno
		if errors.As(err, &refusal) {
			got = refusal.Errno
		}
		if got != c.want || (err != nil) != (c.want != 0) {
			t.Errorf("%s %s: %v, want %v", c.name, c.value, err, c.want)
		}
	}
}
