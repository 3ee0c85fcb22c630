/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "lwip/ip6_addr.h"

struct netif;

/* lwIP takes routers of IPv6 from advertisements alone; a case begins with one that is known. */
const ip6_addr_t* packetwright_gateway6(struct netif* netif, const ip6_addr_t* destination);
