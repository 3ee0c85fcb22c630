/* SPDX-License-Identifier: Apache-2.0 */
#include "convert.h"

#include <errno.h>
#include <string.h>

int errno_of(err_t error) {
  switch (error) {
    case ERR_OK: return 0;
    case ERR_MEM:
    case ERR_BUF: return ENOBUFS;
    case ERR_RTE: return ENETUNREACH;
    case ERR_USE: return EADDRINUSE;
    case ERR_ALREADY: return EALREADY;
    case ERR_ISCONN: return EISCONN;
    case ERR_CONN:
    case ERR_CLSD: return ENOTCONN;
    case ERR_ABRT: return ECONNABORTED;
    case ERR_RST: return ECONNRESET;
    case ERR_VAL:
    case ERR_ARG: return EINVAL;
    default: return EIO;
  }
}

ip_addr_t address_of(const struct pw_address* address, u8_t family) {
  ip_addr_t out;
  memset(&out, 0, sizeof out);
  IP_SET_TYPE_VAL(out, family);
  if (address->family == PW_IPV4) {
    IP_SET_TYPE_VAL(out, IPADDR_TYPE_V4);
    memcpy(&ip_2_ip4(&out)->addr, address->octets, 4);
  } else if (address->family == PW_IPV6) {
    IP_SET_TYPE_VAL(out, IPADDR_TYPE_V6);
    memcpy(ip_2_ip6(&out)->addr, address->octets, 16);
  }
  return out;
}

void fill_address(struct pw_address* out, const ip_addr_t* address) {
  memset(out, 0, sizeof *out);
  if (ip_addr_isany(address)) return;
  if (IP_IS_V4(address)) {
    out->family = PW_IPV4;
    memcpy(out->octets, &ip_2_ip4(address)->addr, 4);
  } else {
    out->family = PW_IPV6;
    memcpy(out->octets, ip_2_ip6(address)->addr, 16);
  }
}
