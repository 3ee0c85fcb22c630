/* SPDX-License-Identifier: Apache-2.0 */
/* Debian's liblwip keeps its memory with malloc(), so that nothing but another copy of it is as
 * new, and its chance is the C library's rand(). */
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "harness/targets/packetwright_target.h"
#include "lwip/netif.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/tcpip.h"

enum { MOST_WORK = 64 };

struct work {
  tcpip_callback_fn function;
  void* context;
};
static struct work work[MOST_WORK];
static int work_count;

const char build_name[] = "lwip-debian";
const unsigned int build_flags = PW_ONE_LIFE;

/* Ports are drawn as it is initialized. */
void build_prepare(uint64_t seed) {
  srand((unsigned int)seed);
}

int build_keep(void) {
  return 0;
}

/* This is its only life. */
void build_renew(uint64_t seed) {
  (void)seed;
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

/* Debian's has a thread for what is put off, as packets of a host for itself are. Here there is
 * none: the library finds this function before its own. */
__attribute__((visibility("default"))) err_t tcpip_try_callback(tcpip_callback_fn function,
                                                                void* context) {
  if (work_count == MOST_WORK) return ERR_MEM;
  work[work_count].function = function;
  work[work_count].context = context;
  ++work_count;
  return ERR_OK;
}

int build_has_work(void) {
  return work_count > 0;
}

/* Work that is put off while this is done is for the next time, so that it ends. */
void build_work(void) {
  struct work now[MOST_WORK];
  const int count = work_count;
  memcpy(now, work, sizeof now);
  work_count = 0;
  for (int i = 0; i < count; ++i) now[i].function(now[i].context);
}
