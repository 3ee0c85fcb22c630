// SPDX-License-Identifier: Apache-2.0

//! Socket options and poll().

use crate::abi;
use crate::descriptors::{Answer, Kind};
use crate::stack::Stack;
use crate::streams;
use libc::c_int;
use smoltcp::socket::{tcp, udp};

impl Stack {
    pub fn set_option(&mut self, fd: c_int, option: c_int, value: i64) -> Answer<c_int> {
        let d = self.descriptors.get(fd)?;
        let is_fresh = matches!(d.kind, Kind::Fresh);
        let is_datagram = matches!(d.kind, Kind::Datagram(_));
        let options = &mut d.options;
        match option {
            abi::SO_REUSEADDR => options.reuses_address = value != 0,
            abi::SO_LINGER if !is_datagram && value <= 0 => options.aborts = value == 0,
            // smoltcp takes buffers when a socket is made.
            abi::SO_SNDBUF if is_fresh => options.send_buffer = size(value)?,
            abi::SO_RCVBUF if is_fresh => options.receive_buffer = size(value)?,
            abi::IP_TTL | abi::IPV6_UNICAST_HOPS => {
                let hops = u8::try_from(value).map_err(|_| libc::EINVAL)?;
                if hops == 0 {
                    return Err(libc::EINVAL);
                }
                options.hop_limit = Some(hops);
            }
            abi::TCP_NODELAY if !is_datagram => options.nagle = value == 0,
            abi::TCP_QUICKACK if !is_datagram => options.quick_ack = value != 0,
            abi::TCP_USER_TIMEOUT if !is_datagram => {
                options.user_timeout_ms = u64::try_from(value).map_err(|_| libc::EINVAL)?;
            }
            _ => return Err(libc::ENOTSUP),
        }
        match &d.kind {
            Kind::Fresh => {}
            Kind::Stream(stream) => {
                streams::apply(&d.options, self.sockets.get_mut::<tcp::Socket>(stream.handle));
            }
            Kind::Listener(listener) => {
                for &handle in &listener.waiting {
                    streams::apply(&d.options, self.sockets.get_mut::<tcp::Socket>(handle));
                }
            }
            Kind::Datagram(datagram) => {
                let socket = self.sockets.get_mut::<udp::Socket>(datagram.handle);
                socket.set_hop_limit(d.options.hop_limit);
            }
        }
        Ok(0)
    }

    pub fn get_option(&mut self, fd: c_int, option: c_int) -> Answer<i64> {
        if self.is_datagram(fd)? {
            self.poll_datagram(fd)?;
        }
        let d = self.descriptors.get(fd)?;
        Ok(match option {
            abi::SO_ERROR => d.take_error().into(),
            abi::SO_REUSEADDR => d.options.reuses_address.into(),
            abi::TCP_NODELAY => (!d.options.nagle).into(),
            abi::TCP_USER_TIMEOUT => d.options.user_timeout_ms as i64,
            _ => return Err(libc::ENOTSUP),
        })
    }

    pub fn is_datagram(&mut self, fd: c_int) -> Answer<bool> {
        Ok(matches!(self.descriptors.get(fd)?.kind, Kind::Datagram(_)))
    }

    pub fn poll(&mut self, fd: c_int) -> Answer<c_int> {
        if self.is_datagram(fd)? {
            let (can_read, has_failed) = self.poll_datagram(fd)?;
            let readable = if can_read { abi::READABLE } else { 0 };
            let failed = if has_failed { abi::ERROR } else { 0 };
            return Ok(abi::WRITABLE | readable | failed);
        }
        let d = self.descriptors.get(fd)?;
        let failed = if d.error != 0 { abi::ERROR } else { 0 };
        Ok(match std::mem::replace(&mut d.kind, Kind::Fresh) {
            Kind::Listener(listener) => {
                let ready = if listener.ready.is_empty() { 0 } else { abi::READABLE };
                d.kind = Kind::Listener(listener);
                ready
            }
            Kind::Stream(stream) => {
                let ready = self.poll_stream(&stream);
                self.descriptors.get(fd)?.kind = Kind::Stream(stream);
                ready | failed
            }
            other => {
                d.kind = other;
                abi::WRITABLE | abi::HANG_UP
            }
        })
    }
}

fn size(value: i64) -> Answer<usize> {
    match value {
        1..=0x4000_0000 => Ok(value as usize),
        _ => Err(libc::EINVAL),
    }
}
