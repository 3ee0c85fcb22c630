// SPDX-License-Identifier: Apache-2.0

//! A host that is up knows its gateway's Ethernet address. smoltcp drops what it answers to a frame
//! (an echo, a reset, an error) while it looks for the address of the next hop, so that without this
//! nearly every case would show that and nothing else. smoltcp hears of the address just before the
//! first packet that comes through the gateway, once for each family, and forgets it as it likes.

use crate::abi::{Address, Config};
use crate::convert::{ipv4, prefix};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol,
    Icmpv6Packet, Icmpv6Repr, IpAddress, IpCidr, IpProtocol, Ipv4Address, Ipv4Packet, Ipv6Address,
    Ipv6Packet, Ipv6Repr, NdiscNeighborFlags, NdiscRepr,
};

struct Way<A> {
    gateway: A,
    own: IpCidr,
}

pub struct Gateway {
    mac: EthernetAddress,
    ipv4: Option<Way<Ipv4Address>>,
    ipv6: Option<Way<Ipv6Address>>,
}

impl Gateway {
    pub fn new(config: &Config) -> Self {
        let address = |address: &Address| address.get().map(|_| address.octets);
        let way4 = |octets| Some(Way { gateway: ipv4(octets), own: prefix(&config.local4)? });
        let way6 =
            |octets| Some(Way { gateway: Ipv6Address::from(octets), own: prefix(&config.local6)? });
        Gateway {
            mac: EthernetAddress(config.mac),
            ipv4: address(&config.gateway4).and_then(way4),
            ipv6: address(&config.gateway6).and_then(way6),
        }
    }

    /// The frame that tells smoltcp what `frame` gives away.
    pub fn news_in(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        let frame = EthernetFrame::new_checked(frame).ok()?;
        if frame.dst_addr() != self.mac || !frame.src_addr().is_unicast() {
            return None;
        }
        let mac = frame.src_addr();
        let is_behind = |own: &IpCidr, from: IpAddress| {
            let is_on_link = match from {
                IpAddress::Ipv4(_) => false,
                IpAddress::Ipv6(from) => from.is_unicast_link_local(),
            };
            from.is_unicast() && !is_on_link && !own.contains_addr(&from)
        };
        match frame.ethertype() {
            EthernetProtocol::Ipv4 => {
                let from = Ipv4Packet::new_checked(frame.payload()).ok()?.src_addr();
                let way = self.ipv4.take_if(|way| is_behind(&way.own, from.into()))?;
                Some(self.arp_reply(&way, mac))
            }
            EthernetProtocol::Ipv6 => {
                let from = Ipv6Packet::new_checked(frame.payload()).ok()?.src_addr();
                let way = self.ipv6.take_if(|way| is_behind(&way.own, from.into()))?;
                Some(self.advertisement(&way, mac))
            }
            _ => None,
        }
    }

    fn frame(&self, from: EthernetAddress, kind: EthernetProtocol, size: usize) -> Vec<u8> {
        let mut octets = vec![0; EthernetFrame::<&[u8]>::buffer_len(size)];
        let mut frame = EthernetFrame::new_unchecked(&mut octets);
        frame.set_src_addr(from);
        frame.set_dst_addr(self.mac);
        frame.set_ethertype(kind);
        octets
    }

    fn arp_reply(&self, way: &Way<Ipv4Address>, mac: EthernetAddress) -> Vec<u8> {
        let IpAddress::Ipv4(own) = way.own.address() else {
            unreachable!("the prefix of IPv4 has an address of IPv4");
        };
        let repr = ArpRepr::EthernetIpv4 {
            operation: ArpOperation::Reply,
            source_hardware_addr: mac,
            source_protocol_addr: way.gateway,
            target_hardware_addr: self.mac,
            target_protocol_addr: own,
        };
        let mut octets = self.frame(mac, EthernetProtocol::Arp, repr.buffer_len());
        let mut frame = EthernetFrame::new_unchecked(&mut octets);
        repr.emit(&mut ArpPacket::new_unchecked(frame.payload_mut()));
        octets
    }

    fn advertisement(&self, way: &Way<Ipv6Address>, mac: EthernetAddress) -> Vec<u8> {
        let IpAddress::Ipv6(own) = way.own.address() else {
            unreachable!("the prefix of IPv6 has an address of IPv6");
        };
        let advertisement = Icmpv6Repr::Ndisc(NdiscRepr::NeighborAdvert {
            flags: NdiscNeighborFlags::SOLICITED | NdiscNeighborFlags::OVERRIDE,
            target_addr: way.gateway,
            lladdr: Some(mac.into()),
        });
        let header = Ipv6Repr {
            src_addr: way.gateway,
            dst_addr: own,
            next_header: IpProtocol::Icmpv6,
            payload_len: advertisement.buffer_len(),
            hop_limit: 255,
        };
        let size = header.buffer_len() + advertisement.buffer_len();
        let mut octets = self.frame(mac, EthernetProtocol::Ipv6, size);
        let mut frame = EthernetFrame::new_unchecked(&mut octets);
        let mut packet = Ipv6Packet::new_unchecked(frame.payload_mut());
        header.emit(&mut packet);
        advertisement.emit(
            &way.gateway,
            &own,
            &mut Icmpv6Packet::new_unchecked(packet.payload_mut()),
            &ChecksumCapabilities::default(),
        );
        octets
    }
}
