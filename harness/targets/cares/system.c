/* SPDX-License-Identifier: Apache-2.0 */
/* Enough of GNU for the declarations of getrandom() and arc4random_buf(). */
#define _GNU_SOURCE
#include "system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { NANOSECONDS_PER_SECOND = 1000000000, NANOSECONDS_PER_US = 1000 };

static uint64_t time_ns;
static uint64_t random_state;
static char* resolv_conf;

void system_set_time(uint64_t now_ns) {
  time_ns = now_ns;
}

void system_set_seed(uint64_t seed) {
  random_state = seed;
}

void system_set_resolv_conf(const char* text) {
  free(resolv_conf);
  resolv_conf = strdup(text);
}

/* splitmix64 */
static uint64_t draw(void) {
  uint64_t z = random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* --- functions of the C library, for c-ares */

int clock_gettime(clockid_t clock, struct timespec* now) {
  (void)clock;
  now->tv_sec = (time_t)(time_ns / NANOSECONDS_PER_SECOND);
  now->tv_nsec = (long)(time_ns % NANOSECONDS_PER_SECOND);
  return 0;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  (void)zone;
  now->tv_sec = (time_t)(time_ns / NANOSECONDS_PER_SECOND);
  now->tv_usec = (suseconds_t)(time_ns % NANOSECONDS_PER_SECOND / NANOSECONDS_PER_US);
  return 0;
}

int rand(void) {
  return (int)(draw() >> 33);
}

void arc4random_buf(void* to, size_t count) {
  for (size_t i = 0; i < count; ++i) ((unsigned char*)to)[i] = (unsigned char)draw();
}

ssize_t getrandom(void* to, size_t count, unsigned int flags) {
  (void)flags;
  arc4random_buf(to, count);
  return (ssize_t)count;
}

FILE* fopen(const char* restrict path, const char* restrict mode) {
  if (strcmp(path, "/etc/resolv.conf") == 0 && resolv_conf != NULL) {
    return fmemopen(resolv_conf, strlen(resolv_conf), mode);
  }
  errno = ENOENT;
  return NULL;
}

char* getenv(const char* name) {
  (void)name;
  return NULL;
}

int gethostname(char* name, size_t size) {
  snprintf(name, size, "host");
  return 0;
}
