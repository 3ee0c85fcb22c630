/* SPDX-License-Identifier: Apache-2.0 */
/* pebble as a target of packetwright: the part that somebody with a stack has to write. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/targets/packetwright_target.h"
#include "pebble.h"

enum { NANOSECONDS_PER_MS = 1000000 };

/* What `void *stack` points to: the stack, and what it needs to reach the harness. */
struct host {
  struct pebble* pebble;
  const struct pw_host* harness;
};

static struct pebble* pebble_of(void* stack) {
  return ((struct host*)stack)->pebble;
}

static uint32_t number_of(const struct pw_address* address) {
  const uint8_t* o = address->octets;
  if (address->family != PW_IPV4) return 0;
  return (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
}

static void fill(struct pw_endpoint* endpoint, uint32_t address, uint16_t port) {
  memset(endpoint, 0, sizeof *endpoint);
  endpoint->port = port;
  if (address == 0) return; /* any address is PW_NONE */
  endpoint->address.family = PW_IPV4;
  for (int i = 0; i < 4; ++i) endpoint->address.octets[i] = (uint8_t)(address >> (24 - 8 * i));
}

/* --- a life */

static void transmit(void* context, const uint8_t* frame, size_t count) {
  const struct host* host = context;
  host->harness->send(host->harness->context, frame, count);
}

static void destroy(void* stack) {
  struct host* host = stack;
  if (host->pebble != NULL) pebble_free(host->pebble);
  free(host);
}

static int create(const struct pw_config* config, const struct pw_host* harness, void** stack,
                  char* reason, size_t reason_size) {
  if (config->knob_count > 0) {
    snprintf(reason, reason_size, "pebble has no settings, and so not %s", config->knobs[0].name);
    return -ENOTSUP;
  }
  struct host* host = calloc(1, sizeof *host);
  if (host == NULL) return -ENOMEM;
  host->harness = harness;
  const int bits = config->local4.length;
  struct pebble_settings settings = {
      .address = number_of(&config->local4.address),
      .netmask = bits == 0 ? 0 : 0xffffffffu << (32 - bits),
      .gateway = number_of(&config->gateway4),
      .mtu = config->mtu,
      .first_port = (uint16_t)(49152 + config->seed % 16384),
      .transmit = transmit,
      .context = host,
  };
  memcpy(settings.mac, config->mac, sizeof settings.mac);
  host->pebble = pebble_new(&settings);
  if (host->pebble == NULL) {
    destroy(host);
    snprintf(reason, reason_size, "pebble cannot have an MTU of %u", (unsigned)config->mtu);
    return -ENOTSUP;
  }
  *stack = host;
  return 0;
}

static void inject(void* stack, const uint8_t* frame, size_t count) {
  pebble_receive(pebble_of(stack), frame, count);
}

/* --- time */

static void advance(void* stack, uint64_t now_ns) {
  pebble_tick(pebble_of(stack), now_ns / NANOSECONDS_PER_MS);
}

static uint64_t next_timer(void* stack) {
  const uint64_t next = pebble_next_tick(pebble_of(stack));
  return next == UINT64_MAX ? PW_NEVER : next * NANOSECONDS_PER_MS;
}

/* --- sockets */

static int do_socket(void* stack, int family, int type, int protocol) {
  if (family != PW_IPV4 || type != PW_DATAGRAM) return -ENOTSUP;
  if (protocol != PW_ANY && protocol != PW_UDP) return -ENOTSUP;
  return pebble_open(pebble_of(stack));
}

static int do_bind(void* stack, int fd, const struct pw_endpoint* local) {
  return pebble_bind(pebble_of(stack), fd, number_of(&local->address), local->port);
}

static int do_connect(void* stack, int fd, const struct pw_endpoint* remote) {
  return pebble_connect(pebble_of(stack), fd, number_of(&remote->address), remote->port);
}

static int64_t do_read(void* stack, int fd, uint8_t* octets, size_t count, uint32_t* flags,
                       struct pw_endpoint* from) {
  uint32_t address = 0;
  uint16_t port = 0;
  if (*flags & PW_OUT_OF_BAND) return -EINVAL;
  const int peek = (*flags & PW_PEEK) != 0;
  *flags = 0;
  const int got = pebble_receive_from(pebble_of(stack), fd, octets, count, peek, &address, &port);
  if (got >= 0) fill(from, address, port);
  return got;
}

static int64_t do_write(void* stack, int fd, const uint8_t* octets, size_t count, uint32_t flags,
                        const struct pw_endpoint* to) {
  if (flags & (PW_OUT_OF_BAND | PW_FAST_OPEN)) return -EOPNOTSUPP;
  return pebble_send_to(pebble_of(stack), fd, octets, count,
                        to == NULL ? 0 : number_of(&to->address), to == NULL ? 0 : to->port);
}

static int do_close(void* stack, int fd) {
  return pebble_close(pebble_of(stack), fd);
}

static int do_poll(void* stack, int fd) {
  const int readable = pebble_readable(pebble_of(stack), fd);
  if (readable < 0) return readable;
  return PW_WRITABLE | (readable ? PW_READABLE : 0);
}

static int do_local_endpoint(void* stack, int fd, struct pw_endpoint* local) {
  uint32_t address = 0;
  uint16_t port = 0;
  const int result = pebble_local(pebble_of(stack), fd, &address, &port);
  if (result == 0) fill(local, address, port);
  return result;
}

/* --- what is exported; what is not named here is null, and the cases that need it are skipped */

static const struct pw_target target = {
    .version = PACKETWRIGHT_TARGET_VERSION,
    .size = sizeof(struct pw_target),
    .name = "pebble",
    .stack_version = "1",
    .capabilities = "arp icmp ipv4 seed udp",
    .flags = PW_ETHERNET,
    .tick_ns = NANOSECONDS_PER_MS,
    .create = create,
    .destroy = destroy,
    .inject = inject,
    .advance = advance,
    .next_timer = next_timer,
    .socket = do_socket,
    .bind = do_bind,
    .connect = do_connect,
    .read = do_read,
    .write = do_write,
    .close = do_close,
    .poll = do_poll,
    .local_endpoint = do_local_endpoint,
};

const struct pw_target* packetwright_target(void) {
  return &target;
}
