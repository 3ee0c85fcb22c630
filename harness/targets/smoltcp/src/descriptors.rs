// SPDX-License-Identifier: Apache-2.0

//! Descriptors, and what each kind of them has of smoltcp's sockets.

use crate::abi::Endpoint;
use crate::convert::family_of;
use crate::stack::{Cause, Stack};
use libc::c_int;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp;
use smoltcp::wire::IpAddress;
use std::collections::VecDeque;

/// A number of 0 or more, or an errno.
pub type Answer<T> = Result<T, c_int>;

const FIRST_EPHEMERAL: u16 = 49152;

#[derive(Clone)]
pub struct Options {
    pub receive_buffer: usize,
    pub send_buffer: usize,
    pub hop_limit: Option<u8>,
    pub nagle: bool,
    pub quick_ack: bool,
    pub user_timeout_ms: u64,
    pub reuses_address: bool,
    /// SO_LINGER of no time: close() resets.
    pub aborts: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            receive_buffer: 65536,
            send_buffer: 65536,
            hop_limit: None,
            nagle: true,
            quick_ack: false,
            user_timeout_ms: 0,
            reuses_address: false,
            aborts: false,
        }
    }
}

#[derive(Clone, Copy, Default)]
pub struct Local {
    pub address: Option<IpAddress>,
    pub port: u16,
}

pub struct Stream {
    pub handle: SocketHandle,
    pub state: tcp::State,
    pub was_connected: bool,
    pub write_closed: bool,
}

/// smoltcp has no backlog: a socket that listens becomes the connection. So several listen.
pub struct Listener {
    pub backlog: usize,
    pub waiting: Vec<SocketHandle>,
    pub ready: VecDeque<SocketHandle>,
}

pub struct Datagram {
    pub handle: SocketHandle,
    /// Where smoltcp puts ICMP errors about the port.
    pub errors: SocketHandle,
    pub remote: Option<(IpAddress, u16)>,
}

pub enum Kind {
    /// Of TCP, neither connected nor listening.
    Fresh,
    Stream(Stream),
    Listener(Listener),
    Datagram(Datagram),
}

pub struct Descriptor {
    pub family: u8,
    pub local: Local,
    pub options: Options,
    /// An errno, told once.
    pub error: c_int,
    pub kind: Kind,
}

impl Descriptor {
    pub fn new(family: u8, kind: Kind) -> Self {
        let (local, options) = Default::default();
        Descriptor { family, local, options, error: 0, kind }
    }

    pub fn take_error(&mut self) -> c_int {
        std::mem::take(&mut self.error)
    }

    fn is_datagram(&self) -> bool {
        matches!(self.kind, Kind::Datagram(_))
    }

    pub fn stream(&mut self) -> Option<&mut Stream> {
        match &mut self.kind {
            Kind::Stream(stream) => Some(stream),
            _ => None,
        }
    }
}

#[derive(Default)]
pub struct Descriptors {
    table: Vec<Option<Descriptor>>,
    /// TCP sockets whose descriptor is closed, until the protocol is through with them.
    pub orphans: Vec<SocketHandle>,
}

impl Descriptors {
    pub fn add(&mut self, descriptor: Descriptor) -> c_int {
        let free = self.table.iter().position(Option::is_none);
        let index = free.unwrap_or_else(|| {
            self.table.push(None);
            self.table.len() - 1
        });
        self.table[index] = Some(descriptor);
        index as c_int
    }

    pub fn get(&mut self, fd: c_int) -> Answer<&mut Descriptor> {
        let slot = usize::try_from(fd).ok().and_then(|index| self.table.get_mut(index));
        slot.and_then(Option::as_mut).ok_or(libc::EBADF)
    }

    pub fn take(&mut self, fd: c_int) -> Answer<Descriptor> {
        self.get(fd)?;
        self.table[fd as usize].take().ok_or(libc::EBADF)
    }

    fn port_is_taken(&self, is_datagram: bool, local: &Local, family: u8, shares: bool) -> bool {
        self.table.iter().flatten().any(|other| {
            let overlaps = local.address.is_none()
                || other.local.address.is_none()
                || local.address == other.local.address;
            other.is_datagram() == is_datagram
                && other.family == family
                && other.local.port == local.port
                && overlaps
                && !(shares && other.options.reuses_address)
        })
    }
}

/// The address that a call names has to be of the socket's family.
pub fn address_for(family: u8, endpoint: &Endpoint) -> Answer<Option<IpAddress>> {
    if endpoint.address.family != 0 && endpoint.address.family != family {
        return Err(libc::EAFNOSUPPORT);
    }
    Ok(endpoint.address.get())
}

impl Stack {
    fn is_free(&self, d_is_datagram: bool, local: &Local, family: u8, shares: bool) -> bool {
        !self.descriptors.port_is_taken(d_is_datagram, local, family, shares)
    }

    /// Chosen as RFC 6056 wants it: smoltcp leaves ports to its user.
    pub fn ephemeral_port(&mut self, is_datagram: bool, family: u8) -> u16 {
        loop {
            let span = u64::from(u16::MAX - FIRST_EPHEMERAL) + 1;
            let port = FIRST_EPHEMERAL + (self.random() % span) as u16;
            if self.is_free(is_datagram, &Local { address: None, port }, family, false) {
                return port;
            }
        }
    }

    pub fn bind(&mut self, fd: c_int, wanted: &Endpoint) -> Answer<c_int> {
        let d = self.descriptors.get(fd)?;
        let address = address_for(d.family, wanted)?;
        let can_bind = matches!(d.kind, Kind::Fresh | Kind::Datagram(_)) && d.local.port == 0;
        if !can_bind {
            return Err(libc::EINVAL);
        }
        let (family, is_datagram) = (d.family, d.is_datagram());
        let shares = d.options.reuses_address;
        let is_own = address.is_none_or(|address| {
            self.interface.has_ip_addr(address) || address.is_multicast() || address.is_broadcast()
        });
        if !is_own {
            return Err(libc::EADDRNOTAVAIL);
        }
        let mut local = Local { address, port: wanted.port };
        if local.port == 0 {
            local.port = self.ephemeral_port(is_datagram, family);
        } else if !self.is_free(is_datagram, &local, family, shares) {
            return Err(libc::EADDRINUSE);
        }
        self.descriptors.get(fd)?.local = local;
        if is_datagram {
            self.open_datagram(fd)?;
        }
        Ok(0)
    }

    pub fn close(&mut self, fd: c_int) -> Answer<c_int> {
        let d = self.descriptors.take(fd)?;
        match d.kind {
            Kind::Fresh => {}
            Kind::Stream(stream) => {
                self.leave(stream.handle, d.options.aborts);
            }
            Kind::Listener(listener) => {
                for handle in listener.waiting.into_iter().chain(listener.ready) {
                    self.leave(handle, true);
                }
            }
            Kind::Datagram(datagram) => {
                self.sockets.remove(datagram.handle);
                self.sockets.remove(datagram.errors);
            }
        }
        self.run(Cause::Call);
        Ok(0)
    }

    pub fn local_endpoint(&mut self, fd: c_int) -> Answer<Endpoint> {
        let d = self.descriptors.get(fd)?;
        let Local { mut address, mut port } = d.local;
        if let Kind::Stream(stream) = &d.kind {
            if let Some(end) = self.sockets.get::<tcp::Socket>(stream.handle).local_endpoint() {
                (address, port) = (Some(end.addr), end.port);
            }
        }
        Ok(Endpoint::of(address, port))
    }

    /// Looks at what smoltcp has done. True: there is something for it to do.
    pub fn settle(&mut self, cause: Cause) -> bool {
        let mut has_work = false;
        let Stack { descriptors, sockets, .. } = self;
        for d in descriptors.table.iter_mut().flatten() {
            match &mut d.kind {
                Kind::Stream(stream) => {
                    let state = sockets.get::<tcp::Socket>(stream.handle).state();
                    if state == tcp::State::Closed && state != stream.state {
                        d.error = stream.error_of_end(cause).unwrap_or(d.error);
                    }
                    stream.state = state;
                    stream.was_connected |= is_synchronized(state);
                }
                Kind::Listener(listener) => listener.settle(sockets, d.family),
                Kind::Fresh | Kind::Datagram(_) => {}
            }
        }
        descriptors.orphans.retain(|&handle| {
            let socket = sockets.get_mut::<tcp::Socket>(handle);
            // Nobody will read this: RFC 1122, 4.2.2.13.
            let may_reset = {
                use tcp::State::*;
                matches!(socket.state(), Established | FinWait1 | FinWait2 | CloseWait)
            };
            if socket.recv_queue() > 0 && may_reset {
                socket.abort();
                has_work = true;
            }
            // Its addresses are kept until the reset of an abort() is out.
            let is_over =
                socket.state() == tcp::State::Closed && socket.remote_endpoint().is_none();
            if is_over {
                sockets.remove(handle);
            }
            !is_over
        });
        has_work
    }
}

pub fn is_synchronized(state: tcp::State) -> bool {
    use tcp::State::*;
    !matches!(state, Closed | Listen | SynSent | SynReceived)
}

impl Stream {
    /// smoltcp does not say why a connection is closed.
    fn error_of_end(&self, cause: Cause) -> Option<c_int> {
        use tcp::State::*;
        let is_orderly = matches!(self.state, LastAck | Closing | TimeWait);
        match cause {
            _ if is_orderly => None,
            Cause::Call => None,
            Cause::Time => Some(libc::ETIMEDOUT),
            Cause::Frame if self.was_connected => Some(libc::ECONNRESET),
            Cause::Frame => Some(libc::ECONNREFUSED),
        }
    }
}

impl Listener {
    fn settle(&mut self, sockets: &mut smoltcp::iface::SocketSet<'static>, family: u8) {
        let ready = &mut self.ready;
        self.waiting.retain(|&handle| {
            let socket = sockets.get_mut::<tcp::Socket>(handle);
            let is_ready = is_synchronized(socket.state());
            if is_ready {
                ready.push_back(handle);
            } else if socket.state() == tcp::State::Closed {
                let local = socket.listen_endpoint();
                socket.listen(local).expect("a closed socket can listen");
            }
            !is_ready
        });
        // Those that a reset has ended before anybody accepted them.
        ready.retain(|&handle| {
            let socket = sockets.get::<tcp::Socket>(handle);
            let is_there = socket.state() != tcp::State::Closed
                && socket.remote_endpoint().is_some_and(|peer| family_of(peer.addr) == family);
            if !is_there {
                sockets.remove(handle);
            }
            is_there
        });
    }
}
