/* SPDX-License-Identifier: Apache-2.0 */
/* Debian's liblwip keeps its memory with malloc(), so that nothing but another copy of it is as
 * new, and its chance is the C library's rand(). */
#include <stdlib.h>

#include "build.h"
#include "harness/targets/packetwright_target.h"
#include "lwip/netif.h"
#include "lwip/priv/nd6_priv.h"

const char build_name[] = "lwip-debian";
const unsigned int build_flags = PW_ONE_LIFE;

int build_keep(void) {
  return 0;
}

void build_renew(uint64_t seed) {
  srand((unsigned int)seed);
}

/* It takes routers from advertisements alone. Here it begins with having sent to the peer once, and
 * does not know the gateway's Ethernet address any more. */
void build_set_gateway6(struct netif* netif, const ip6_addr_t* peer, const ip6_addr_t* gateway) {
  if (ip6_addr_isany(peer) || ip6_addr_isany(gateway)) return;
  destination_cache[0].destination_addr = *peer;
  destination_cache[0].next_hop_addr = *gateway;
  destination_cache[0].pmtu = netif->mtu6;
  destination_cache[0].age = 0;
}
