/* SPDX-License-Identifier: Apache-2.0 */
/* The look-ups of packetwright_target.h, by lwIP's resolver. */
#include <errno.h>
#include <string.h>

#include "convert.h"
#include "lwip/dns.h"
#include "sockets.h"

enum { MAX_QUERIES = 8 };

struct query {
  int used, done;
  ip_addr_t address; /* of no type: there is none */
};

static struct query queries[MAX_QUERIES];

static void on_found(const char* name, const ip_addr_t* address, void* argument) {
  struct query* q = argument;
  (void)name;
  q->done = 1;
  if (address != NULL) {
    q->address = *address;
  } else {
    IP_SET_TYPE_VAL(q->address, IPADDR_TYPE_ANY);
  }
}

int lwip_plugin_resolve(void* stack, const char* name, int family,
                        const struct pw_endpoint* server) {
  (void)stack;
  for (int i = 0; i < MAX_QUERIES; ++i) {
    struct query* q = &queries[i];
    if (q->used) continue;
    memset(q, 0, sizeof *q);
    q->used = 1;
    const ip_addr_t at = address_of(&server->address, IPADDR_TYPE_V4);
    dns_setserver(0, &at);
    const u8_t wanted = family == PW_IPV4 ? LWIP_DNS_ADDRTYPE_IPV4 : LWIP_DNS_ADDRTYPE_IPV6;
    ip_addr_t known;
    const err_t begun = dns_gethostbyname_addrtype(name, &known, on_found, q, wanted);
    if (begun == ERR_OK) on_found(name, &known, q);
    if (begun == ERR_OK || begun == ERR_INPROGRESS) return i;
    q->used = 0;
    return -errno_of(begun);
  }
  return -EMFILE;
}

int lwip_plugin_resolved(void* stack, int query, struct pw_address* addresses, size_t most) {
  (void)stack;
  if (query < 0 || query >= MAX_QUERIES || !queries[query].used) return -EBADF;
  struct query* q = &queries[query];
  if (!q->done) return -EAGAIN;
  q->used = 0;
  if (IP_GET_TYPE(&q->address) == IPADDR_TYPE_ANY) return -EHOSTUNREACH;
  if (most > 0) fill_address(&addresses[0], &q->address);
  return 1;
}
