// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "python/src/session.hh"

namespace packetwright::python {

// The sockets of one end of a link: of the target, or of its peer.
struct HostHandle {
  SessionPointer session;
  bool peer = false;
};

void add_hosts(py::module_& module);  // Host

}  // namespace packetwright::python
