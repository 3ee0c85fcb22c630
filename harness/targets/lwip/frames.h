/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKETWRIGHT_LWIP_FRAMES_H
#define PACKETWRIGHT_LWIP_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "lwip/pbuf.h"

/* Frames that lwIP is given. Each is in memory of its own, which ends with its last octet: behind
 * it is a page that is not there. A driver whose buffers are as large as its largest frame, as
 * PBUF_POOL's are, would hide that lwIP reads more than has come. */

/* A copy of the frame, of at most 65,535 octets; it is lwIP's, to free. NULL: no memory is left. */
struct pbuf* frame_take(const uint8_t* octets, uint16_t count);
/* lwIP has forgotten all that it had. */
void frames_forget(void);
/* The same, and the memory goes back to the system. */
void frames_release(void);

#endif
