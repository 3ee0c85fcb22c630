/* SPDX-License-Identifier: Apache-2.0 */
/* Enough of GNU for dl_iterate_phdr(). */
#define _GNU_SOURCE
#include "image.h"

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct image {
  uint8_t* start; /* of the writable part of this object */
  size_t size;
  uint8_t* copy;
};

static SURVIVES struct image image;

/* Of everything that survives; the linker makes these names. */
extern uint8_t __start_survives[], __stop_survives[];

static int find_own_data(struct dl_phdr_info* info, size_t size, void* result) {
  struct image* found = result;
  const uintptr_t here = (uintptr_t)&image;
  uintptr_t start = 0, end = 0, readonly_end = 0;
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* part = &info->dlpi_phdr[i];
    const uintptr_t from = info->dlpi_addr + part->p_vaddr;
    if (part->p_type == PT_LOAD && (part->p_flags & PF_W) != 0 && from <= here &&
        here < from + part->p_memsz) {
      start = from;
      end = from + part->p_memsz;
    }
    if (part->p_type == PT_GNU_RELRO) {
      /* Read-only since it was loaded, in whole pages. */
      const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
      readonly_end = (from + part->p_memsz) / page * page;
    }
  }
  if (start == 0) return 0;
  if (readonly_end > start && readonly_end < end) start = readonly_end;
  found->start = (uint8_t*)start; /* NOLINT(performance-no-int-to-ptr) */
  found->size = end - start;
  return 1;
}

/* Word by word and not by memcpy(), which a sanitizer watches: the gaps that it leaves between
 * variables are copied as well. `from` and `to` are aligned. */
#if defined(__has_attribute)
#if __has_attribute(no_sanitize)
__attribute__((no_sanitize("address", "undefined")))
#endif
#endif
static void
copy(uint8_t* to, const uint8_t* from, size_t size) {
  volatile uint64_t* out = (volatile uint64_t*)(void*)to;
  const uint64_t* in = (const uint64_t*)(const void*)from;
  for (size_t i = 0; i < size / sizeof *out; ++i) out[i] = in[i];
}

int image_keep(void) {
  struct image found = {0};
  if (dl_iterate_phdr(find_own_data, &found) == 0) return -ENOTSUP;
  found.copy = malloc(found.size);
  if (found.copy == NULL) return -ENOMEM;
  image = found;
  copy(found.copy, found.start, found.size);
  return 0;
}

void image_restore(void) {
  const size_t before = (size_t)(__start_survives - image.start);
  const size_t after = (size_t)(__stop_survives - image.start);
  copy(image.start, image.copy, before);
  copy(image.start + after, image.copy + after, image.size - after);
}
