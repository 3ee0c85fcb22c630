/* SPDX-License-Identifier: Apache-2.0 */
/* The socket calls of packetwright_target.h, on top of lwIP's raw API. */
#ifndef PACKETWRIGHT_LWIP_SOCKETS_H
#define PACKETWRIGHT_LWIP_SOCKETS_H

#include "harness/targets/packetwright_target.h"

int lwip_plugin_socket(void* stack, int family, int type, int protocol);
int lwip_plugin_bind(void* stack, int fd, const struct pw_endpoint* local);
int lwip_plugin_listen(void* stack, int fd, int backlog);
int lwip_plugin_accept(void* stack, int fd, struct pw_endpoint* peer);
int lwip_plugin_connect(void* stack, int fd, const struct pw_endpoint* remote);
int64_t lwip_plugin_read(void* stack, int fd, uint8_t* octets, size_t count, uint32_t* flags,
                         struct pw_endpoint* from);
int64_t lwip_plugin_write(void* stack, int fd, const uint8_t* octets, size_t count, uint32_t flags,
                          const struct pw_endpoint* to);
int lwip_plugin_shutdown(void* stack, int fd, int how);
int lwip_plugin_close(void* stack, int fd);
int lwip_plugin_set_option(void* stack, int fd, int option, int64_t value);
int lwip_plugin_get_option(void* stack, int fd, int option, int64_t* value);
int lwip_plugin_poll(void* stack, int fd);
int lwip_plugin_local_endpoint(void* stack, int fd, struct pw_endpoint* local);
int lwip_plugin_tcp_status(void* stack, int fd, struct pw_tcp_status* status);
int lwip_plugin_resolve(void* stack, const char* name, int family,
                        const struct pw_endpoint* server);
int lwip_plugin_resolved(void* stack, int query, struct pw_address* addresses, size_t most);

#endif
