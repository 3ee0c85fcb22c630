/* SPDX-License-Identifier: Apache-2.0 */
/* Between lwIP's errors and addresses and those of packetwright_target.h. */
#ifndef PACKETWRIGHT_LWIP_CONVERT_H
#define PACKETWRIGHT_LWIP_CONVERT_H

#include "harness/targets/packetwright_target.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"

int errno_of(err_t error);
/* PW_NONE is any address of `family`, IPADDR_TYPE_V4 or IPADDR_TYPE_V6. */
ip_addr_t address_of(const struct pw_address* address, u8_t family);
void fill_address(struct pw_address* out, const ip_addr_t* address);

#endif
