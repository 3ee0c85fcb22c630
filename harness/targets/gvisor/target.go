// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"packetwright/gvisor/agent"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

const capabilities = "arp dad defer_accept frags icmp ipv4 ipv4_mapped_ipv6 ipv6 iw10 keepalive mld ndp ping " +
	"pmtud rack raw rfc5961 rs sack seed slaac stock syncookies tcp tcp_info tcp_state timestamps udp user_timeout " +
	"wscale"

// A case meets a host that is up: it has told its groups, and has fallen silent.
const ageAtStart = time.Minute

// More frames at one instant are dropped by the channel; the harness takes less than that for a flood.
const mostFrames = 1 << 15

// A target is gVisor's stack, one life after the other.
type target struct {
	host    agent.Host
	clock   *virtualClock
	link    *channel.Endpoint
	stack   *stack.Stack
	mac     tcpip.LinkAddress
	born    time.Duration // by the clock, when the case begins
	isMuted bool          // frames go nowhere

	goroutines  int // that there are while nothing is to be done
	descriptors descriptors
}

// Describe implements agent.Stack.
func (t *target) Describe() agent.Description {
	version := "unknown"
	if info, isThere := debug.ReadBuildInfo(); isThere {
		for _, module := range info.Deps {
			if module.Path == "gvisor.dev/gvisor" {
				version = module.Version
			}
		}
	}
	return agent.Description{
		Name:         "gvisor",
		Version:      version,
		Capabilities: capabilities,
		Ethernet:     true,
	}
}

// Create implements agent.Stack.
func (t *target) Create(config agent.Config, host agent.Host) error {
	chosen, err := settingsOf(config.Knobs)
	if err != nil {
		return err
	}
	if config.MTU < header.IPv4MinimumMTU {
		return &agent.Refusal{Errno: agent.EINVAL, Reason: "an MTU of less than 68 carries no IPv4"}
	}
	seedGlobally(config.Seed)
	*t = target{host: host, clock: &virtualClock{}, isMuted: true}
	t.mac = tcpip.LinkAddress(config.MAC[:])
	t.link = channel.New(mostFrames, uint32(config.MTU)+header.EthernetMinimumSize, t.mac)
	if t.stack, err = newStack(config, chosen, t.clock, t.link); err != nil {
		return err
	}
	t.goroutines = runtime.NumGoroutine()
	// Who asks for the start sees it.
	if !chosen.solicits {
		t.runUntil(ageAtStart)
		t.born = ageAtStart
	}
	t.isMuted = false
	t.settle()
	return nil
}

// Destroy implements agent.Stack.
func (t *target) Destroy() {
	t.isMuted = true
	t.stack.Destroy()
	*t = target{}
}

// Inject implements agent.Stack. What is for other hosts ends at the interface, which gVisor leaves
// to its hardware.
func (t *target) Inject(frame []byte) {
	if len(frame) >= header.EthernetMinimumSize {
		to := header.Ethernet(frame).DestinationAddress()
		if to != t.mac && to[0]&1 == 0 {
			return
		}
	}
	packet := stack.NewPacketBuffer(stack.PacketBufferOptions{
		Payload: buffer.MakeWithData(frame),
	})
	t.link.InjectInbound(0, packet)
	packet.DecRef()
	t.settle()
}

// Advance implements agent.Stack.
func (t *target) Advance(now time.Duration) { t.runUntil(t.born + now) }

// NextTimer implements agent.Timer.
func (t *target) NextTimer() (time.Duration, bool) {
	at, isThere := t.clock.next()
	return at - t.born, isThere
}

func (t *target) runUntil(until time.Duration) {
	for f := t.clock.pop(until); f != nil; f = t.clock.pop(until) {
		f()
		t.rest()
	}
	t.clock.moveTo(until)
}

// Until nothing is left to be done at this instant.
func (t *target) settle() {
	t.rest()
	t.runUntil(t.clock.elapsed())
}

// Until all goroutines are at rest; then what was sent is told. A pause of TCP begins when its queues
// are empty.
func (t *target) rest() {
	t.stack.Pause()
	t.stack.Resume()
	for runtime.NumGoroutine() > t.goroutines {
		runtime.Gosched()
	}
	at := t.clock.elapsed() - t.born
	for packet := t.link.Read(); packet != nil; packet = t.link.Read() {
		if !t.isMuted {
			view := packet.ToView()
			t.host.Send(at, view.AsSlice())
			view.Release()
		}
		packet.DecRef()
	}
}

// What went wrong, in one error.
func failure(what string, err tcpip.Error) error {
	return errors.New(fmt.Sprint(what, ": ", err))
}
