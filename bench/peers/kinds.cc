// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/host.hh"

namespace packetwright::peers {

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"packetwright", make_packetwright},
#ifdef PW_HAVE_LWIP
      {"lwip", make_lwip},
#endif
#ifdef PW_HAVE_SMOLTCP
      {"smoltcp", make_smoltcp},
#endif
  };
  return all;
}

}  // namespace packetwright::peers
