/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pebble: a small IPv4 host, of the kind that is found in boot loaders: ARP, echo replies, UDP
 * sockets. It knows nothing of packetwright. plugin.c makes it a target.
 */
#ifndef PEBBLE_H
#define PEBBLE_H

#include <stddef.h>
#include <stdint.h>

struct pebble_settings {
  uint32_t address, netmask, gateway; /* in the byte order of the host; gateway 0: none */
  uint8_t mac[6];
  uint16_t mtu;
  uint16_t first_port; /* where ephemeral ports begin */
  void (*transmit)(void* context, const uint8_t* frame, size_t count);
  void* context;
};

struct pebble;

struct pebble* pebble_new(const struct pebble_settings* settings); /* null: no memory */
void pebble_free(struct pebble* pebble);

/* An Ethernet frame arrives. */
void pebble_receive(struct pebble* pebble, const uint8_t* frame, size_t count);

/* Milliseconds since pebble_new(). */
void pebble_tick(struct pebble* pebble, uint64_t now_ms);
uint64_t pebble_next_tick(const struct pebble* pebble); /* UINT64_MAX: no timer runs */

/* UDP sockets. Negative: minus an errno. An address of 0 is any address. */
int pebble_open(struct pebble* pebble);
int pebble_close(struct pebble* pebble, int socket);
int pebble_bind(struct pebble* pebble, int socket, uint32_t address, uint16_t port);
int pebble_connect(struct pebble* pebble, int socket, uint32_t address, uint16_t port);
int pebble_local(struct pebble* pebble, int socket, uint32_t* address, uint16_t* port);
int pebble_readable(struct pebble* pebble, int socket);
/* Address and port of the sender; with `peek` the datagram stays. What does not fit is lost. */
int pebble_receive_from(struct pebble* pebble, int socket, uint8_t* octets, size_t count, int peek,
                        uint32_t* address, uint16_t* port);
/* Port 0: to where the socket is connected. */
int pebble_send_to(struct pebble* pebble, int socket, const uint8_t* octets, size_t count,
                   uint32_t address, uint16_t port);

#endif
