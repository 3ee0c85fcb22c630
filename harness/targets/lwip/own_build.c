/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "build.h"
#include "image.h"
#include "lwip/opt.h"

const char build_name[] = "lwip";
const unsigned int build_flags = 0;

static ip6_addr_t gateway6;
static uint64_t random_state;

void build_prepare(uint64_t seed) {
  (void)seed;
}

int build_keep(void) {
  return image_keep();
}

void build_renew(uint64_t seed) {
  image_restore();
  random_state = seed;
}

void build_set_gateway6(struct netif* netif, const ip6_addr_t* peer, const ip6_addr_t* gateway) {
  (void)netif;
  (void)peer;
  gateway6 = *gateway;
}

int build_has_work(void) {
  return 0;
}

void build_work(void) {}

/* --- what lwipopts.h has lwIP ask for */

/* splitmix64 */
unsigned int packetwright_rand(void) {
  uint64_t z = random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (unsigned int)((z ^ (z >> 31)) >> 16);
}

const ip6_addr_t* packetwright_gateway6(struct netif* netif, const ip6_addr_t* destination) {
  (void)netif;
  (void)destination;
  return ip6_addr_isany_val(gateway6) ? NULL : &gateway6;
}
