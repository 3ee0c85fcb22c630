// SPDX-License-Identifier: Apache-2.0

//! The wire between smoltcp and the harness.

use crate::abi::Host;
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

const ETHERNET_HEADER: usize = 14;

pub struct Link {
    host: *const Host,
    mtu: usize,
    /// A frame that has arrived, and that smoltcp has not taken yet.
    pub arrived: Option<Vec<u8>>,
    /// Frames go nowhere: what a host says at its start is of before the case.
    pub is_muted: bool,
}

impl Link {
    pub fn new(host: *const Host, mtu: u16) -> Self {
        Link { host, mtu: mtu.into(), arrived: None, is_muted: true }
    }
}

pub struct Arrived(Vec<u8>);
pub struct Room<'a>(&'a Link);

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, size: usize, f: F) -> R {
        let mut frame = vec![0; size];
        let result = f(&mut frame);
        if !self.0.is_muted {
            // SAFETY: `host` is valid until destroy(), and the frame until send() returns.
            unsafe {
                let host = &*self.0.host;
                (host.send)(host.context, frame.as_ptr(), frame.len());
            }
        }
        result
    }
}

impl Device for Link {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Arrived, Room<'_>)> {
        let frame = self.arrived.take()?;
        Some((Arrived(frame), Room(self)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        Some(Room(self))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = self.mtu + ETHERNET_HEADER;
        capabilities
    }
}
