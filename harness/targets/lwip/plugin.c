/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP as a target: its raw API behind packetwright_target.h. Sockets are in sockets.c,
 * names in resolver.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "frames.h"
#include "harness/targets/packetwright_target.h"
#include "image.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include "sockets.h"

enum { NANOSECONDS_PER_MS = 1000000 };

/* Everything but `harness` is as new after a reset. */
static SURVIVES const struct pw_host* harness;
static SURVIVES int is_kept;
static struct netif interface;
static uint64_t now_ns;

/* What lwIP asks for. A library that has a function of this name finds this one before its own. */
__attribute__((visibility("default"))) u32_t sys_now(void) {
  return (u32_t)(now_ns / NANOSECONDS_PER_MS);
}

/* --- the interface */

static err_t transmit(struct netif* netif, struct pbuf* frame) {
  static uint8_t octets[2048];
  (void)netif;
  if (frame->tot_len > sizeof octets) return ERR_BUF;
  harness->send(harness->context, octets, pbuf_copy_partial(frame, octets, frame->tot_len, 0));
  return ERR_OK;
}

static err_t start_interface(struct netif* netif) {
  const struct pw_config* config = netif->state;
  netif->name[0] = 'p';
  netif->name[1] = 'w';
  netif->output = etharp_output;
  netif->output_ip6 = ethip6_output;
  netif->linkoutput = transmit;
  netif->mtu = config->mtu;
  netif->mtu6 = config->mtu;
  netif->hwaddr_len = 6;
  memcpy(netif->hwaddr, config->mac, 6);
  netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP |
                 NETIF_FLAG_MLD6;
  return ERR_OK;
}

static ip4_addr_t address4(const struct pw_address* address) {
  ip4_addr_t out = {0};
  if (address->family == PW_IPV4) memcpy(&out.addr, address->octets, 4);
  return out;
}

static ip6_addr_t address6(const struct pw_address* address) {
  ip6_addr_t out;
  memset(&out, 0, sizeof out);
  if (address->family == PW_IPV6) memcpy(out.addr, address->octets, 16);
  return out;
}

static void nothing_happens(void* context, const uint8_t* frame, size_t count) {
  (void)context;
  (void)frame;
  (void)count;
}

static int begin(const struct pw_config* config, char* reason, size_t reason_size) {
  if (config->knob_count > 0) {
    snprintf(reason, reason_size, "lwIP has no setting \"%s\" that could be changed as it runs",
             config->knobs[0].name);
    return -ENOTSUP;
  }
  if (config->mtu > 1500 || config->mtu < 68) {
    snprintf(reason, reason_size, "lwIP is built for an MTU of at most 1500");
    return -ENOTSUP;
  }
  build_renew(config->seed);
  frames_forget();
  const ip4_addr_t address = address4(&config->local4.address);
  const ip4_addr_t gateway = address4(&config->gateway4);
  const int bits = config->local4.length;
  const ip4_addr_t netmask = {lwip_htonl(bits == 0 ? 0 : 0xffffffffu << (32 - bits))};
  struct pw_config* settings = (struct pw_config*)(uintptr_t)config;
  if (netif_add(&interface, &address, &netmask, &gateway, settings, start_interface,
                ethernet_input) == NULL) {
    return -ENOMEM;
  }
  interface.state = NULL;
  netif_set_default(&interface);
  /* What it says of itself at its start is of before the case. */
  struct pw_host quiet = *harness;
  quiet.send = nothing_happens;
  const struct pw_host* const heard = harness;
  harness = &quiet;
  netif_set_link_up(&interface);
  netif_set_up(&interface);
  netif_create_ip6_linklocal_address(&interface, 1);
  netif_ip6_addr_set_state(&interface, 0, IP6_ADDR_PREFERRED);
  if (config->local6.address.family == PW_IPV6) {
    const ip6_addr_t local = address6(&config->local6.address);
    s8_t index = -1;
    if (netif_add_ip6_address(&interface, &local, &index) != ERR_OK || index < 0) return -ENOMEM;
    netif_ip6_addr_set_state(&interface, index, IP6_ADDR_PREFERRED);
  }
#if LWIP_IPV6_SEND_ROUTER_SOLICIT
  interface.rs_count = 0;
#endif
  harness = heard;
  const ip6_addr_t peer6 = address6(&config->peer6);
  const ip6_addr_t gateway6 = address6(&config->gateway6);
  build_set_gateway6(&interface, &peer6, &gateway6);
  return 0;
}

/* --- the functions of the table */

static int create(const struct pw_config* config, const struct pw_host* host, void** stack,
                  char* reason, size_t reason_size) {
  harness = host;
  if (!is_kept) {
    build_prepare(config->seed);
    lwip_init();
    is_kept = 1;
    const int kept = build_keep();
    if (kept < 0) return kept;
  }
  const int begun = begin(config, reason, reason_size);
  *stack = &interface;
  return begun;
}

static void destroy(void* stack) {
  (void)stack;
  frames_release();
}

static int reset(void* stack, const struct pw_config* config, char* reason, size_t reason_size) {
  (void)stack;
  return begin(config, reason, reason_size);
}

/* What is put off may put off more; a host that talks to itself need not come to an end. */
static void settle(void) {
  for (int round = 0; round < 16 && build_has_work(); ++round) build_work();
}

static void inject(void* stack, const uint8_t* frame, size_t count) {
  (void)stack;
  /* A driver drops what cannot be a frame of its link. */
  if (count < SIZEOF_ETH_HDR || count > 0xffff) return;
  struct pbuf* copy = frame_take(frame, (u16_t)count);
  if (copy == NULL) return;
  if (interface.input(copy, &interface) != ERR_OK) pbuf_free(copy);
  settle();
}

static void advance(void* stack, uint64_t now) {
  (void)stack;
  now_ns = now;
  settle();
  sys_check_timeouts();
  settle();
}

static uint64_t next_timer(void* stack) {
  (void)stack;
  if (build_has_work()) return now_ns;
  const u32_t sleep = sys_timeouts_sleeptime();
  if (sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE) return PW_NEVER;
  return (now_ns / NANOSECONDS_PER_MS + sleep) * NANOSECONDS_PER_MS;
}

/* What it was built with. */
#if LWIP_DNS
#define DNS "dns "
#else
#define DNS ""
#endif
#if LWIP_TCP_SACK_OUT
#define SACK "sack "
#else
#define SACK ""
#endif
#if LWIP_TCP_TIMESTAMPS
#define TIMESTAMPS "timestamps "
#else
#define TIMESTAMPS ""
#endif

static struct pw_target target = {
    .version = PACKETWRIGHT_TARGET_VERSION,
    .size = sizeof(struct pw_target),
    .name = build_name,
    .stack_version = LWIP_VERSION_STRING,
    .capabilities = DNS SACK TIMESTAMPS
    "arp frags icmp ipv4 ipv6 keepalive ndp seed tcp tcp_info tcp_state udp wscale",
    .flags = PW_ETHERNET,
    .tick_ns = 500 * (uint64_t)NANOSECONDS_PER_MS, /* the slow timer of TCP */
    .create = create,
    .destroy = destroy,
    .inject = inject,
    .reset = reset,
    .advance = advance,
    .next_timer = next_timer,
    .socket = lwip_plugin_socket,
    .bind = lwip_plugin_bind,
    .listen = lwip_plugin_listen,
    .accept = lwip_plugin_accept,
    .connect = lwip_plugin_connect,
    .read = lwip_plugin_read,
    .write = lwip_plugin_write,
    .shutdown = lwip_plugin_shutdown,
    .close = lwip_plugin_close,
    .set_option = lwip_plugin_set_option,
    .get_option = lwip_plugin_get_option,
    .poll = lwip_plugin_poll,
    .local_endpoint = lwip_plugin_local_endpoint,
    .tcp_status = lwip_plugin_tcp_status,
#if LWIP_DNS
    .resolve = lwip_plugin_resolve,
    .resolved = lwip_plugin_resolved,
#endif
};

const struct pw_target* packetwright_target(void) {
  target.flags |= build_flags;
  return &target;
}
