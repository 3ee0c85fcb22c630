// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// A parrot is a stack that sends back what it gets, and lists what it was asked for.
type parrot struct {
	host   Host
	config Config
	calls  []string
	now    time.Duration
}

func (p *parrot) Describe() Description {
	return Description{Name: "parrot", Version: "1.2", Capabilities: "ipv4 udp", Ethernet: true, Tick: 3}
}

func (p *parrot) Create(config Config, host Host) error {
	p.calls = append(p.calls, "create")
	for _, knob := range config.Knobs {
		if knob.Name != "talk" {
			return &Refusal{Errno: ENOTSUP, Reason: "a parrot has no " + knob.Name}
		}
	}
	p.host, p.config, p.now = host, config, 0
	return nil
}

func (p *parrot) Destroy() { p.calls = append(p.calls, "destroy") }

func (p *parrot) Inject(frame []byte) {
	p.host.Log("heard")
	p.host.Send(p.now, frame)
}

func (p *parrot) Advance(now time.Duration) { p.now = now }

func (p *parrot) NextTimer() (time.Duration, bool) { return 7, p.now < 7 }

var somebody = netip.MustParseAddrPort("192.0.2.1:80")

func (p *parrot) Socket(Family, Type, Protocol) (int, error) { return 5, nil }
func (p *parrot) Bind(int, netip.AddrPort) error             { return errors.New("no perch") }
func (p *parrot) Listen(int, int) error                      { return nil }
func (p *parrot) Accept(int) (int, netip.AddrPort, error)    { return 6, somebody, nil }
func (p *parrot) Connect(_ int, remote netip.AddrPort) error {
	if remote != somebody {
		return EADDRNOTAVAIL
	}
	return EINPROGRESS
}
func (p *parrot) Read(_, count int, flags Flags) (Received, error) {
	return Received{Octets: []byte("polly")[:min(count, 5)], Flags: flags, From: somebody}, nil
}
func (p *parrot) Write(_ int, octets []byte, _ Flags, _ netip.AddrPort) (int, error) {
	return len(octets), nil
}
func (p *parrot) Shutdown(int, How) error                   { return nil }
func (p *parrot) Close(int) error                           { return EBADF }
func (p *parrot) SetOption(int, Option, int64) error        { return ENOTSUP }
func (p *parrot) GetOption(int, Option) (int64, error)      { return -1, nil }
func (p *parrot) Poll(int) (Ready, error)                   { return Readable | HangUp, nil }
func (p *parrot) LocalEndpoint(int) (netip.AddrPort, error) { return somebody, nil }

func (p *parrot) TCPStatus(int) (State, []Counter, error) {
	return Established, []Counter{{Name: "cwnd", Value: 10}}, nil
}

// --- what a harness does

func record(kind operation, arguments ...any) []byte {
	var octets bytes.Buffer
	for _, argument := range arguments {
		if err := binary.Write(&octets, binary.BigEndian, argument); err != nil {
			panic(err)
		}
	}
	out := binary.BigEndian.AppendUint32([]byte{byte(kind)}, uint32(octets.Len()))
	return append(out, octets.Bytes()...)
}

func message(records ...[]byte) []byte {
	all := slices.Concat(records...)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(all))), all...)
}

func configOf(knobs ...string) []byte {
	out := binary.BigEndian.AppendUint64(nil, 42)
	for _, prefix := range []string{"192.168.0.1/16", "2001:db8::1/64"} {
		parsed := netip.MustParsePrefix(prefix)
		out = append(putAddress(out, parsed.Addr()), byte(parsed.Bits()))
	}
	for _, address := range []string{"192.168.0.2", "2001:db8::2", "192.0.2.1"} {
		out = putAddress(out, netip.MustParseAddr(address))
	}
	out = putAddress(out, netip.Addr{})
	out = append(out, 2, 0, 0, 0, 0, 1)
	out = binary.BigEndian.AppendUint16(out, 1500)
	out = binary.BigEndian.AppendUint16(out, uint16(len(knobs)))
	for _, knob := range knobs {
		out = putText(putText(out, knob), "1")
	}
	return out
}

// The records of the answers to all messages, one after the other.
func talk(t *testing.T, stack Stack, messages ...[]byte) []string {
	t.Helper()
	var out bytes.Buffer
	if err := Serve(bytes.NewReader(slices.Concat(messages...)), &out, stack); err != nil {
		t.Fatal(err)
	}
	var records []string
	for answer := out.Bytes(); len(answer) > 0; {
		length := binary.BigEndian.Uint32(answer)
		rest := answer[4 : 4+length]
		answer = answer[4+length:]
		for len(rest) > 0 {
			end := 5 + binary.BigEndian.Uint32(rest[1:])
			records = append(records, string(rest[:1])+string(rest[5:end]))
			rest = rest[end:]
		}
	}
	return records
}

func result(number int64, extra string) string {
	return "\x80" + string(binary.BigEndian.AppendUint64(nil, uint64(number))) + extra
}

func frame(at uint64, octets string) string {
	return "\x81" + string(binary.BigEndian.AppendUint64(nil, at)) + octets
}

func clock(now, next uint64) string {
	out := binary.BigEndian.AppendUint64([]byte{recordClock}, now)
	return string(binary.BigEndian.AppendUint64(out, next))
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestHelloTellsWhatTheStackHas(t *testing.T) {
	// All but now, wait, set_isn and what comes behind it.
	const has = 1<<opWrite<<8 - 1 - 1<<opNow - 1<<opWait
	want := binary.BigEndian.AppendUint16(nil, 1)
	want = binary.BigEndian.AppendUint32(want, 1)
	want = binary.BigEndian.AppendUint64(want, 3)
	want = binary.BigEndian.AppendUint64(want, 0)
	want = binary.BigEndian.AppendUint32(want, has)
	want = putText(putText(putText(want, "parrot"), "1.2"), "ipv4 udp")
	got := talk(t, &parrot{}, message(record(opHello, uint16(1))))
	expect(t, got, result(0, string(want)))
}

func TestAnotherVersionIsRefused(t *testing.T) {
	expect(t, talk(t, &parrot{}, message(record(opHello, uint16(2)))), result(-int64(EINVAL), ""))
}

func TestTheConfigArrives(t *testing.T) {
	stack := &parrot{}
	talk(t, stack, message(record(opCreate, configOf("talk"))))
	config := stack.config
	if config.Seed != 42 || config.MTU != 1500 || config.MAC != [6]byte{2, 0, 0, 0, 0, 1} ||
		config.Local4 != netip.MustParsePrefix("192.168.0.1/16") ||
		config.Local6 != netip.MustParsePrefix("2001:db8::1/64") ||
		config.Gateway6 != netip.MustParseAddr("2001:db8::2") ||
		config.Peer4 != netip.MustParseAddr("192.0.2.1") || config.Peer6.IsValid() ||
		!slices.Equal(config.Knobs, []Knob{{"talk", "1"}}) {
		t.Errorf("got %+v", config)
	}
}

func TestARefusalSaysWhy(t *testing.T) {
	got := talk(t, &parrot{}, message(record(opCreate, configOf("sing"))))
	expect(t, got, result(-int64(ENOTSUP), "a parrot has no sing"))
}

func TestAnswersAreInTheOrderOfWhatHappened(t *testing.T) {
	got := talk(t, &parrot{},
		message(record(opCreate, configOf())),
		message(record(opAdvance, uint64(5)), record(opInject, []byte("hi")), record(opAdvance, uint64(9))),
		message(record(opNextTimer)))
	expect(t, got,
		result(0, ""), clock(0, 7),
		result(0, ""), "\x82heard", frame(5, "hi"), result(0, ""), result(0, ""), clock(9, 1<<64-1),
		result(0, "\xff\xff\xff\xff\xff\xff\xff\xff"), clock(9, 1<<64-1))
}

func TestALifeEndsBeforeTheNext(t *testing.T) {
	stack := &parrot{}
	talk(t, stack, message(record(opCreate, configOf()), record(opReset, configOf()), record(opDestroy)),
		message(record(opCreate, configOf())))
	want := "create destroy create destroy create destroy" // the last at the end of the stream
	if got := strings.Join(stack.calls, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSocketsAnswerWhatThePageSays(t *testing.T) {
	fd := uint32(5)
	to := string(putEndpoint(nil, somebody))
	got := talk(t, &parrot{}, message(
		record(opCreate, configOf()),
		record(opSocket, []byte{4, 1, 6}),
		record(opAccept, fd),
		record(opConnect, fd, []byte(to)),
		record(opRead, fd, uint32(3), uint32(1)),
		record(opWrite, fd, uint32(0), putEndpoint(nil, netip.AddrPort{}), []byte("abcd")),
		record(opClose, fd),
		record(opSetOption, fd, uint16(4), int64(1)),
		record(opGetOption, fd, uint16(3)),
		record(opPoll, fd),
		record(opLocalEndpoint, fd),
		record(opTCPStatus, fd),
		record(opSetISN, fd, uint32(1)),
		record(99)))
	expect(t, got[:14],
		result(0, ""),
		result(5, ""),
		result(6, to),
		result(-int64(EINPROGRESS), ""),
		result(3, "\x00\x00\x00\x01"+to+"pol"),
		result(4, ""),
		result(-int64(EBADF), ""),
		result(-int64(ENOTSUP), ""),
		result(0, "\xff\xff\xff\xff\xff\xff\xff\xff"),
		result(9, ""),
		result(0, to),
		result(0, "\x04\x00\x01\x00\x04cwnd\x00\x00\x00\x00\x00\x00\x00\x0a"),
		result(-int64(ENOTSUP), ""),
		result(-int64(ENOTSUP), ""))
}

func TestAnErrorWithoutANumberIsToldInTheLog(t *testing.T) {
	got := talk(t, &parrot{}, message(record(opCreate, configOf()),
		record(opBind, uint32(5), putEndpoint(nil, somebody))))
	expect(t, got[1:3], "\x82no perch", result(-int64(EIO), ""))
}

func TestNothingIsAskedOfAStackThatIsNotThere(t *testing.T) {
	expect(t, talk(t, &parrot{}, message(record(opInject, []byte("hi")))), result(-int64(EBADF), ""))
}

func TestAHarnessThatErrsIsToldSo(t *testing.T) {
	long := binary.BigEndian.AppendUint32(nil, mostOctets+1)
	for _, c := range []struct {
		name, words string
		input       []byte
	}{
		{"too long", "too long", long},
		{"half a length", "in its length", []byte{0, 0}},
		{"half a message", "ended early", []byte{0, 0, 0, 9, 1}},
		{"half a record", "middle of a record", message([]byte{3, 0})},
		{"a record past the end", "longer than its message", message([]byte{3, 0, 0, 0, 9, 1})},
		{"few arguments", "too early: kind 1", message(record(opCreate, configOf()[:20]))},
		{"a knob cut off", "too early: kind 1", message(record(opCreate, configOf("talk")[:125]))},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Serve(bytes.NewReader(c.input), &bytes.Buffer{}, &parrot{})
			if err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v", err)
			}
		})
	}
}
