/* SPDX-License-Identifier: Apache-2.0 */
/* Enough of GNU for MAP_ANONYMOUS. */
#define _GNU_SOURCE
#include "frames.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image.h"

/* More than lwIP ever keeps, in its queues for reassembly and for the user, in any case. */
enum { MOST_FRAMES = 256, LARGEST_FRAME = 0xffff };

/* A place for a frame begins with its pbuf. Pages between it and the frame are never touched, and
 * so take no memory. */
static SURVIVES struct pbuf_custom* places[MOST_FRAMES];
static SURVIVES struct pbuf_custom* unused[MOST_FRAMES];
static SURVIVES size_t place_count;
static SURVIVES size_t unused_count;

static size_t page_size(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

/* Where the guard begins. */
static size_t usable_size(void) {
  const size_t page = page_size();
  return (sizeof(struct pbuf_custom) + LARGEST_FRAME + page - 1) / page * page;
}

static struct pbuf_custom* new_place(void) {
  if (place_count == MOST_FRAMES) return NULL;
  const size_t usable = usable_size();
  uint8_t* memory =
      mmap(NULL, usable + page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  if (mprotect(memory + usable, page_size(), PROT_NONE) != 0) {
    munmap(memory, usable + page_size());
    return NULL;
  }
  struct pbuf_custom* place = (struct pbuf_custom*)(void*)memory;
  places[place_count++] = place;
  return place;
}

static void put_back(struct pbuf* pbuf) {
  unused[unused_count++] = (struct pbuf_custom*)(void*)pbuf;
}

struct pbuf* frame_take(const uint8_t* octets, uint16_t count) {
  struct pbuf_custom* place = unused_count > 0 ? unused[--unused_count] : new_place();
  if (place == NULL) return NULL;
  uint8_t* start = (uint8_t*)place + usable_size() - count;
  memcpy(start, octets, count);
  place->custom_free_function = put_back;
  return pbuf_alloced_custom(PBUF_RAW, count, PBUF_POOL, place, start, count);
}

void frames_forget(void) {
  memcpy(unused, places, place_count * sizeof places[0]);
  unused_count = place_count;
}

void frames_release(void) {
  for (size_t i = 0; i < place_count; ++i) munmap(places[i], usable_size() + page_size());
  place_count = unused_count = 0;
}
