/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP as the target "lwip" builds it: its raw API in one thread, everything that it can do
 * switched on, and nothing changed that its makers chose. */
#pragma once

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0
#define LWIP_NETIF_LOOPBACK 0
#define LWIP_HAVE_LOOPIF 0

/* All memory is static, so that an image of it is the whole state. */
#define MEM_ALIGNMENT 8
#define MEM_SIZE (192 * 1024)
#define MEMP_NUM_TCP_PCB 64
#define MEMP_NUM_TCP_PCB_LISTEN 16
#define MEMP_NUM_UDP_PCB 16
#define MEMP_NUM_RAW_PCB 4
#define MEMP_NUM_TCP_SEG 512
#define MEMP_NUM_PBUF 256
#define PBUF_POOL_SIZE 64
#define PBUF_POOL_BUFSIZE 1536
#define MEMP_NUM_REASSDATA 16
#define IP_REASS_MAX_PBUFS 40

#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define IPV6_FRAG_COPYHEADER 1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define LWIP_ICMP 1
#define LWIP_ICMP6 1
#define LWIP_IGMP 1
#define LWIP_IPV6_MLD 1
#define LWIP_RAW 1
#define LWIP_UDP 1
#define LWIP_TCP 1
#define LWIP_DNS 1
#define IP_SOF_BROADCAST 1
#define IP_SOF_BROADCAST_RECV 0
#define SO_REUSE 1
#define LWIP_BROADCAST_PING 0
#define LWIP_MULTICAST_PING 0

#define TCP_MSS 1460
#define TCP_WND 65535
#define TCP_SND_BUF (64 * 1024)
#define TCP_SND_QUEUELEN 256
#define TCP_LISTEN_BACKLOG 1
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 0
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 1
#define LWIP_TCP_KEEPALIVE 1
#define TCP_QUEUE_OOSEQ 1

#define LWIP_CHKSUM_ALGORITHM 3
#define LWIP_ERRNO_STDINCLUDE 1
#define LWIP_RAND() packetwright_rand()
#define LWIP_HOOK_FILENAME "lwip_hooks.h"
#define LWIP_HOOK_ND6_GET_GW(netif, dest) packetwright_gateway6(netif, dest)

unsigned int packetwright_rand(void);
