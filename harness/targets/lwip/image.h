/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKETWRIGHT_LWIP_IMAGE_H
#define PACKETWRIGHT_LWIP_IMAGE_H

/* The static data of this shared object, kept and put back: a reset of a stack that has no other
 * state. What must survive is declared with SURVIVES. */
#define SURVIVES __attribute__((section("survives"), aligned(16)))

int image_keep(void); /* 0, or minus an errno */
void image_restore(void);

#endif
