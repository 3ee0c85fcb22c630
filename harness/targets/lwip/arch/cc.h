/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP looks for this file. Its defaults do for a system with a C library; an assertion that fails
 * is the end of the stack, and a verdict. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define LWIP_PLATFORM_ASSERT(x)                                   \
  do {                                                            \
    fprintf(stderr, "lwIP: %s (%s:%d)\n", x, __FILE__, __LINE__); \
    abort();                                                      \
  } while (0)
