// SPDX-License-Identifier: Apache-2.0

//! TCP.

use crate::abi::{self, Endpoint};
use crate::descriptors::{
    Answer, Descriptor, Kind, Listener, Local, Options, Stream, address_for, is_synchronized,
};
use crate::stack::{Cause, Stack, timestamp};
use libc::c_int;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp;
use smoltcp::time::Duration;
use smoltcp::wire::IpListenEndpoint;

const MOST_WAITING: usize = 16;
/// smoltcp's own, which it does not export.
const ACK_DELAY: Duration = Duration::from_millis(10);

pub fn apply(options: &Options, socket: &mut tcp::Socket) {
    socket.set_nagle_enabled(options.nagle);
    socket.set_hop_limit(options.hop_limit);
    let timeout = options.user_timeout_ms;
    socket.set_timeout((timeout > 0).then(|| Duration::from_millis(timeout)));
    socket.set_ack_delay((!options.quick_ack).then_some(ACK_DELAY));
}

impl Stack {
    fn new_stream(&mut self, options: &Options) -> SocketHandle {
        let buffer = |size: usize| tcp::SocketBuffer::new(vec![0; size]);
        let mut socket =
            tcp::Socket::new(buffer(options.receive_buffer), buffer(options.send_buffer));
        socket.set_congestion_control(self.settings.congestion_control);
        socket.set_tsval_generator(self.settings.timestamps.then_some(timestamp));
        apply(options, &mut socket);
        self.sockets.add(socket)
    }

    /// Of a descriptor that is gone, so what is unread stays so (RFC 1122, 4.2.2.13).
    pub fn leave(&mut self, handle: SocketHandle, aborts: bool) {
        let socket = self.sockets.get_mut::<tcp::Socket>(handle);
        if aborts && is_synchronized(socket.state()) {
            socket.abort();
        } else {
            socket.close();
        }
        self.descriptors.orphans.push(handle);
    }

    fn listen_once(&mut self, fd: c_int) -> Answer<()> {
        let d = self.descriptors.get(fd)?;
        let options = d.options.clone();
        let local = IpListenEndpoint { addr: d.local.address, port: d.local.port };
        let handle = self.new_stream(&options);
        self.sockets.get_mut::<tcp::Socket>(handle).listen(local).map_err(|_| libc::EINVAL)?;
        if let Kind::Listener(listener) = &mut self.descriptors.get(fd)?.kind {
            listener.waiting.push(handle);
        }
        Ok(())
    }

    /// Connections and what may become one are as many as the backlog says.
    fn replenish(&mut self, fd: c_int) -> Answer<()> {
        while let Kind::Listener(listener) = &self.descriptors.get(fd)?.kind {
            if listener.waiting.len() + listener.ready.len() >= listener.backlog {
                break;
            }
            self.listen_once(fd)?;
        }
        Ok(())
    }

    pub fn listen(&mut self, fd: c_int, backlog: c_int) -> Answer<c_int> {
        let d = self.descriptors.get(fd)?;
        let family = d.family;
        let backlog = (backlog.max(1) as usize).min(MOST_WAITING);
        match &mut d.kind {
            Kind::Listener(listener) => listener.backlog = backlog,
            Kind::Fresh => {
                if d.local.port == 0 {
                    let port = self.ephemeral_port(false, family);
                    self.descriptors.get(fd)?.local.port = port;
                }
                let (waiting, ready) = Default::default();
                self.descriptors.get(fd)?.kind =
                    Kind::Listener(Listener { backlog, waiting, ready });
            }
            Kind::Stream(_) => return Err(libc::EINVAL),
            Kind::Datagram(_) => return Err(libc::EOPNOTSUPP),
        }
        self.replenish(fd)?;
        Ok(0)
    }

    pub fn accept(&mut self, fd: c_int) -> Answer<(c_int, Endpoint)> {
        let d = self.descriptors.get(fd)?;
        let (family, local, options) = (d.family, d.local, d.options.clone());
        let Kind::Listener(listener) = &mut d.kind else {
            return Err(libc::EINVAL);
        };
        let handle = listener.ready.pop_front().ok_or(libc::EAGAIN)?;
        self.replenish(fd)?;
        let socket = self.sockets.get::<tcp::Socket>(handle);
        let peer = socket.remote_endpoint().ok_or(libc::ECONNABORTED)?;
        let state = socket.state();
        let stream = Stream { handle, state, was_connected: true, write_closed: false };
        let mut accepted = Descriptor::new(family, Kind::Stream(stream));
        accepted.local = local;
        accepted.options = Options { reuses_address: true, ..options };
        Ok((self.descriptors.add(accepted), Endpoint::of(Some(peer.addr), peer.port)))
    }

    pub fn connect_stream(&mut self, fd: c_int, remote: &Endpoint) -> Answer<c_int> {
        let d = self.descriptors.get(fd)?;
        let address = address_for(d.family, remote)?.ok_or(libc::EADDRNOTAVAIL)?;
        match &d.kind {
            Kind::Fresh => {}
            Kind::Stream(stream) if stream.state == tcp::State::Closed => return Err(libc::EINVAL),
            Kind::Stream(stream) if stream.was_connected => return Err(libc::EISCONN),
            Kind::Stream(_) => return Err(libc::EALREADY),
            Kind::Listener(_) | Kind::Datagram(_) => return Err(libc::EOPNOTSUPP),
        }
        if remote.port == 0 {
            return Err(libc::EADDRNOTAVAIL);
        }
        let family = d.family;
        if d.local.port == 0 {
            let port = self.ephemeral_port(false, family);
            self.descriptors.get(fd)?.local.port = port;
        }
        let d = self.descriptors.get(fd)?;
        let Local { address: addr, port } = d.local;
        let options = d.options.clone();
        let handle = self.new_stream(&options);
        let begun = self.sockets.get_mut::<tcp::Socket>(handle).connect(
            self.interface.context(),
            (address, remote.port),
            IpListenEndpoint { addr, port },
        );
        if begun.is_err() {
            self.sockets.remove(handle);
            return Err(libc::ENETUNREACH);
        }
        let state = tcp::State::SynSent;
        self.descriptors.get(fd)?.kind =
            Kind::Stream(Stream { handle, state, was_connected: false, write_closed: false });
        self.run(Cause::Call);
        Err(libc::EINPROGRESS)
    }

    pub fn read_stream(&mut self, fd: c_int, octets: &mut [u8], peeks: bool) -> Answer<usize> {
        let d = self.descriptors.get(fd)?;
        let Kind::Stream(stream) = &d.kind else {
            return Err(libc::ENOTCONN);
        };
        let is_connecting = !stream.was_connected && stream.state != tcp::State::Closed;
        if is_connecting {
            return Err(libc::ENOTCONN);
        }
        let socket = self.sockets.get_mut::<tcp::Socket>(stream.handle);
        if socket.can_recv() {
            if peeks {
                return socket.peek_slice(octets).map_err(|_| libc::EIO);
            }
            // At the end of its ring a socket gives less than it has.
            let mut count = 0;
            while count < octets.len() && socket.can_recv() {
                count += socket.recv_slice(&mut octets[count..]).map_err(|_| libc::EIO)?;
            }
            self.run(Cause::Call);
            return Ok(count);
        }
        let is_open = socket.may_recv();
        match d.take_error() {
            0 if is_open && !octets.is_empty() => Err(libc::EAGAIN),
            0 => Ok(0),
            error => Err(error),
        }
    }

    pub fn write_stream(&mut self, fd: c_int, octets: &[u8]) -> Answer<usize> {
        let d = self.descriptors.get(fd)?;
        let Kind::Stream(stream) = &d.kind else {
            return Err(libc::ENOTCONN);
        };
        if d.error != 0 {
            return Err(d.take_error());
        }
        if stream.write_closed || stream.state == tcp::State::Closed {
            return Err(libc::EPIPE);
        }
        if !stream.was_connected {
            return Err(libc::EAGAIN);
        }
        let socket = self.sockets.get_mut::<tcp::Socket>(stream.handle);
        let count = socket.send_slice(octets).map_err(|_| libc::EPIPE)?;
        if count == 0 && !octets.is_empty() {
            return Err(libc::EAGAIN);
        }
        self.run(Cause::Call);
        Ok(count)
    }

    pub fn shutdown(&mut self, fd: c_int, how: c_int) -> Answer<c_int> {
        let d = self.descriptors.get(fd)?;
        let stream = d.stream().ok_or(libc::ENOTCONN)?;
        if !stream.was_connected || stream.state == tcp::State::Closed {
            return Err(libc::ENOTCONN);
        }
        // smoltcp cannot close the half that receives.
        if how != abi::SHUT_WRITE {
            return Err(libc::ENOTSUP);
        }
        stream.write_closed = true;
        let handle = stream.handle;
        self.sockets.get_mut::<tcp::Socket>(handle).close();
        self.run(Cause::Call);
        Ok(0)
    }

    pub fn poll_stream(&self, stream: &Stream) -> c_int {
        let socket = self.sockets.get::<tcp::Socket>(stream.handle);
        let is_over = stream.state == tcp::State::Closed;
        let is_connected = stream.was_connected;
        let mut ready = 0;
        if socket.can_recv() || is_over || (is_connected && !socket.may_recv()) {
            ready |= abi::READABLE;
        }
        if socket.can_send() || is_over || stream.write_closed {
            ready |= abi::WRITABLE;
        }
        if is_over || (stream.write_closed && is_connected && !socket.may_recv()) {
            ready |= abi::HANG_UP;
        }
        ready
    }

    pub fn tcp_state(&mut self, fd: c_int) -> Answer<u8> {
        use tcp::State::*;
        let state = match &self.descriptors.get(fd)?.kind {
            Kind::Fresh => Closed,
            Kind::Listener(_) => Listen,
            Kind::Stream(stream) => stream.state,
            Kind::Datagram(_) => return Err(libc::EOPNOTSUPP),
        };
        Ok(match state {
            Listen => 1,
            SynSent => 2,
            SynReceived => 3,
            Established => 4,
            FinWait1 => 5,
            FinWait2 => 6,
            CloseWait => 7,
            Closing => 8,
            LastAck => 9,
            TimeWait => 10,
            Closed => 11,
        })
    }
}
