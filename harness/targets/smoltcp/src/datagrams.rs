// SPDX-License-Identifier: Apache-2.0

//! UDP.

use crate::abi::Endpoint;
use crate::convert::family_of;
use crate::descriptors::{Answer, Datagram, Descriptor, Kind, address_for};
use crate::stack::{Cause, Stack};
use libc::c_int;
use smoltcp::socket::{icmp, udp};
use smoltcp::wire::{IpAddress, IpListenEndpoint, Ipv4Address, Ipv6Address};

const MOST_WAITING: usize = 32;
const LONGEST: usize = 65507;

fn udp_buffer() -> udp::PacketBuffer<'static> {
    let room = vec![0; 4 * LONGEST];
    udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; MOST_WAITING], room)
}

fn icmp_buffer(size: usize) -> icmp::PacketBuffer<'static> {
    icmp::PacketBuffer::new(vec![icmp::PacketMetadata::EMPTY; MOST_WAITING], vec![0; size])
}

impl Stack {
    pub fn new_datagram(&mut self, family: u8) -> c_int {
        let handle = self.sockets.add(udp::Socket::new(udp_buffer(), udp_buffer()));
        let errors = self.sockets.add(icmp::Socket::new(icmp_buffer(65536), icmp_buffer(0)));
        let kind = Kind::Datagram(Datagram { handle, errors, remote: None });
        self.descriptors.add(Descriptor::new(family, kind))
    }

    /// To the port that `local` names.
    pub fn open_datagram(&mut self, fd: c_int) -> Answer<()> {
        let d = self.descriptors.get(fd)?;
        let Kind::Datagram(datagram) = &d.kind else {
            return Err(libc::EINVAL);
        };
        let local = IpListenEndpoint { addr: d.local.address, port: d.local.port };
        let socket = self.sockets.get_mut::<udp::Socket>(datagram.handle);
        socket.bind(local).map_err(|_| libc::EINVAL)?;
        let errors = self.sockets.get_mut::<icmp::Socket>(datagram.errors);
        errors.bind(icmp::Endpoint::Udp(local)).map_err(|_| libc::EINVAL)
    }

    fn open_if_new(&mut self, fd: c_int) -> Answer<()> {
        let d = self.descriptors.get(fd)?;
        if d.local.port != 0 {
            return Ok(());
        }
        let family = d.family;
        let port = self.ephemeral_port(true, family);
        self.descriptors.get(fd)?.local.port = port;
        self.open_datagram(fd)
    }

    pub fn connect_datagram(&mut self, fd: c_int, remote: &Endpoint) -> Answer<c_int> {
        let d = self.descriptors.get(fd)?;
        let address = address_for(d.family, remote)?;
        if let Kind::Datagram(datagram) = &mut d.kind {
            datagram.remote = address.map(|address| (address, remote.port));
        }
        self.open_if_new(fd)?;
        Ok(0)
    }

    /// Those that the socket does not want are dropped, whatever stands before the first it does.
    fn drop_strangers(&mut self, fd: c_int) -> Answer<()> {
        let d = self.descriptors.get(fd)?;
        let (family, local) = (d.family, d.local);
        let Kind::Datagram(datagram) = &mut d.kind else {
            return Err(libc::EINVAL);
        };
        let socket = self.sockets.get_mut::<udp::Socket>(datagram.handle);
        while let Ok((_, meta)) = socket.peek() {
            let from = meta.endpoint;
            let is_of_peer = datagram.remote.is_none_or(|peer| peer == (from.addr, from.port));
            if is_of_peer && family_of(from.addr) == family {
                break;
            }
            let _ = socket.recv();
        }
        let errors = self.sockets.get_mut::<icmp::Socket>(datagram.errors);
        while let Ok((message, _)) = errors.recv() {
            let error = error_of(message, family, datagram.remote, local.port);
            d.error = error.unwrap_or(d.error);
        }
        Ok(())
    }

    pub fn read_datagram(
        &mut self,
        fd: c_int,
        octets: &mut [u8],
        peeks: bool,
    ) -> Answer<(usize, Endpoint)> {
        self.drop_strangers(fd)?;
        let d = self.descriptors.get(fd)?;
        if d.error != 0 {
            return Err(d.take_error());
        }
        let Kind::Datagram(datagram) = &d.kind else {
            return Err(libc::EINVAL);
        };
        let socket = self.sockets.get_mut::<udp::Socket>(datagram.handle);
        let (text, from) = socket.peek().map_err(|_| libc::EAGAIN)?;
        let count = text.len().min(octets.len());
        octets[..count].copy_from_slice(&text[..count]);
        let from = Endpoint::of(Some(from.endpoint.addr), from.endpoint.port);
        if !peeks {
            let _ = socket.recv();
        }
        Ok((count, from))
    }

    pub fn write_datagram(
        &mut self,
        fd: c_int,
        octets: &[u8],
        to: Option<&Endpoint>,
    ) -> Answer<usize> {
        self.drop_strangers(fd)?;
        let d = self.descriptors.get(fd)?;
        if d.error != 0 {
            return Err(d.take_error());
        }
        let Kind::Datagram(datagram) = &d.kind else {
            return Err(libc::EINVAL);
        };
        let handle = datagram.handle;
        let remote = match to {
            Some(to) => address_for(d.family, to)?.map(|address| (address, to.port)),
            None => datagram.remote,
        };
        let remote = remote.ok_or(libc::EDESTADDRREQ)?;
        if octets.len() > LONGEST {
            return Err(libc::EMSGSIZE);
        }
        self.open_if_new(fd)?;
        let socket = self.sockets.get_mut::<udp::Socket>(handle);
        socket.send_slice(octets, remote).map_err(|error| match error {
            udp::SendError::Unaddressable => libc::EINVAL,
            udp::SendError::BufferFull => libc::EAGAIN,
        })?;
        self.run(Cause::Call);
        Ok(octets.len())
    }

    /// Whether there is a datagram to read, and whether there is an error.
    pub fn poll_datagram(&mut self, fd: c_int) -> Answer<(bool, bool)> {
        self.drop_strangers(fd)?;
        let d = self.descriptors.get(fd)?;
        let Kind::Datagram(datagram) = &d.kind else {
            return Err(libc::EINVAL);
        };
        let can_read = self.sockets.get::<udp::Socket>(datagram.handle).can_recv();
        Ok((can_read, d.error != 0))
    }
}

/// What an ICMP message that quotes a datagram of ours means to the socket: RFC 1122, 4.1.3.3. As
/// on other systems, to one that is connected to where the datagram went.
fn error_of(
    message: &[u8],
    family: u8,
    remote: Option<(IpAddress, u16)>,
    local_port: u16,
) -> Option<c_int> {
    let (&kind, &code) = (message.first()?, message.get(1)?);
    let quoted = message.get(8..)?;
    let (error, to, udp): (c_int, IpAddress, &[u8]) = if family == crate::abi::IPV4 {
        let to: [u8; 4] = quoted.get(16..20)?.try_into().ok()?;
        let header = usize::from(quoted[0] & 15) * 4;
        let error = match (kind, code) {
            (3, 1) => libc::EHOSTUNREACH,
            (3, 2) => libc::ENOPROTOOPT,
            (3, 3) => libc::ECONNREFUSED,
            (3, 4) => libc::EMSGSIZE,
            (3, _) => libc::ENETUNREACH,
            _ => return None,
        };
        (error, Ipv4Address::from(to).into(), quoted.get(header..)?)
    } else {
        let to: [u8; 16] = quoted.get(24..40)?.try_into().ok()?;
        let error = match (kind, code) {
            (1, 0) => libc::ENETUNREACH,
            (1, 1) => libc::EACCES,
            (1, 4) => libc::ECONNREFUSED,
            (1, _) => libc::EHOSTUNREACH,
            _ => return None,
        };
        (error, Ipv6Address::from(to).into(), quoted.get(40..)?)
    };
    let port = |at: usize| Some(u16::from_be_bytes([*udp.get(at)?, *udp.get(at + 1)?]));
    (port(0)? == local_port && remote? == (to, port(2)?)).then_some(error)
}
