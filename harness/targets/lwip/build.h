/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP as the target "lwip" builds it (own_build.c) and as Debian does (debian_build.c) have
 * different. */
#ifndef PACKETWRIGHT_LWIP_BUILD_H
#define PACKETWRIGHT_LWIP_BUILD_H

#include <stdint.h>

#include "lwip/ip6_addr.h"

struct netif;

extern const char build_name[];
extern const unsigned int build_flags; /* enum pw_target_flag, beside PW_ETHERNET */

/* Called once, before lwIP is initialized. */
void build_prepare(uint64_t seed);
/* And once, afterwards. 0, or minus an errno. */
int build_keep(void);
/* A life begins: lwIP is as it was then, and what is random follows from the seed. */
void build_renew(uint64_t seed);
/* The way to `peer` is through `gateway`; either may be the unspecified address. */
void build_set_gateway6(struct netif* netif, const ip6_addr_t* peer, const ip6_addr_t* gateway);
/* What lwIP has put off until it is done with what it does: whether there is any, and its doing. */
int build_has_work(void);
void build_work(void);

#endif
