// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"net/netip"

	"packetwright/gvisor/agent"

	"gvisor.dev/gvisor/pkg/syserr"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// A descriptor is an endpoint of gVisor. What this file does with it is what gVisor's own runtime does
// for a program.
type descriptor struct {
	endpoint tcpip.Endpoint
	family   agent.Family
	isStream bool
}

type descriptors struct {
	open []*descriptor // nil: free
}

func (d *descriptors) add(added *descriptor) int {
	for fd, one := range d.open {
		if one == nil {
			d.open[fd] = added
			return fd
		}
	}
	d.open = append(d.open, added)
	return len(d.open) - 1
}

func (t *target) descriptor(fd int) (*descriptor, error) {
	if fd < 0 || fd >= len(t.descriptors.open) || t.descriptors.open[fd] == nil {
		return nil, agent.EBADF
	}
	return t.descriptors.open[fd], nil
}

// The errno of gVisor's runtime, or nil for what is none.
func errno(err tcpip.Error) error {
	if err == nil {
		return nil
	}
	if number := syserr.TranslateNetstackError(err).ToLinux(); number != 0 {
		return agent.Errno(number)
	}
	return nil
}

// Socket implements agent.Sockets.
func (t *target) Socket(family agent.Family, kind agent.Type, protocol agent.Protocol) (int, error) {
	network := ipv4.ProtocolNumber
	ping, pingNumber := agent.ICMP, icmp.ProtocolNumber4
	if family == agent.IPv6 {
		network = ipv6.ProtocolNumber
		ping, pingNumber = agent.ICMPv6, icmp.ProtocolNumber6
	}
	made := &descriptor{family: family, isStream: kind == agent.Stream}
	queue := &waiter.Queue{}
	var err tcpip.Error
	switch {
	case kind == agent.Stream && (protocol == agent.Any || protocol == agent.TCP):
		made.endpoint, err = t.stack.NewEndpoint(tcp.ProtocolNumber, network, queue)
	case kind == agent.Datagram && (protocol == agent.Any || protocol == agent.UDP):
		made.endpoint, err = t.stack.NewEndpoint(udp.ProtocolNumber, network, queue)
	case kind == agent.Datagram && protocol == ping:
		made.endpoint, err = t.stack.NewEndpoint(pingNumber, network, queue)
	case kind == agent.Raw && protocol != agent.Any:
		number := tcpip.TransportProtocolNumber(protocol)
		made.endpoint, err = t.stack.NewRawEndpoint(number, network, queue, true)
	default:
		return 0, agent.ENOTSUP
	}
	if err != nil {
		return 0, errno(err)
	}
	return t.descriptors.add(made), nil
}

// Bind implements agent.Sockets.
func (t *target) Bind(fd int, local netip.AddrPort) error {
	d, err := t.descriptor(fd)
	if err != nil {
		return err
	}
	address, err := toFullAddress(local, d.family)
	if err != nil {
		return err
	}
	failed := d.endpoint.Bind(address)
	if _, isTaken := failed.(*tcpip.ErrNoPortAvailable); isTaken {
		failed = &tcpip.ErrPortInUse{}
	}
	return errno(failed)
}

// Listen implements agent.Sockets.
func (t *target) Listen(fd int, backlog int) error {
	d, err := t.descriptor(fd)
	if err != nil {
		return err
	}
	failed := d.endpoint.Listen(backlog)
	t.settle()
	return errno(failed)
}

// Accept implements agent.Sockets.
func (t *target) Accept(fd int) (int, netip.AddrPort, error) {
	d, err := t.descriptor(fd)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	var peer tcpip.FullAddress
	accepted, _, failed := d.endpoint.Accept(&peer)
	if failed != nil {
		return 0, netip.AddrPort{}, errno(failed)
	}
	made := &descriptor{endpoint: accepted, family: d.family, isStream: true}
	t.settle()
	return t.descriptors.add(made), fromFullAddress(peer, d.family), nil
}

// Connect implements agent.Sockets.
func (t *target) Connect(fd int, remote netip.AddrPort) error {
	d, err := t.descriptor(fd)
	if err != nil {
		return err
	}
	address, err := toFullAddress(remote, d.family)
	if err != nil {
		return err
	}
	failed := d.endpoint.Connect(address)
	t.settle()
	if _, isFull := failed.(*tcpip.ErrNoPortAvailable); isFull && d.isStream {
		return agent.EADDRNOTAVAIL
	}
	return errno(failed)
}

// Read implements agent.Sockets.
func (t *target) Read(fd int, count int, flags agent.Flags) (agent.Received, error) {
	d, err := t.descriptor(fd)
	if err != nil {
		return agent.Received{}, err
	}
	if flags&agent.OutOfBand != 0 {
		return agent.Received{}, agent.ENOTSUP
	}
	var octets bytes.Buffer
	result, failed := d.endpoint.Read(&tcpip.LimitedWriter{W: &octets, N: int64(count)},
		tcpip.ReadOptions{Peek: flags&agent.Peek != 0, NeedRemoteAddr: !d.isStream})
	if _, hasNoRoom := failed.(*tcpip.ErrBadBuffer); hasNoRoom && count == 0 {
		failed = nil
	}
	if failed != nil {
		return agent.Received{}, errno(failed)
	}
	received := agent.Received{Octets: octets.Bytes()}
	if !d.isStream {
		received.From = fromFullAddress(result.RemoteAddr, d.family)
	} else if flags&agent.Peek == 0 && result.Count > 0 {
		d.endpoint.ModerateRecvBuf(result.Count)
	}
	t.settle()
	return received, nil
}

// Write implements agent.Sockets.
func (t *target) Write(fd int, octets []byte, flags agent.Flags, to netip.AddrPort) (int, error) {
	d, err := t.descriptor(fd)
	if err != nil {
		return 0, err
	}
	if flags&(agent.OutOfBand|agent.FastOpen) != 0 {
		return 0, agent.ENOTSUP
	}
	options := tcpip.WriteOptions{More: flags&agent.More != 0}
	if to.Addr().IsValid() {
		address, err := toFullAddress(to, d.family)
		if err != nil {
			return 0, err
		}
		options.To = &address
	}
	// Part of a stream may be taken; gVisor keeps what it takes.
	count, failed := d.endpoint.Write(bytes.NewReader(bytes.Clone(octets)), options)
	t.settle()
	if count > 0 {
		return int(count), nil
	}
	return 0, errno(failed)
}

// Shutdown implements agent.Sockets.
func (t *target) Shutdown(fd int, how agent.How) error {
	d, err := t.descriptor(fd)
	if err != nil {
		return err
	}
	var which tcpip.ShutdownFlags
	switch how {
	case agent.ShutRead:
		which = tcpip.ShutdownRead
	case agent.ShutWrite:
		which = tcpip.ShutdownWrite
	case agent.ShutBoth:
		which = tcpip.ShutdownRead | tcpip.ShutdownWrite
	default:
		return agent.EINVAL
	}
	failed := d.endpoint.Shutdown(which)
	t.settle()
	return errno(failed)
}

// Close implements agent.Sockets.
func (t *target) Close(fd int) error {
	d, err := t.descriptor(fd)
	if err != nil {
		return err
	}
	t.descriptors.open[fd] = nil
	d.endpoint.Close()
	t.settle()
	return nil
}

// Poll implements agent.Sockets.
func (t *target) Poll(fd int) (agent.Ready, error) {
	d, err := t.descriptor(fd)
	if err != nil {
		return 0, err
	}
	const asked = waiter.EventIn | waiter.EventOut | waiter.EventHUp | waiter.EventErr
	is := d.endpoint.Readiness(asked)
	var ready agent.Ready
	for _, pair := range []struct {
		event waiter.EventMask
		ready agent.Ready
	}{
		{waiter.EventIn, agent.Readable},
		{waiter.EventOut, agent.Writable},
		{waiter.EventHUp, agent.HangUp},
		{waiter.EventErr, agent.Failed},
	} {
		if is&pair.event != 0 {
			ready |= pair.ready
		}
	}
	return ready, nil
}

// LocalEndpoint implements agent.Sockets.
func (t *target) LocalEndpoint(fd int) (netip.AddrPort, error) {
	d, err := t.descriptor(fd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	local, failed := d.endpoint.GetLocalAddress()
	if failed != nil {
		return netip.AddrPort{}, errno(failed)
	}
	return fromFullAddress(local, d.family), nil
}
