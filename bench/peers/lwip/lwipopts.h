/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP as the benchmarks build it: its raw API in one thread, both families of IP as we have them,
 * memory from its own pools, and the options of TCP that all stacks of the comparison negotiate. */
#pragma once

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_IPV6 1
#define IPV6_FRAG_COPYHEADER 1

#define MEM_ALIGNMENT 8
#define MEM_SIZE (8 * 1024 * 1024)
#define MEMP_NUM_TCP_PCB 64
#define MEMP_NUM_TCP_SEG 1024
#define MEMP_NUM_PBUF 1024
#define PBUF_POOL_SIZE 1024
#define PBUF_POOL_BUFSIZE 1536

#define TCP_MSS 1460
#define TCP_WND (64 * 1024)
#define TCP_SND_BUF (64 * 1024)
#define TCP_SND_QUEUELEN 512
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 1
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 0
#define TCP_QUEUE_OOSEQ 1
#define TCP_MSL 250UL

#define LWIP_RAND() peers_rand()
#define LWIP_HOOK_FILENAME "lwip_hooks.h"
#define LWIP_HOOK_IP4_ROUTE_SRC(src, dest) peers_route(src)

#ifdef __cplusplus
extern "C" {
#endif
unsigned int peers_rand(void);
#ifdef __cplusplus
}
#endif
