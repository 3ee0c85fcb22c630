// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"

	"packetwright/gvisor/agent"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
)

func numberOf(address netip.Addr) tcpip.NetworkProtocolNumber {
	if address.Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}

func toAddress(address netip.Addr) tcpip.Address { return tcpip.AddrFromSlice(address.AsSlice()) }

func fromAddress(address tcpip.Address) netip.Addr {
	from, _ := netip.AddrFromSlice(address.AsSlice())
	return from
}

// As the sockets of gVisor's own runtime read an address: any of either family has no octets, and
// IPv4's is told to a socket of IPv6 as a mapped address. A link-local address is one of the interface.
func toFullAddress(endpoint netip.AddrPort, family agent.Family) (tcpip.FullAddress, error) {
	address := endpoint.Addr()
	full := tcpip.FullAddress{Port: endpoint.Port()}
	if !address.IsValid() {
		return full, nil
	}
	if family == agent.IPv4 && !address.Is4() {
		return full, agent.EAFNOSUPPORT
	}
	if family == agent.IPv6 && address.Is4() {
		address = netip.AddrFrom16(address.As16())
	}
	if address == netip.IPv4Unspecified() || address == netip.IPv6Unspecified() {
		return full, nil
	}
	full.Addr = toAddress(address)
	if header.IsV6LinkLocalUnicastAddress(full.Addr) || header.IsV6LinkLocalMulticastAddress(full.Addr) {
		full.NIC = nic
	}
	return full, nil
}

// As a socket of that family tells an address.
func fromFullAddress(full tcpip.FullAddress, family agent.Family) netip.AddrPort {
	address := fromAddress(full.Addr)
	switch {
	case !address.IsValid() && family == agent.IPv4:
		address = netip.IPv4Unspecified()
	case !address.IsValid():
		address = netip.IPv6Unspecified()
	case family == agent.IPv6 && address.Is4():
		address = netip.AddrFrom16(address.As16())
	}
	return netip.AddrPortFrom(address, full.Port)
}
