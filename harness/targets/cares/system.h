/* SPDX-License-Identifier: Apache-2.0 */
/* The system that c-ares finds around it. c-ares is linked into the plug-in, and what it would ask
 * the C library for - the time, chance, files, the environment, the name of the host - is defined
 * here instead. Nothing else of the machine reaches it. */
#ifndef PACKETWRIGHT_CARES_SYSTEM_H
#define PACKETWRIGHT_CARES_SYSTEM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* It is `now_ns`, of any clock. */
void system_set_time(uint64_t now_ns);
/* What random numbers follow from. */
void system_set_seed(uint64_t seed);
/* The text of /etc/resolv.conf, which must not be empty; it is kept until the next one. */
void system_set_resolv_conf(const char* text);

#ifdef __cplusplus
}
#endif

#endif
