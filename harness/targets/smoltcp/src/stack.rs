// SPDX-License-Identifier: Apache-2.0

//! One life of smoltcp: an interface with its sockets, and its clock.

use crate::abi::{self, Host};
use crate::convert;
use crate::descriptors::Descriptors;
use crate::gateway::Gateway;
use crate::link::Link;
use crate::settings::Settings;
use smoltcp::iface::{Config, Interface, PollResult, SocketSet};
use smoltcp::socket::dns;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpAddress, IpCidr, Ipv6Address};
use std::sync::atomic::{AtomicU32, Ordering};

/// A case meets a host that is up: it has told its groups, and has fallen silent.
const AGE_AT_START: Duration = Duration::from_secs(60);

/// poll_at() says "now" of what smoltcp cannot do yet for a reason that it does not know.
const RETRY: Duration = Duration::from_millis(1);

/// Nor does it tell of the reports that it owes to a multicast querier.
const REPORTS_WITHIN: Duration = Duration::from_secs(30);
const REPORTS_STEP: Duration = Duration::from_millis(10);

/// For the generator of timestamps, which smoltcp calls without an argument.
static MILLISECONDS: AtomicU32 = AtomicU32::new(0);

pub fn timestamp() -> u32 {
    MILLISECONDS.load(Ordering::Relaxed)
}

/// What has just happened, which tells why a connection ended.
#[derive(Clone, Copy, PartialEq)]
pub enum Cause {
    Frame,
    Time,
    Call,
}

pub struct Stack {
    link: Link,
    pub interface: Interface,
    pub sockets: SocketSet<'static>,
    pub settings: Settings,
    pub descriptors: Descriptors,
    pub queries: Vec<Option<(smoltcp::iface::SocketHandle, dns::QueryHandle)>>,
    gateway: Option<Gateway>,
    now: Instant,
    reports_until: Instant,
    random: u64,
}

impl Stack {
    pub fn new(config: &abi::Config, host: *const Host, settings: Settings) -> Self {
        let mut link = Link::new(host, config.mtu);
        let mac = EthernetAddress(config.mac);
        let mut wanted = Config::new(HardwareAddress::Ethernet(mac));
        wanted.random_seed = config.seed;
        let mut interface = Interface::new(wanted, &mut link, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            let own = [&config.local4, &config.local6].into_iter().filter_map(convert::prefix);
            for address in own.chain([link_local(config.mac)]) {
                addresses.push(address).expect("room for three addresses");
            }
        });
        let routes = interface.routes_mut();
        if let Some(IpAddress::Ipv4(gateway)) = config.gateway4.get() {
            routes.add_default_ipv4_route(gateway).expect("room for a route");
        }
        if let Some(IpAddress::Ipv6(gateway)) = config.gateway6.get() {
            routes.add_default_ipv6_route(gateway).expect("room for a route");
        }
        let settings_are_stock = settings.is_stock;
        let mut stack = Stack {
            link,
            interface,
            sockets: SocketSet::new(vec![]),
            settings,
            descriptors: Descriptors::default(),
            queries: vec![],
            gateway: (!settings_are_stock).then(|| Gateway::new(config)),
            now: Instant::ZERO,
            reports_until: Instant::ZERO,
            random: config.seed,
        };
        stack.grow_up();
        stack
    }

    fn grow_up(&mut self) {
        let start = Instant::ZERO + AGE_AT_START;
        while self.now < start {
            self.run(Cause::Time);
            self.now += RETRY * 100;
        }
        self.now = start;
        self.run(Cause::Time);
        self.link.is_muted = false;
    }

    pub fn inject(&mut self, frame: &[u8]) {
        if matches!(frame, [0x01, 0x00, 0x5e, ..] | [0x33, 0x33, ..]) {
            self.reports_until = self.now + REPORTS_WITHIN;
        }
        if let Some(news) = self.gateway.as_mut().and_then(|gateway| gateway.news_in(frame)) {
            self.receive(news);
        }
        self.receive(frame.to_vec());
    }

    fn receive(&mut self, frame: Vec<u8>) {
        self.link.arrived = Some(frame);
        self.run(Cause::Frame);
    }

    pub fn advance(&mut self, now_ns: u64) {
        self.now = Instant::ZERO + AGE_AT_START + Duration::from_micros(now_ns / 1000);
        self.run(Cause::Time);
    }

    /// In nanoseconds of the harness.
    pub fn next_timer(&mut self) -> Option<u64> {
        let mut next = self.interface.poll_at(self.now, &self.sockets);
        if self.now < self.reports_until {
            let look = self.now + REPORTS_STEP;
            next = Some(next.map_or(look, |at| at.min(look)));
        }
        let next = match next? {
            at if at > self.now => at,
            _ => self.now + RETRY,
        };
        Some((next - (Instant::ZERO + AGE_AT_START)).total_micros() * 1000)
    }

    /// Until nothing is left to be done at this instant.
    pub fn run(&mut self, cause: Cause) {
        MILLISECONDS.store(self.now.total_millis() as u32, Ordering::Relaxed);
        loop {
            while self.interface.poll(self.now, &mut self.link, &mut self.sockets)
                == PollResult::SocketStateChanged
            {}
            if !self.settle(cause) {
                break;
            }
        }
    }

    /// splitmix64, for what smoltcp leaves to its user.
    pub fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn link_local(mac: [u8; 6]) -> IpCidr {
    let [a, b, c, d, e, f] = mac;
    let identifier = [a ^ 2, b, c, 0xff, 0xfe, d, e, f];
    let mut octets = [0; 16];
    octets[..2].copy_from_slice(&[0xfe, 0x80]);
    octets[8..].copy_from_slice(&identifier);
    IpCidr::new(Ipv6Address::from(octets).into(), 64)
}
