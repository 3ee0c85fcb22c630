// SPDX-License-Identifier: Apache-2.0

//! The smoltcp crate behind the C functions that bench/peers/smoltcp_host.cc calls: two interfaces,
//! one for each host, each with its sockets.

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpAddress, IpCidr, IpListenEndpoint};
use std::collections::VecDeque;

const PORT: u16 = 80;
const BUFFER: usize = 64 * 1024;

#[derive(Default)]
struct Frames {
    queue: VecDeque<Vec<u8>>,
    spare: Vec<Vec<u8>>,
}

impl Frames {
    fn push(&mut self, size: usize) -> &mut Vec<u8> {
        let mut frame = self.spare.pop().unwrap_or_default();
        frame.resize(size, 0);
        self.queue.push_back(frame);
        self.queue.back_mut().unwrap()
    }
}

#[derive(Default)]
struct Link {
    received: Frames,
    sent: Frames,
}

struct Received<'a> {
    frame: Vec<u8>,
    spare: &'a mut Vec<Vec<u8>>,
}
struct Room<'a>(&'a mut Frames);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        let result = f(&self.frame);
        self.spare.push(self.frame);
        result
    }
}

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        f(self.0.push(len))
    }
}

impl Device for Link {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Room<'_>)> {
        let frame = self.received.queue.pop_front()?;
        let spare = &mut self.received.spare;
        Some((Received { frame, spare }, Room(&mut self.sent)))
    }
    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        Some(Room(&mut self.sent))
    }
    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}

pub struct Host {
    link: Link,
    interface: Interface,
    sockets: SocketSet<'static>,
    listener: Option<SocketHandle>,
    handles: Vec<SocketHandle>,
    idle: Vec<usize>,     // into handles: sockets that are closed
    closing: Vec<usize>,  // and those that will be
    next_port: u16,
    dirty: bool,
}

impl Host {
    fn poll(&mut self, now: i64) {
        self.dirty = false;
        self.interface
            .poll(Instant::from_micros(now), &mut self.link, &mut self.sockets);
    }

    fn socket(&mut self, handle: i32) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handles[handle as usize])
    }

    fn take_idle(&mut self) -> usize {
        if let Some(index) = self.idle.pop() {
            return index;
        }
        let buffer = || SocketBuffer::new(vec![0; BUFFER]);
        let handle = self.sockets.add(Socket::new(buffer(), buffer()));
        self.handles.push(handle);
        self.handles.len() - 1
    }

    fn listen(&mut self) {
        let index = self.take_idle();
        let handle = self.handles[index];
        self.sockets
            .get_mut::<Socket>(handle)
            .listen(IpListenEndpoint::from(PORT))
            .unwrap();
        self.listener = Some(handle);
    }
}

#[no_mangle]
pub extern "C" fn peers_smoltcp_make(number: u8) -> *mut Host {
    let mut link = Link::default();
    let hardware = HardwareAddress::Ethernet(EthernetAddress([2, 0, 0, 0, 0, number]));
    let mut config = Config::new(hardware);
    config.random_seed = number.into();
    let mut interface = Interface::new(config, &mut link, Instant::ZERO);
    interface.update_ip_addrs(|addresses| {
        addresses
            .push(IpCidr::new(IpAddress::v4(10, 1, 0, number), 24))
            .unwrap();
    });
    Box::into_raw(Box::new(Host {
        link,
        interface,
        sockets: SocketSet::new(vec![]),
        listener: None,
        handles: vec![],
        idle: vec![],
        closing: vec![],
        next_port: 49152,
        dirty: false,
    }))
}

/// # Safety
/// `host` came from `peers_smoltcp_make` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn peers_smoltcp_free(host: *mut Host) {
    drop(Box::from_raw(host));
}

/// # Safety
/// `data` points to `size` octets.
#[no_mangle]
pub unsafe extern "C" fn peers_smoltcp_on_frame(host: &mut Host, data: *const u8, size: usize) {
    let frame = host.link.received.push(size);
    frame.copy_from_slice(std::slice::from_raw_parts(data, size));
    host.dirty = true;
}

/// The next frame, or null; it stays good until the next call.
///
/// # Safety
/// `size` is writable.
#[no_mangle]
pub unsafe extern "C" fn peers_smoltcp_next_tx(
    host: &mut Host,
    now: i64,
    size: *mut usize,
) -> *const u8 {
    if host.dirty {
        host.poll(now);
    }
    let Some(frame) = host.link.sent.queue.pop_front() else {
        return std::ptr::null();
    };
    *size = frame.len();
    host.link.sent.spare.push(frame);
    host.link.sent.spare.last().unwrap().as_ptr()
}

#[no_mangle]
pub extern "C" fn peers_smoltcp_on_time(host: &mut Host, now: i64) {
    host.poll(now);
    let (handles, sockets, idle) = (&host.handles, &host.sockets, &mut host.idle);
    host.closing.retain(|&index| {
        let open = sockets.get::<Socket>(handles[index]).state() != State::Closed;
        if !open {
            idle.push(index);
        }
        open
    });
}

#[no_mangle]
pub extern "C" fn peers_smoltcp_listen(host: &mut Host) {
    host.listen();
}

#[no_mangle]
pub extern "C" fn peers_smoltcp_connect(host: &mut Host) -> i32 {
    let index = host.take_idle();
    let handle = host.handles[index];
    host.next_port = if host.next_port == 65535 { 49152 } else { host.next_port + 1 };
    let port = host.next_port;
    host.sockets
        .get_mut::<Socket>(handle)
        .connect(host.interface.context(), (IpAddress::v4(10, 1, 0, 2), PORT), port)
        .unwrap();
    host.dirty = true;
    index as i32
}

#[no_mangle]
pub extern "C" fn peers_smoltcp_accept(host: &mut Host) -> i32 {
    let Some(listener) = host.listener else {
        return -1;
    };
    if !host.sockets.get::<Socket>(listener).may_send() {
        return -1;
    }
    let index = host.handles.iter().position(|&h| h == listener).unwrap();
    host.listen();
    index as i32
}

/// # Safety
/// `data` points to `size` octets.
#[no_mangle]
pub unsafe extern "C" fn peers_smoltcp_write(
    host: &mut Host,
    handle: i32,
    data: *const u8,
    size: usize,
) -> usize {
    host.dirty = true;
    let octets = std::slice::from_raw_parts(data, size);
    host.socket(handle).send_slice(octets).unwrap_or(0)
}

/// # Safety
/// `data` points to `size` writable octets.
#[no_mangle]
pub unsafe extern "C" fn peers_smoltcp_read(
    host: &mut Host,
    handle: i32,
    data: *mut u8,
    size: usize,
) -> usize {
    let octets = std::slice::from_raw_parts_mut(data, size);
    let mut count = 0;
    // At the end of its ring a socket gives less than it has.
    while let Ok(more) = host.socket(handle).recv_slice(&mut octets[count..]) {
        count += more;
        if more == 0 {
            break;
        }
    }
    if count > 0 {
        host.dirty = true;
    }
    count
}

#[no_mangle]
pub extern "C" fn peers_smoltcp_at_end(host: &mut Host, handle: i32) -> bool {
    !host.socket(handle).may_recv()
}

#[no_mangle]
pub extern "C" fn peers_smoltcp_close(host: &mut Host, handle: i32) {
    host.socket(handle).close();
    host.closing.push(handle as usize);
    host.dirty = true;
}
