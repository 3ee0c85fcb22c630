// SPDX-License-Identifier: Apache-2.0

// Package agent serves a network stack to packetwright: it speaks the agent protocol
// (docs/agent-protocol.md) on two streams, and calls a Stack. Copy it beside a stack of your own,
// implement Stack and those of the other interfaces that make sense, and call
//
//	err := agent.Serve(os.Stdin, os.Stdout, stack)
//
// What a method has to do is what packetwright_target.h says of the function of its name. A method
// returns when the stack has nothing more to do at this instant; what it has sent by then was given
// to Host.Send.
package agent

import (
	"net/netip"
	"time"
)

// A Family is one of addresses.
type Family uint8

const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// A Type is one of sockets.
type Type uint8

const (
	Stream   Type = 1
	Datagram Type = 2
	Raw      Type = 3
)

// A Protocol is that of a socket, by its number in IP; Any is what the type of the socket suggests.
type Protocol uint8

const (
	Any    Protocol = 0
	ICMP   Protocol = 1
	TCP    Protocol = 6
	UDP    Protocol = 17
	ICMPv6 Protocol = 58
)

// How says which half of a connection Shutdown closes.
type How uint8

const (
	ShutRead  How = 0
	ShutWrite How = 1
	ShutBoth  How = 2
)

// Flags are of Read and Write. Read also returns them: OutOfBand if the octets are urgent data.
type Flags uint32

const (
	Peek      Flags = 1
	OutOfBand Flags = 2
	More      Flags = 4
	FastOpen  Flags = 8
)

// Ready is what Poll says.
type Ready uint32

const (
	Readable Ready = 1
	Writable Ready = 2
	Urgent   Ready = 4
	HangUp   Ready = 8
	Failed   Ready = 16
)

// An Option is one of a socket. Times are in seconds but for TCPUserTimeout, in milliseconds.
type Option uint16

const (
	SOError Option = iota
	SOReuseAddr
	SOKeepAlive
	SOLinger // seconds, or -1 for off
	SOSndBuf
	SORcvBuf
	SOOOBInline
	SOBroadcast
	IPTTL
	IPTOS
	IPRecvErr
	IPMTU
	IPMTUDiscover
	IPv6Only
	IPv6UnicastHops
	IPv6TClass
	TCPNoDelay
	TCPMaxSeg
	TCPCork
	TCPKeepIdle
	TCPKeepIntvl
	TCPKeepCnt
	TCPUserTimeout
	TCPQuickAck
	TCPSynCnt
	TCPWindowClamp
	TCPFastOpen
	TCPFastOpenConnect
	TCPDeferAccept
)

// A State is one of RFC 9293, 3.3.2.
type State uint8

const (
	Unknown State = iota
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
	Closed
)

// A Knob is a setting that a case asks for.
type Knob struct{ Name, Value string }

// A Config is how the stack must look from the wire. An address that is not valid is not there.
type Config struct {
	Seed               uint64
	Local4, Local6     netip.Prefix
	Gateway4, Gateway6 netip.Addr // on the link
	Peer4, Peer6       netip.Addr // behind the gateway
	MAC                [6]byte
	MTU                uint16 // octets of an IP packet
	Knobs              []Knob
}

// A Description is what the harness is told first.
type Description struct {
	Name         string // goes into every verdict
	Version      string // of the stack
	Capabilities string // words of docs/targets.md, with blanks between
	Ethernet     bool   // frames are Ethernet frames, else IP packets
	RealTime     bool   // the stack has a clock of its own, and is a Clock
	Tick         time.Duration
	Slack        time.Duration
}

// A Host is what the harness does for a stack. It is valid until Destroy.
type Host interface {
	// A frame leaves the stack, so long after Create. It is copied.
	Send(at time.Duration, frame []byte)
	// A line for the log of the case.
	Log(line string)
}

// A Stack is one host on one link, one life after the other. Times are since Create. A reset is
// Destroy and Create.
type Stack interface {
	Describe() Description
	// An error is a *Refusal, or why it went wrong.
	Create(config Config, host Host) error
	Destroy()
	Inject(frame []byte)
	Advance(now time.Duration)
}

// A Timer knows when it will act by itself; false: never.
type Timer interface {
	NextTimer() (at time.Duration, isThere bool)
}

// A Clock is a Stack in real time. Wait returns at that time, or when the stack has sent a frame.
type Clock interface {
	Now() time.Duration
	Wait(until time.Duration)
}

// Received is what Read has read. Datagrams have a sender.
type Received struct {
	Octets []byte
	Flags  Flags
	From   netip.AddrPort
}

// Sockets are those of the stack. None of them waits. An endpoint without an address is any.
type Sockets interface {
	Socket(family Family, kind Type, protocol Protocol) (fd int, err error)
	Bind(fd int, local netip.AddrPort) error
	Listen(fd int, backlog int) error
	Accept(fd int) (accepted int, peer netip.AddrPort, err error)
	Connect(fd int, remote netip.AddrPort) error
	Read(fd int, count int, flags Flags) (Received, error)
	// `to` is the zero AddrPort where there is none.
	Write(fd int, octets []byte, flags Flags, to netip.AddrPort) (int, error)
	Shutdown(fd int, how How) error
	Close(fd int) error
	SetOption(fd int, option Option, value int64) error
	GetOption(fd int, option Option) (int64, error)
	Poll(fd int) (Ready, error)
	LocalEndpoint(fd int) (netip.AddrPort, error)
}

// A Counter has a name of docs/targets.md.
type Counter struct {
	Name  string
	Value int64
}

// A Teller tells of its connections.
type Teller interface {
	TCPStatus(fd int) (State, []Counter, error)
}

// A Numberer lets the harness choose the next initial sequence number.
type Numberer interface {
	SetISN(fd int, isn uint32) error
}

// A Resolver looks names up.
type Resolver interface {
	Resolve(family Family, server netip.AddrPort, name string) (query int, err error)
	Resolved(query int) ([]netip.Addr, error)
}

// A Lister writes its table of descriptors.
type Lister interface {
	Netstat() (string, error)
}
