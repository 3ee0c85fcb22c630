/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "lwip/ip4_addr.h"

struct netif;

/* Both hosts live in one lwIP: a packet leaves by the interface that has its source address. */
#ifdef __cplusplus
extern "C" {
#endif
struct netif* peers_route(const ip4_addr_t* source);
#ifdef __cplusplus
}
#endif
