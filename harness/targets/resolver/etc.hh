// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "stack/base/result.hh"

namespace packetwright::resolver {

// What a resolver finds below /etc, as this process and its children see it from now on: a
// resolv.conf of our own, names from DNS alone, no hosts and no preferences, a host name without a
// domain, and nobody to ask on this machine (nscd). The machine's own files stay as they are.
class Etc {
 public:
  // Makes a mount namespace and enters it, for good, if this process is in none yet: it must have a
  // single thread, and be allowed to (root, or root of its user namespace). An error says what is
  // missing.
  [[nodiscard]] static Result<Etc, std::string> enter();

  // Puts `text` into resolv.conf, if it has another.
  [[nodiscard]] Result<void, std::string> set_resolv_conf(const std::string& text);

 private:
  std::string text_;
};

}  // namespace packetwright::resolver
