// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"time"

	"packetwright/gvisor/agent"

	"golang.org/x/time/rate"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/ethernet"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/raw"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

const nic tcpip.NICID = 1

// A stack with one interface, which is up.
func newStack(config agent.Config, chosen settings, clock tcpip.Clock, link stack.LinkEndpoint) (
	*stack.Stack, error) {
	s := stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{
			arp.NewProtocol, ipv4Protocol(), ipv6Protocol(chosen),
		},
		TransportProtocols: []stack.TransportProtocolFactory{
			tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6,
		},
		Clock:       clock,
		HandleLocal: true,
		RawFactory:  raw.EndpointFactory{},
		RandSource:  newSeeded(config.Seed, "source"),
		SecureRNG:   newSeeded(config.Seed, "secure"),
	})
	if err := choose(s, chosen); err != nil {
		return nil, failure("a setting", err)
	}
	if err := s.CreateNIC(nic, ethernet.New(link)); err != nil {
		return nil, failure("the interface", err)
	}
	if err := addAddresses(s, config); err != nil {
		return nil, failure("an address", err)
	}
	s.SetRouteTable(routes(config))
	return s, nil
}

func ipv4Protocol() stack.NetworkProtocolFactory {
	return ipv4.NewProtocolWithOptions(ipv4.Options{IGMP: ipv4.IGMPOptions{Enabled: true}})
}

func ipv6Protocol(chosen settings) stack.NetworkProtocolFactory {
	discovery := ipv6.DefaultNDPConfigurations()
	if !chosen.solicits {
		discovery.MaxRtrSolicitations = 0
	}
	discovery.AutoGenGlobalAddresses = chosen.autoconf
	// Addresses that change would make every case another one.
	discovery.AutoGenTempGlobalAddresses = false
	if !chosen.acceptsRA {
		discovery.HandleRAs = ipv6.HandlingRAsDisabled
	}
	return ipv6.NewProtocolWithOptions(ipv6.Options{
		NDPConfigs:       discovery,
		AutoGenLinkLocal: true,
		MLD:              ipv6.MLDOptions{Enabled: true},
		DADConfigs: stack.DADConfigurations{
			DupAddrDetectTransmits: chosen.dadTransmits,
			RetransmitTimer:        time.Second,
		},
	})
}

func choose(s *stack.Stack, chosen settings) tcpip.Error {
	sack := tcpip.TCPSACKEnabled(chosen.sack)
	nagle := tcpip.TCPDelayEnabled(chosen.nagle)
	congestion := tcpip.CongestionControlOption(chosen.congestion)
	recovery := chosen.recovery
	cookies := tcpip.TCPAlwaysUseSynCookies(chosen.cookies)
	synRetries := tcpip.TCPSynRetriesOption(chosen.synRetries)
	retries := tcpip.TCPMaxRetriesOption(chosen.retries)
	finTimeout := tcpip.TCPLingerTimeoutOption(chosen.finTimeout)
	minRTO := tcpip.TCPMinRTOOption(chosen.minRTO)
	options := []tcpip.SettableTransportProtocolOption{
		&sack, &nagle, &congestion, &recovery, &cookies, &synRetries, &retries, &finTimeout, &minRTO,
	}
	if chosen.receive != nil {
		options = append(options, chosen.receive)
	}
	if chosen.send != nil {
		options = append(options, chosen.send)
	}
	for _, option := range options {
		if err := s.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			return err
		}
	}
	hops := tcpip.DefaultTTLOption(chosen.ttl)
	for _, family := range []tcpip.NetworkProtocolNumber{ipv4.ProtocolNumber, ipv6.ProtocolNumber} {
		if err := s.SetNetworkProtocolOption(family, &hops); err != nil {
			return err
		}
	}
	if chosen.isStock {
		return nil
	}
	// A strict case must not depend on how many answers there were before.
	s.SetICMPLimit(rate.Inf)
	return s.SetOption(stack.TCPInvalidRateLimitOption(0))
}

func addAddresses(s *stack.Stack, config agent.Config) tcpip.Error {
	for _, own := range []netip.Prefix{config.Local4, config.Local6} {
		if !own.IsValid() {
			continue
		}
		address := tcpip.ProtocolAddress{
			Protocol: numberOf(own.Addr()),
			AddressWithPrefix: tcpip.AddressWithPrefix{
				Address:   toAddress(own.Addr()),
				PrefixLen: own.Bits(),
			},
		}
		if err := s.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
			return err
		}
	}
	return nil
}

func routes(config agent.Config) []tcpip.Route {
	var all []tcpip.Route
	for _, own := range []netip.Prefix{config.Local4, config.Local6} {
		if own.IsValid() {
			all = append(all, tcpip.Route{Destination: subnet(own), NIC: nic})
		}
	}
	all = append(all, tcpip.Route{Destination: header.IPv6LinkLocalPrefix.Subnet(), NIC: nic})
	if config.Gateway4.IsValid() {
		all = append(all, tcpip.Route{
			Destination: header.IPv4EmptySubnet, Gateway: toAddress(config.Gateway4), NIC: nic})
	}
	if config.Gateway6.IsValid() {
		all = append(all, tcpip.Route{
			Destination: header.IPv6EmptySubnet, Gateway: toAddress(config.Gateway6), NIC: nic})
	}
	return all
}

func subnet(prefix netip.Prefix) tcpip.Subnet {
	masked := prefix.Masked()
	return tcpip.AddressWithPrefix{
		Address:   toAddress(masked.Addr()),
		PrefixLen: masked.Bits(),
	}.Subnet()
}
