// SPDX-License-Identifier: Apache-2.0

//! smoltcp's resolver.

use crate::abi::{Address, Endpoint, IPV4};
use crate::descriptors::Answer;
use crate::stack::{Cause, Stack};
use libc::c_int;
use smoltcp::socket::dns::{GetQueryResultError, Socket, StartQueryError};
use smoltcp::wire::DnsQueryType;

const PORT: u16 = 53;

impl Stack {
    pub fn resolve(&mut self, name: &str, family: c_int, server: &Endpoint) -> Answer<c_int> {
        // smoltcp asks no other port.
        if server.port != PORT && server.port != 0 {
            return Err(libc::ENOTSUP);
        }
        let server = server.address.get().ok_or(libc::EINVAL)?;
        let wanted = if family == c_int::from(IPV4) { DnsQueryType::A } else { DnsQueryType::Aaaa };
        let handle = self.sockets.add(Socket::new(&[server], vec![]));
        let begun = self.sockets.get_mut::<Socket>(handle).start_query(
            self.interface.context(),
            name,
            wanted,
        );
        let query = match begun {
            Ok(query) => query,
            Err(error) => {
                self.sockets.remove(handle);
                return Err(match error {
                    StartQueryError::NoFreeSlot => libc::EMFILE,
                    StartQueryError::InvalidName | StartQueryError::NameTooLong => libc::EINVAL,
                });
            }
        };
        self.queries.push(Some((handle, query)));
        self.run(Cause::Call);
        Ok(self.queries.len() as c_int - 1)
    }

    pub fn resolved(&mut self, number: c_int) -> Answer<Vec<Address>> {
        let slot = usize::try_from(number).ok().and_then(|index| self.queries.get_mut(index));
        let slot = slot.ok_or(libc::EBADF)?;
        let (handle, query) = (*slot).ok_or(libc::EBADF)?;
        let result = self.sockets.get_mut::<Socket>(handle).get_query_result(query);
        if matches!(result, Err(GetQueryResultError::Pending)) {
            return Err(libc::EAGAIN);
        }
        *slot = None;
        self.sockets.remove(handle);
        let found = result.map_err(|_| libc::EHOSTUNREACH)?;
        Ok(found.iter().map(|&address| Address::of(Some(address))).collect())
    }
}
