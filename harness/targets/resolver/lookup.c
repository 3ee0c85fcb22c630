/* SPDX-License-Identifier: Apache-2.0 */
/* The resolver of the C library that this is compiled with: getaddrinfo() behind the lines of
 * docs/targets.md, "resolver:PROGRAM". */
/* Enough of GNU for EAI_NODATA. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#ifndef PW_C_LIBRARY
#define PW_C_LIBRARY "libc unknown"
#endif

/* Room for any name and what stands before it; what is longer is no name. */
enum { LINE = 4096 };

static void greet(void) {
#ifdef __GLIBC__
  /* "options edns0" is glibc's. */
  printf("glibc %s edns0\n", gnu_get_libc_version());
#else
  printf("%s\n", PW_C_LIBRARY);
#endif
}

/* getaddrinfo() has fewer errors than a resolver has reasons. EAI_AGAIN is any that may be better
 * next time. */
static const char* name_of(int error) {
  switch (error) {
    case EAI_NONAME: return "ENOENT";
#ifdef EAI_NODATA
    case EAI_NODATA: return "ENODATA";
#endif
    case EAI_AGAIN:
    case EAI_FAIL: return "EIO";
    case EAI_MEMORY: return "ENOMEM";
    case EAI_SYSTEM: return errno == ETIMEDOUT ? "ETIMEDOUT" : "EIO";
    default: return "EINVAL";
  }
}

static void print_address(const struct sockaddr* address) {
  char text[INET6_ADDRSTRLEN];
  const void* octets = address->sa_family == AF_INET
                           ? (const void*)&((const struct sockaddr_in*)address)->sin_addr
                           : (const void*)&((const struct sockaddr_in6*)address)->sin6_addr;
  printf(" %s", inet_ntop(address->sa_family, octets, text, sizeof text));
}

static void look_up(int family, const char* name) {
  struct addrinfo hints, *list = NULL;
  memset(&hints, 0, sizeof hints);
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM; /* or each address comes three times */
  const int error = getaddrinfo(name, NULL, &hints, &list);
  if (error != 0) {
    printf("error %s\n", name_of(error));
    return;
  }
  printf("ok");
  for (const struct addrinfo* one = list; one != NULL; one = one->ai_next) {
    print_address(one->ai_addr);
  }
  printf("\n");
  freeaddrinfo(list);
}

int main(void) {
  char line[LINE];
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  greet();
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if ((line[0] != '4' && line[0] != '6') || line[1] != ' ') return 1;
    look_up(line[0] == '4' ? AF_INET : AF_INET6, line + 2);
  }
  return 0;
}
