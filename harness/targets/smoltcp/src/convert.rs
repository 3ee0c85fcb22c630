// SPDX-License-Identifier: Apache-2.0

//! Addresses of the interface to those of smoltcp, and back.

use crate::abi::{Address, Endpoint, IPV4, IPV6};
use smoltcp::wire::{IpAddress, IpCidr, Ipv4Address, Ipv6Address};

pub fn ipv4(octets: [u8; 16]) -> Ipv4Address {
    Ipv4Address::new(octets[0], octets[1], octets[2], octets[3])
}

impl Address {
    const NONE: Address = Address { family: 0, octets: [0; 16] };

    pub fn get(&self) -> Option<IpAddress> {
        let address: IpAddress = match self.family {
            IPV4 => ipv4(self.octets).into(),
            IPV6 => Ipv6Address::from(self.octets).into(),
            _ => return None,
        };
        (!address.is_unspecified()).then_some(address)
    }

    pub fn of(address: Option<IpAddress>) -> Self {
        let mut out = Address::NONE;
        match address {
            None => {}
            Some(IpAddress::Ipv4(address)) => {
                out.family = IPV4;
                out.octets[..4].copy_from_slice(&address.octets());
            }
            Some(IpAddress::Ipv6(address)) => {
                out.family = IPV6;
                out.octets = address.octets();
            }
        }
        out
    }
}

impl Endpoint {
    pub fn of(address: Option<IpAddress>, port: u16) -> Self {
        Endpoint { address: Address::of(address), port }
    }
}

pub fn prefix(prefix: &crate::abi::Prefix) -> Option<IpCidr> {
    Some(IpCidr::new(prefix.address.get()?, prefix.length))
}

pub fn family_of(address: IpAddress) -> u8 {
    match address {
        IpAddress::Ipv4(_) => IPV4,
        IpAddress::Ipv6(_) => IPV6,
    }
}
