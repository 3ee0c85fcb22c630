// SPDX-License-Identifier: Apache-2.0

//! harness/targets/packetwright_target.h, version 1, in the words of Rust.

use std::ffi::{c_char, c_int, c_void};

pub const VERSION: u32 = 1;

pub const IPV4: u8 = 4;
pub const IPV6: u8 = 6;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Address {
    pub family: u8,
    pub octets: [u8; 16],
}

#[repr(C)]
pub struct Prefix {
    pub address: Address,
    pub length: u8,
}

#[repr(C)]
pub struct Endpoint {
    pub address: Address,
    pub port: u16,
}

#[repr(C)]
pub struct Knob {
    pub name: *const c_char,
    pub value: *const c_char,
}

#[repr(C)]
pub struct Config {
    pub size: u32,
    pub seed: u64,
    pub local4: Prefix,
    pub local6: Prefix,
    pub gateway4: Address,
    pub gateway6: Address,
    pub peer4: Address,
    pub peer6: Address,
    pub mac: [u8; 6],
    pub mtu: u16,
    pub knobs: *const Knob,
    pub knob_count: usize,
}

#[repr(C)]
pub struct Host {
    pub size: u32,
    pub context: *mut c_void,
    pub send: unsafe extern "C" fn(*mut c_void, *const u8, usize),
    pub log: unsafe extern "C" fn(*mut c_void, *const c_char),
}

pub const STREAM: c_int = 1;
pub const DATAGRAM: c_int = 2;

pub const ANY: c_int = 0;
pub const TCP: c_int = 6;
pub const UDP: c_int = 17;

pub const SHUT_WRITE: c_int = 1;

pub const PEEK: u32 = 1;
pub const OUT_OF_BAND: u32 = 2;
pub const FAST_OPEN: u32 = 8;

pub const READABLE: c_int = 1;
pub const WRITABLE: c_int = 2;
pub const HANG_UP: c_int = 8;
pub const ERROR: c_int = 16;

pub const SO_ERROR: c_int = 0;
pub const SO_REUSEADDR: c_int = 1;
pub const SO_LINGER: c_int = 3;
pub const SO_SNDBUF: c_int = 4;
pub const SO_RCVBUF: c_int = 5;
pub const IP_TTL: c_int = 8;
pub const IPV6_UNICAST_HOPS: c_int = 14;
pub const TCP_NODELAY: c_int = 16;
pub const TCP_USER_TIMEOUT: c_int = 22;
pub const TCP_QUICKACK: c_int = 23;

#[repr(C)]
pub struct Counter {
    pub name: *const c_char,
    pub value: i64,
}

#[repr(C)]
pub struct TcpStatus {
    pub state: u8,
    pub counter_count: u32,
    pub counters: [Counter; 32],
}

pub const ETHERNET: u32 = 1;
pub const NEVER: u64 = u64::MAX;

pub type Call0 = unsafe extern "C" fn(*mut c_void, c_int) -> c_int;
pub type Call1 = unsafe extern "C" fn(*mut c_void, c_int, c_int) -> c_int;

#[repr(C)]
pub struct Target {
    pub version: u32,
    pub size: u32,
    pub name: *const c_char,
    pub stack_version: *const c_char,
    pub capabilities: *const c_char,
    pub flags: u32,
    pub tick_ns: u64,
    pub slack_ns: u64,
    pub create: unsafe extern "C" fn(
        *const Config,
        *const Host,
        *mut *mut c_void,
        *mut c_char,
        usize,
    ) -> c_int,
    pub destroy: unsafe extern "C" fn(*mut c_void),
    pub inject: unsafe extern "C" fn(*mut c_void, *const u8, usize),
    pub reset: Option<unsafe extern "C" fn()>,
    pub advance: unsafe extern "C" fn(*mut c_void, u64),
    pub next_timer: unsafe extern "C" fn(*mut c_void) -> u64,
    pub now: Option<unsafe extern "C" fn()>,
    pub wait: Option<unsafe extern "C" fn()>,
    pub socket: unsafe extern "C" fn(*mut c_void, c_int, c_int, c_int) -> c_int,
    pub bind: unsafe extern "C" fn(*mut c_void, c_int, *const Endpoint) -> c_int,
    pub listen: Call1,
    pub accept: unsafe extern "C" fn(*mut c_void, c_int, *mut Endpoint) -> c_int,
    pub connect: unsafe extern "C" fn(*mut c_void, c_int, *const Endpoint) -> c_int,
    pub read:
        unsafe extern "C" fn(*mut c_void, c_int, *mut u8, usize, *mut u32, *mut Endpoint) -> i64,
    pub write:
        unsafe extern "C" fn(*mut c_void, c_int, *const u8, usize, u32, *const Endpoint) -> i64,
    pub shutdown: Call1,
    pub close: Call0,
    pub set_option: unsafe extern "C" fn(*mut c_void, c_int, c_int, i64) -> c_int,
    pub get_option: unsafe extern "C" fn(*mut c_void, c_int, c_int, *mut i64) -> c_int,
    pub poll: Call0,
    pub local_endpoint: unsafe extern "C" fn(*mut c_void, c_int, *mut Endpoint) -> c_int,
    pub tcp_status: unsafe extern "C" fn(*mut c_void, c_int, *mut TcpStatus) -> c_int,
    pub set_isn: Option<unsafe extern "C" fn()>,
    pub resolve: unsafe extern "C" fn(*mut c_void, *const c_char, c_int, *const Endpoint) -> c_int,
    pub resolved: unsafe extern "C" fn(*mut c_void, c_int, *mut Address, usize) -> c_int,
    pub netstat: Option<unsafe extern "C" fn()>,
}

// SAFETY: what the pointers point to never changes.
unsafe impl Sync for Target {}

// As C lays them out on every system of 64 bits.
#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::{offset_of, size_of};
    assert!(size_of::<Address>() == 17);
    assert!(size_of::<Prefix>() == 18);
    assert!(size_of::<Endpoint>() == 20);
    assert!(size_of::<Config>() == 144);
    assert!(offset_of!(Config, gateway4) == 52);
    assert!(offset_of!(Config, mac) == 120);
    assert!(size_of::<Host>() == 32);
    assert!(size_of::<TcpStatus>() == 520);
    assert!(size_of::<Target>() == 264);
    assert!(offset_of!(Target, create) == 56);
    assert!(offset_of!(Target, socket) == 120);
    assert!(offset_of!(Target, tcp_status) == 224);
};
