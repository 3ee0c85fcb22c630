// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/targets/target.hh"

namespace packetwright::targets {

// What a target also is whose stack is not ours to configure: a host that somebody else has set up.
class GivenHost {
 public:
  virtual ~GivenHost() = default;

  // Its addresses and the peer's, in place of those that a run would choose. `seed` and `knobs`
  // mean nothing.
  [[nodiscard]] virtual const Config& given() const = 0;
  // How long an answer may take to come, as nobody can know that the host has nothing more to say.
  [[nodiscard]] virtual Duration settle() const = 0;
};

}  // namespace packetwright::targets
