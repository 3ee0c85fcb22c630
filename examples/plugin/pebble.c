/* SPDX-License-Identifier: Apache-2.0 */
#include "pebble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
  ETHERNET = 14,
  IPV4 = 20,
  UDP = 8,
  ARP = 28,
  MAX_FRAME = 2048,
  MAX_SOCKETS = 8,
  MAX_QUEUE = 8,
  MAX_NEIGHBOURS = 8,
  ARP_TRIES = 3,
  ARP_INTERVAL_MS = 1000
};

struct datagram {
  struct datagram* next;
  uint32_t from;
  uint16_t from_port;
  size_t count;
  uint8_t octets[];
};

struct socket {
  int open, queued;
  uint32_t local, remote; /* 0: any */
  uint16_t port, remote_port;
  struct datagram *first, **last;
};

struct neighbour {
  uint32_t address; /* 0: unused */
  int known, tries;
  uint8_t mac[6];
  uint64_t next_ms; /* when to ask again */
  size_t waiting;   /* octets of the one frame that waits for the answer */
  uint8_t frame[MAX_FRAME];
};

struct pebble {
  struct pebble_settings settings;
  uint64_t now_ms;
  uint16_t next_id, next_port;
  struct socket sockets[MAX_SOCKETS];
  struct neighbour neighbours[MAX_NEIGHBOURS];
};

static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static uint16_t get16(const uint8_t* at) {
  return (uint16_t)(at[0] << 8 | at[1]);
}
static uint32_t get32(const uint8_t* at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}
static void put16(uint8_t* at, uint16_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}
static void put32(uint8_t* at, uint32_t value) {
  put16(at, (uint16_t)(value >> 16));
  put16(at + 2, (uint16_t)value);
}

/* The sum of RFC 1071 so far, and its end. */
static uint32_t add(uint32_t sum, const uint8_t* octets, size_t count) {
  for (size_t i = 0; i + 1 < count; i += 2) sum += get16(octets + i);
  if (count % 2 != 0) sum += (uint32_t)octets[count - 1] << 8;
  return sum;
}
static uint16_t end_sum(uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

/* --- Ethernet and ARP */

static void transmit(struct pebble* p, uint8_t* frame, const uint8_t* to, uint16_t type,
                     size_t payload) {
  memcpy(frame, to, 6);
  memcpy(frame + 6, p->settings.mac, 6);
  put16(frame + 12, type);
  p->settings.transmit(p->settings.context, frame, ETHERNET + payload);
}

static void send_arp(struct pebble* p, uint16_t operation, const uint8_t* to_mac, uint32_t to) {
  uint8_t frame[ETHERNET + ARP] = {0};
  uint8_t* arp = frame + ETHERNET;
  put16(arp, 1);
  put16(arp + 2, 0x0800);
  arp[4] = 6;
  arp[5] = 4;
  put16(arp + 6, operation);
  memcpy(arp + 8, p->settings.mac, 6);
  put32(arp + 14, p->settings.address);
  if (operation == 2) memcpy(arp + 18, to_mac, 6);
  put32(arp + 24, to);
  transmit(p, frame, operation == 2 ? to_mac : everybody, 0x0806, ARP);
}

static struct neighbour* find_neighbour(struct pebble* p, uint32_t address) {
  for (int i = 0; i < MAX_NEIGHBOURS; ++i) {
    if (p->neighbours[i].address == address) return &p->neighbours[i];
  }
  return NULL;
}

static void take_arp(struct pebble* p, const uint8_t* arp, size_t count) {
  if (count < ARP || get16(arp) != 1 || get16(arp + 2) != 0x0800 || arp[4] != 6 || arp[5] != 4) {
    return;
  }
  const uint32_t sender = get32(arp + 14), target = get32(arp + 24);
  struct neighbour* n = sender != 0 ? find_neighbour(p, sender) : NULL;
  if (n != NULL) {
    memcpy(n->mac, arp + 8, 6);
    n->known = 1;
    if (n->waiting != 0) transmit(p, n->frame, n->mac, 0x0800, n->waiting - ETHERNET);
    n->waiting = 0;
  }
  if (get16(arp + 6) == 1 && target == p->settings.address) send_arp(p, 2, arp + 8, sender);
}

/* Sends the packet behind the room for an Ethernet header, now or when its next hop is known. */
static void send_packet(struct pebble* p, uint8_t* frame, size_t packet, uint32_t to) {
  const int on_link = ((to ^ p->settings.address) & p->settings.netmask) == 0;
  const uint32_t hop = on_link ? to : p->settings.gateway;
  if (hop == 0) return;
  struct neighbour* n = find_neighbour(p, hop);
  if (n != NULL && n->known) {
    transmit(p, frame, n->mac, 0x0800, packet);
    return;
  }
  if (n == NULL) {
    n = find_neighbour(p, 0);
    if (n == NULL) n = &p->neighbours[hop % MAX_NEIGHBOURS];
    memset(n, 0, sizeof *n);
    n->address = hop;
    n->tries = 1;
    n->next_ms = p->now_ms + ARP_INTERVAL_MS;
    send_arp(p, 1, NULL, hop);
  }
  n->waiting = ETHERNET + packet;
  memcpy(n->frame, frame, n->waiting);
}

void pebble_tick(struct pebble* p, uint64_t now_ms) {
  p->now_ms = now_ms;
  for (int i = 0; i < MAX_NEIGHBOURS; ++i) {
    struct neighbour* n = &p->neighbours[i];
    if (n->address == 0 || n->known || n->next_ms > now_ms) continue;
    if (n->tries++ < ARP_TRIES) {
      n->next_ms = now_ms + ARP_INTERVAL_MS;
      send_arp(p, 1, NULL, n->address);
    } else {
      memset(n, 0, sizeof *n);
    }
  }
}

uint64_t pebble_next_tick(const struct pebble* p) {
  uint64_t next = UINT64_MAX;
  for (int i = 0; i < MAX_NEIGHBOURS; ++i) {
    const struct neighbour* n = &p->neighbours[i];
    if (n->address != 0 && !n->known && n->next_ms < next) next = n->next_ms;
  }
  return next;
}

/* --- IPv4 and ICMP */

/* Fills the header before `payload` octets, and sends. */
static void send_ip(struct pebble* p, uint8_t* frame, uint8_t protocol, size_t payload,
                    uint32_t to) {
  uint8_t* ip = frame + ETHERNET;
  memset(ip, 0, IPV4);
  ip[0] = 0x45;
  put16(ip + 2, (uint16_t)(IPV4 + payload));
  put16(ip + 4, p->next_id++);
  ip[8] = 64;
  ip[9] = protocol;
  put32(ip + 12, p->settings.address);
  put32(ip + 16, to);
  put16(ip + 10, end_sum(add(0, ip, IPV4)));
  send_packet(p, frame, IPV4 + payload, to);
}

static void send_icmp(struct pebble* p, uint8_t type, uint8_t code, uint32_t rest,
                      const uint8_t* data, size_t count, uint32_t to) {
  uint8_t frame[MAX_FRAME];
  uint8_t* icmp = frame + ETHERNET + IPV4;
  if (count > MAX_FRAME - ETHERNET - IPV4 - 8) return;
  icmp[0] = type;
  icmp[1] = code;
  put16(icmp + 2, 0);
  put32(icmp + 4, rest);
  memcpy(icmp + 8, data, count);
  put16(icmp + 2, end_sum(add(0, icmp, 8 + count)));
  send_ip(p, frame, 1, 8 + count, to);
}

static void take_icmp(struct pebble* p, uint32_t from, const uint8_t* icmp, size_t count) {
  if (count < 8 || end_sum(add(0, icmp, count)) != 0) return;
  if (icmp[0] == 8 && icmp[1] == 0) {
    send_icmp(p, 0, 0, get32(icmp + 4), icmp + 8, count - 8, from);
  }
}

/* --- UDP */

static uint32_t pseudo_header(uint32_t from, uint32_t to, size_t count) {
  return (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff) + 17 + (uint32_t)count;
}

static struct socket* find_socket(struct pebble* p, uint32_t from, uint16_t from_port,
                                  uint16_t port) {
  struct socket* found = NULL;
  for (int i = 0; i < MAX_SOCKETS; ++i) {
    struct socket* s = &p->sockets[i];
    if (!s->open || s->port != port) continue;
    if (s->remote_port == 0) {
      if (found == NULL) found = s;
    } else if (s->remote == from && s->remote_port == from_port) {
      return s;
    }
  }
  return found;
}

static void take_udp(struct pebble* p, const uint8_t* ip, const uint8_t* udp, size_t count,
                     int to_all) {
  const uint32_t from = get32(ip + 12), to = get32(ip + 16);
  if (count < UDP || get16(udp + 4) < UDP || get16(udp + 4) > count) return;
  count = get16(udp + 4);
  if (get16(udp + 6) != 0 && end_sum(add(pseudo_header(from, to, count), udp, count)) != 0) return;
  struct socket* s = find_socket(p, from, get16(udp), get16(udp + 2));
  if (s == NULL) {
    /* RFC 1122, 4.1.3.1 and 3.2.2: nobody listens at that port, and that is told to one host. */
    if (!to_all) send_icmp(p, 3, 3, 0, ip, IPV4 + UDP, from);
    return;
  }
  if (s->queued == MAX_QUEUE) return;
  struct datagram* d = malloc(sizeof *d + count - UDP);
  if (d == NULL) return;
  d->next = NULL;
  d->from = from;
  d->from_port = get16(udp);
  d->count = count - UDP;
  memcpy(d->octets, udp + UDP, d->count);
  *s->last = d;
  s->last = &d->next;
  ++s->queued;
}

void pebble_receive(struct pebble* p, const uint8_t* frame, size_t count) {
  if (count < ETHERNET) return;
  if (memcmp(frame, p->settings.mac, 6) != 0 && memcmp(frame, everybody, 6) != 0) return;
  if (get16(frame + 12) == 0x0806) {
    take_arp(p, frame + ETHERNET, count - ETHERNET);
    return;
  }
  const uint8_t* ip = frame + ETHERNET;
  count -= ETHERNET;
  if (get16(frame + 12) != 0x0800 || count < IPV4 || ip[0] >> 4 != 4) return;
  const size_t header = (size_t)(ip[0] & 15) * 4, total = get16(ip + 2);
  if (header < IPV4 || total < header || total > count) return;
  if (end_sum(add(0, ip, header)) != 0 || get32(ip + 16) != p->settings.address) return;
  if ((get16(ip + 6) & 0x3fff) != 0) return; /* a fragment */
  const uint32_t from = get32(ip + 12);
  if (from == 0 || from == 0xffffffff || from >> 28 >= 14 || from >> 24 == 127) return;
  if (ip[9] == 1) take_icmp(p, from, ip + header, total - header);
  if (ip[9] == 17 && header == IPV4) {
    take_udp(p, ip, ip + header, total - header, memcmp(frame, everybody, 6) == 0);
  }
}

/* --- sockets */

static struct socket* socket_of(struct pebble* p, int number) {
  return number >= 0 && number < MAX_SOCKETS && p->sockets[number].open ? &p->sockets[number]
                                                                        : NULL;
}

static int in_use(struct pebble* p, uint16_t port) {
  for (int i = 0; i < MAX_SOCKETS; ++i) {
    if (p->sockets[i].open && p->sockets[i].port == port) return 1;
  }
  return 0;
}

static void take_port(struct pebble* p, struct socket* s) {
  while (s->port == 0) {
    const uint16_t port = p->next_port++;
    if (port >= 1024 && !in_use(p, port)) s->port = port;
  }
}

int pebble_open(struct pebble* p) {
  for (int i = 0; i < MAX_SOCKETS; ++i) {
    struct socket* s = &p->sockets[i];
    if (s->open) continue;
    memset(s, 0, sizeof *s);
    s->open = 1;
    s->last = &s->first;
    return i;
  }
  return -EMFILE;
}

static void drop_first(struct socket* s) {
  struct datagram* d = s->first;
  s->first = d->next;
  if (s->first == NULL) s->last = &s->first;
  --s->queued;
  free(d);
}

int pebble_close(struct pebble* p, int number) {
  struct socket* s = socket_of(p, number);
  if (s == NULL) return -EBADF;
  while (s->first != NULL) drop_first(s);
  s->open = 0;
  return 0;
}

int pebble_bind(struct pebble* p, int number, uint32_t address, uint16_t port) {
  struct socket* s = socket_of(p, number);
  if (s == NULL) return -EBADF;
  if (s->port != 0) return -EINVAL;
  if (address != 0 && address != p->settings.address) return -EADDRNOTAVAIL;
  if (port != 0 && in_use(p, port)) return -EADDRINUSE;
  s->local = address;
  s->port = port;
  take_port(p, s);
  return 0;
}

int pebble_connect(struct pebble* p, int number, uint32_t address, uint16_t port) {
  struct socket* s = socket_of(p, number);
  if (s == NULL) return -EBADF;
  if (address == 0 || port == 0) return -EINVAL;
  take_port(p, s);
  s->local = p->settings.address;
  s->remote = address;
  s->remote_port = port;
  return 0;
}

int pebble_local(struct pebble* p, int number, uint32_t* address, uint16_t* port) {
  struct socket* s = socket_of(p, number);
  if (s == NULL) return -EBADF;
  *address = s->local;
  *port = s->port;
  return 0;
}

int pebble_readable(struct pebble* p, int number) {
  struct socket* s = socket_of(p, number);
  return s == NULL ? -EBADF : s->first != NULL;
}

int pebble_receive_from(struct pebble* p, int number, uint8_t* octets, size_t count, int peek,
                        uint32_t* address, uint16_t* port) {
  struct socket* s = socket_of(p, number);
  if (s == NULL) return -EBADF;
  struct datagram* d = s->first;
  if (d == NULL) return -EAGAIN;
  if (count > d->count) count = d->count;
  memcpy(octets, d->octets, count);
  *address = d->from;
  *port = d->from_port;
  if (!peek) drop_first(s);
  return (int)count;
}

int pebble_send_to(struct pebble* p, int number, const uint8_t* octets, size_t count,
                   uint32_t address, uint16_t port) {
  uint8_t frame[MAX_FRAME];
  uint8_t* udp = frame + ETHERNET + IPV4;
  struct socket* s = socket_of(p, number);
  if (s == NULL) return -EBADF;
  if (port == 0) {
    if (s->remote_port == 0) return -EDESTADDRREQ;
    address = s->remote;
    port = s->remote_port;
  }
  if (count > p->settings.mtu - (size_t)(IPV4 + UDP)) return -EMSGSIZE; /* no fragments */
  take_port(p, s);
  const size_t length = UDP + count;
  put16(udp, s->port);
  put16(udp + 2, port);
  put16(udp + 4, (uint16_t)length);
  put16(udp + 6, 0);
  memcpy(udp + UDP, octets, count);
  const uint16_t sum =
      end_sum(add(pseudo_header(p->settings.address, address, length), udp, length));
  put16(udp + 6, sum == 0 ? 0xffff : sum);
  send_ip(p, frame, 17, length, address);
  return (int)count;
}

struct pebble* pebble_new(const struct pebble_settings* settings) {
  if (settings->mtu < 576 || settings->mtu > MAX_FRAME - ETHERNET) return NULL;
  struct pebble* p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->settings = *settings;
  p->next_id = 1;
  p->next_port = settings->first_port;
  return p;
}

void pebble_free(struct pebble* p) {
  for (int i = 0; i < MAX_SOCKETS; ++i) (void)pebble_close(p, i);
  free(p);
}
