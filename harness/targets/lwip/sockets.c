/* SPDX-License-Identifier: Apache-2.0 */
#include "sockets.h"

#include <errno.h>
#include <string.h>

#include "convert.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"

enum { MAX_SOCKETS = 64, MAX_WAITING = 16 };

enum kind { UNUSED, LISTENER, STREAM, DATAGRAM };

struct datagram {
  struct pbuf* text;
  ip_addr_t from;
  u16_t port;
};

struct socket {
  enum kind kind;
  u8_t family; /* IPADDR_TYPE_V4 or IPADDR_TYPE_V6 */
  int error;   /* of an errno, told once */

  /* LISTENER and STREAM; a STREAM whose pcb is null is over, or was not begun if `is_new` */
  struct tcp_pcb* tcp;
  int is_new, is_connecting, is_connected, peer_closed, write_closed, lingers_not;
  struct pbuf* text; /* in order, unread */

  struct tcp_pcb* waiting[MAX_WAITING]; /* LISTENER: to be accepted, oldest first */
  int waiting_count;

  /* DATAGRAM */
  struct udp_pcb* udp;
  int is_remote_set;
  struct datagram queue[MAX_WAITING];
  int queued;
};

static struct socket sockets[MAX_SOCKETS];

static struct socket* socket_of(int fd) {
  return fd >= 0 && fd < MAX_SOCKETS && sockets[fd].kind != UNUSED ? &sockets[fd] : NULL;
}

static struct socket* new_socket(enum kind kind, u8_t family) {
  for (int i = 0; i < MAX_SOCKETS; ++i) {
    if (sockets[i].kind != UNUSED) continue;
    memset(&sockets[i], 0, sizeof sockets[i]);
    sockets[i].kind = kind;
    sockets[i].family = family;
    return &sockets[i];
  }
  return NULL;
}

static int number_of(const struct socket* s) {
  return (int)(s - sockets);
}

/* --- addresses */

static int fits(const struct socket* s, const struct pw_address* address) {
  return address->family == PW_NONE ||
         (address->family == PW_IPV4) == (s->family == IPADDR_TYPE_V4);
}

static void fill(struct pw_endpoint* out, const ip_addr_t* address, u16_t port) {
  fill_address(&out->address, address);
  out->port = port;
}

/* --- what lwIP calls */

static err_t on_text(void* argument, struct tcp_pcb* pcb, struct pbuf* text, err_t error) {
  struct socket* s = argument;
  (void)pcb;
  (void)error;
  if (s == NULL) {
    if (text != NULL) pbuf_free(text);
    return ERR_OK;
  }
  if (text == NULL) {
    s->peer_closed = 1;
  } else if (s->text == NULL) {
    s->text = text;
  } else {
    pbuf_cat(s->text, text);
  }
  return ERR_OK;
}

static void on_end(void* argument, err_t error) {
  struct socket* s = argument;
  if (s == NULL) return;
  s->tcp = NULL;
  if (error == ERR_RST) {
    s->error = s->is_connecting ? ECONNREFUSED : ECONNRESET;
  } else if (error == ERR_ABRT) {
    s->error = ETIMEDOUT; /* nobody answered, or a limit of lwIP's own */
  } else {
    s->error = errno_of(error);
  }
  s->is_connecting = s->is_connected = 0;
}

static void stop_waiting(struct socket* listener, int place) {
  --listener->waiting_count;
  memmove(&listener->waiting[place], &listener->waiting[place + 1],
          (size_t)(listener->waiting_count - place) * sizeof listener->waiting[0]);
}

/* A connection that nobody has accepted yet is gone, the one that its own argument says: it may be
   in lwIP's lists until afterwards. */
static void on_end_of_waiting(void* argument, err_t error) {
  (void)error;
  for (int fd = 0; fd < MAX_SOCKETS; ++fd) {
    struct socket* s = &sockets[fd];
    if (s->kind != LISTENER) continue;
    for (int i = 0; i < s->waiting_count; ++i) {
      if (s->waiting[i] != argument) continue;
      stop_waiting(s, i);
      return;
    }
  }
}

/* Text of a connection that waits stays in lwIP, which asks again. */
static err_t on_early_text(void* argument, struct tcp_pcb* pcb, struct pbuf* text, err_t error) {
  (void)argument;
  (void)pcb;
  (void)text;
  (void)error;
  return ERR_MEM;
}

static err_t on_accept(void* argument, struct tcp_pcb* pcb, err_t error) {
  struct socket* listener = argument;
  if (error != ERR_OK || pcb == NULL) return ERR_VAL;
  if (listener == NULL || listener->waiting_count == MAX_WAITING) return ERR_MEM;
  listener->waiting[listener->waiting_count++] = pcb;
  tcp_backlog_delayed(pcb);
  tcp_arg(pcb, pcb);
  tcp_recv(pcb, on_early_text);
  tcp_err(pcb, on_end_of_waiting);
  return ERR_OK;
}

static err_t on_connected(void* argument, struct tcp_pcb* pcb, err_t error) {
  struct socket* s = argument;
  (void)pcb;
  if (s == NULL) return ERR_OK;
  s->is_connecting = 0;
  s->is_connected = error == ERR_OK;
  return ERR_OK;
}

static void on_datagram(void* argument, struct udp_pcb* pcb, struct pbuf* text,
                        const ip_addr_t* from, u16_t port) {
  struct socket* s = argument;
  (void)pcb;
  if (s == NULL || s->queued == MAX_WAITING) {
    pbuf_free(text);
    return;
  }
  struct datagram* d = &s->queue[s->queued++];
  d->text = text;
  d->from = *from;
  d->port = port;
}

/* --- sockets */

static void adopt(struct socket* s, struct tcp_pcb* pcb) {
  s->tcp = pcb;
  tcp_arg(pcb, s);
  tcp_recv(pcb, on_text);
  tcp_err(pcb, on_end);
}

int lwip_plugin_socket(void* stack, int family, int type, int protocol) {
  (void)stack;
  const u8_t kind = family == PW_IPV4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6;
  const int stream = type == PW_STREAM && (protocol == PW_ANY || protocol == PW_TCP);
  const int datagram = type == PW_DATAGRAM && (protocol == PW_ANY || protocol == PW_UDP);
  if (!stream && !datagram) return -ENOTSUP;
  struct socket* s = new_socket(stream ? STREAM : DATAGRAM, kind);
  if (s == NULL) return -EMFILE;
  if (stream) {
    struct tcp_pcb* pcb = tcp_new_ip_type(kind);
    if (pcb != NULL) adopt(s, pcb);
    s->is_new = 1;
  } else {
    s->udp = udp_new_ip_type(kind);
    if (s->udp != NULL) udp_recv(s->udp, on_datagram, s);
  }
  if (s->tcp == NULL && s->udp == NULL) {
    s->kind = UNUSED;
    return -ENOBUFS;
  }
  return number_of(s);
}

int lwip_plugin_bind(void* stack, int fd, const struct pw_endpoint* local) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (!fits(s, &local->address)) return -EAFNOSUPPORT;
  const ip_addr_t address = address_of(&local->address, s->family);
  if (s->kind == DATAGRAM) {
    if (s->udp->local_port != 0) return -EINVAL;
    return -errno_of(udp_bind(s->udp, &address, local->port));
  }
  if (s->tcp == NULL || !s->is_new || s->tcp->local_port != 0) return -EINVAL;
  return -errno_of(tcp_bind(s->tcp, &address, local->port));
}

int lwip_plugin_listen(void* stack, int fd, int backlog) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (s->kind == LISTENER) return 0;
  if (s->kind != STREAM) return -EOPNOTSUPP;
  if (s->tcp == NULL || !s->is_new) return -EINVAL;
  if (s->tcp->local_port == 0) {
    const err_t bound = tcp_bind(s->tcp, NULL, 0);
    if (bound != ERR_OK) return -errno_of(bound);
  }
  const int most = backlog < 1 ? 1 : backlog > MAX_WAITING ? MAX_WAITING : backlog;
  err_t error = ERR_OK;
  struct tcp_pcb* listening = tcp_listen_with_backlog_and_err(s->tcp, (u8_t)most, &error);
  if (listening == NULL) return -errno_of(error);
  s->kind = LISTENER;
  s->tcp = listening;
  tcp_arg(listening, s);
  tcp_accept(listening, on_accept);
  return 0;
}

int lwip_plugin_accept(void* stack, int fd, struct pw_endpoint* peer) {
  struct socket* listener = socket_of(fd);
  (void)stack;
  if (listener == NULL) return -EBADF;
  if (listener->kind != LISTENER) return -EINVAL;
  if (listener->waiting_count == 0) return -EAGAIN;
  struct socket* s = new_socket(STREAM, listener->family);
  if (s == NULL) return -EMFILE;
  struct tcp_pcb* pcb = listener->waiting[0];
  stop_waiting(listener, 0);
  adopt(s, pcb);
  s->is_connected = 1;
  fill(peer, &pcb->remote_ip, pcb->remote_port);
  tcp_backlog_accepted(pcb);
  /* What came before now. */
  if (pcb->refused_data != NULL) (void)tcp_process_refused_data(pcb);
  return number_of(s);
}

int lwip_plugin_connect(void* stack, int fd, const struct pw_endpoint* remote) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (!fits(s, &remote->address)) return -EAFNOSUPPORT;
  const ip_addr_t address = address_of(&remote->address, s->family);
  if (s->kind == DATAGRAM) {
    const err_t connected = udp_connect(s->udp, &address, remote->port);
    s->is_remote_set = connected == ERR_OK;
    return -errno_of(connected);
  }
  if (s->kind == LISTENER) return -EOPNOTSUPP;
  if (s->is_connecting) return -EALREADY;
  if (s->is_connected) return -EISCONN;
  if (s->tcp == NULL) return -EINVAL;
  s->is_new = 0;
  s->is_connecting = 1;
  const err_t begun = tcp_connect(s->tcp, &address, remote->port, on_connected);
  if (begun == ERR_OK) return -EINPROGRESS;
  s->is_connecting = 0;
  s->is_new = 1;
  return -errno_of(begun);
}

static int take_error(struct socket* s) {
  const int error = s->error;
  s->error = 0;
  return error;
}

static int64_t read_stream(struct socket* s, uint8_t* octets, size_t count, int peek) {
  if (s->kind == LISTENER || s->is_new || s->is_connecting) return -ENOTCONN;
  if (s->text == NULL) {
    if (s->error != 0) return -take_error(s);
    return s->peer_closed || s->tcp == NULL ? 0 : -EAGAIN;
  }
  u16_t size = s->text->tot_len;
  if (count < size) size = (u16_t)count;
  pbuf_copy_partial(s->text, octets, size, 0);
  if (!peek) {
    s->text = pbuf_free_header(s->text, size);
    if (s->tcp != NULL) tcp_recved(s->tcp, size);
  }
  return size;
}

int64_t lwip_plugin_read(void* stack, int fd, uint8_t* octets, size_t count, uint32_t* flags,
                         struct pw_endpoint* from) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (*flags & PW_OUT_OF_BAND) return -ENOTSUP;
  const int peek = (*flags & PW_PEEK) != 0;
  *flags = 0;
  if (s->kind != DATAGRAM) return read_stream(s, octets, count, peek);
  if (s->queued == 0) return s->error != 0 ? -take_error(s) : -EAGAIN;
  struct datagram* d = &s->queue[0];
  fill(from, &d->from, d->port);
  const u16_t most = count > 0xffff ? 0xffff : (u16_t)count;
  const u16_t size = pbuf_copy_partial(d->text, octets, most, 0);
  if (!peek) {
    pbuf_free(d->text);
    --s->queued;
    memmove(&s->queue[0], &s->queue[1], (size_t)s->queued * sizeof s->queue[0]);
  }
  return size;
}

static int64_t write_datagram(struct socket* s, const uint8_t* octets, size_t count,
                              const struct pw_endpoint* to) {
  if (to == NULL && !s->is_remote_set) return -EDESTADDRREQ;
  if (to != NULL && !fits(s, &to->address)) return -EAFNOSUPPORT;
  if (count > 65507) return -EMSGSIZE;
  struct pbuf* text = pbuf_alloc(PBUF_TRANSPORT, (u16_t)count, PBUF_RAM);
  if (text == NULL) return -ENOBUFS;
  pbuf_take(text, octets, (u16_t)count);
  err_t sent = ERR_OK;
  if (to == NULL) {
    sent = udp_send(s->udp, text);
  } else {
    const ip_addr_t address = address_of(&to->address, s->family);
    sent = udp_sendto(s->udp, text, &address, to->port);
  }
  pbuf_free(text);
  return sent == ERR_OK ? (int64_t)count : -errno_of(sent);
}

int64_t lwip_plugin_write(void* stack, int fd, const uint8_t* octets, size_t count, uint32_t flags,
                          const struct pw_endpoint* to) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (flags & (PW_OUT_OF_BAND | PW_FAST_OPEN)) return -ENOTSUP;
  if (s->kind == DATAGRAM) return write_datagram(s, octets, count, to);
  if (s->kind == LISTENER || s->is_new) return -ENOTCONN;
  if (s->is_connecting) return -EAGAIN;
  if (s->error != 0) return -take_error(s);
  if (s->tcp == NULL || s->write_closed) return -EPIPE;
  const size_t room = tcp_sndbuf(s->tcp);
  const u16_t size = (u16_t)(count < room ? count : room < 0xffff ? room : 0xffff);
  if (count > 0 && size == 0) return -EAGAIN;
  const u8_t how = TCP_WRITE_FLAG_COPY | (flags & PW_MORE ? TCP_WRITE_FLAG_MORE : 0);
  const err_t taken = tcp_write(s->tcp, octets, size, how);
  if (taken == ERR_MEM) return -EAGAIN;
  if (taken != ERR_OK) return -errno_of(taken);
  (void)tcp_output(s->tcp);
  return size;
}

int lwip_plugin_shutdown(void* stack, int fd, int how) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (s->kind != STREAM || !s->is_connected || s->tcp == NULL) return -ENOTCONN;
  if (how != PW_SHUT_WRITE) return -ENOTSUP; /* lwIP frees the connection, whatever it is doing */
  const err_t done = tcp_shutdown(s->tcp, 0, 1);
  if (done == ERR_OK) s->write_closed = 1;
  return -errno_of(done);
}

static void forget(struct tcp_pcb* pcb) {
  tcp_arg(pcb, NULL);
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_err(pcb, NULL);
}

static void close_stream(struct socket* s) {
  struct tcp_pcb* pcb = s->tcp;
  if (pcb == NULL) return;
  forget(pcb);
  if (s->lingers_not) {
    tcp_abort(pcb);
  } else if (tcp_close(pcb) != ERR_OK) {
    tcp_abort(pcb);
  }
}

int lwip_plugin_close(void* stack, int fd) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (s->kind == STREAM) close_stream(s);
  if (s->text != NULL) pbuf_free(s->text);
  if (s->kind == LISTENER) {
    for (int i = 0; i < s->waiting_count; ++i) {
      forget(s->waiting[i]);
      tcp_abort(s->waiting[i]);
    }
    tcp_arg(s->tcp, NULL);
    (void)tcp_close(s->tcp);
  }
  if (s->kind == DATAGRAM) {
    for (int i = 0; i < s->queued; ++i) pbuf_free(s->queue[i].text);
    udp_remove(s->udp);
  }
  s->kind = UNUSED;
  return 0;
}

/* --- options and states */

int lwip_plugin_set_option(void* stack, int fd, int option, int64_t value) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  struct ip_pcb* ip = s->kind == DATAGRAM ? (struct ip_pcb*)s->udp : (struct ip_pcb*)s->tcp;
  if (ip == NULL) return -EINVAL;
  struct tcp_pcb* tcp = s->kind == STREAM ? s->tcp : NULL;
  u8_t flag = 0;
  switch (option) {
    case PW_SO_REUSEADDR: flag = SOF_REUSEADDR; break;
    case PW_SO_KEEPALIVE: flag = SOF_KEEPALIVE; break;
    case PW_SO_BROADCAST: flag = SOF_BROADCAST; break;
    case PW_SO_LINGER:
      if (value > 0) return -ENOTSUP;
      s->lingers_not = value == 0;
      return 0;
    case PW_IP_TTL:
    case PW_IPV6_UNICAST_HOPS:
      if (value < 1 || value > 255) return -EINVAL;
      ip->ttl = (u8_t)value;
      return 0;
    case PW_IP_TOS:
    case PW_IPV6_TCLASS:
      if (value < 0 || value > 255) return -EINVAL;
      ip->tos = (u8_t)value;
      return 0;
    case PW_TCP_NODELAY:
      if (tcp == NULL) return -ENOTSUP;
      if (value != 0) {
        tcp_nagle_disable(tcp);
      } else {
        tcp_nagle_enable(tcp);
      }
      return 0;
    case PW_TCP_KEEPIDLE:
      if (tcp == NULL) return -ENOTSUP;
      tcp->keep_idle = (u32_t)value * 1000;
      return 0;
    case PW_TCP_KEEPINTVL:
      if (tcp == NULL) return -ENOTSUP;
      tcp->keep_intvl = (u32_t)value * 1000;
      return 0;
    case PW_TCP_KEEPCNT:
      if (tcp == NULL) return -ENOTSUP;
      tcp->keep_cnt = (u32_t)value;
      return 0;
    case PW_IPV6_V6ONLY: return value != 0 ? 0 : -ENOTSUP;
    default: return -ENOTSUP;
  }
  if (value != 0) {
    ip_set_option(ip, flag);
  } else {
    ip_reset_option(ip, flag);
  }
  return 0;
}

int lwip_plugin_get_option(void* stack, int fd, int option, int64_t* value) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  switch (option) {
    case PW_SO_ERROR: *value = take_error(s); return 0;
    case PW_TCP_MAXSEG:
      if (s->kind != STREAM || s->tcp == NULL) return -ENOTSUP;
      *value = tcp_mss(s->tcp);
      return 0;
    case PW_TCP_NODELAY:
      if (s->kind != STREAM || s->tcp == NULL) return -ENOTSUP;
      *value = tcp_nagle_disabled(s->tcp) ? 1 : 0;
      return 0;
    default: return -ENOTSUP;
  }
}

int lwip_plugin_poll(void* stack, int fd) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (s->kind == LISTENER) return s->waiting_count > 0 ? PW_READABLE : 0;
  if (s->kind == DATAGRAM) return PW_WRITABLE | (s->queued > 0 ? PW_READABLE : 0);
  int ready = 0;
  const int over = s->tcp == NULL;
  if (s->text != NULL || s->peer_closed || over) ready |= PW_READABLE;
  if (over || (s->is_connected && (s->write_closed || tcp_sndbuf(s->tcp) > 0))) {
    ready |= PW_WRITABLE;
  }
  if (s->error != 0) ready |= PW_ERROR;
  if (over || (s->peer_closed && s->write_closed)) ready |= PW_HANG_UP;
  return ready;
}

int lwip_plugin_local_endpoint(void* stack, int fd, struct pw_endpoint* local) {
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (s->kind == DATAGRAM) {
    fill(local, &s->udp->local_ip, s->udp->local_port);
  } else if (s->tcp != NULL) {
    fill(local, &s->tcp->local_ip, s->tcp->local_port);
  } else {
    return -EINVAL;
  }
  return 0;
}

static void add(struct pw_tcp_status* status, const char* name, int64_t value) {
  status->counters[status->counter_count].name = name;
  status->counters[status->counter_count++].value = value;
}

int lwip_plugin_tcp_status(void* stack, int fd, struct pw_tcp_status* status) {
  static const uint8_t states[] = {PW_CLOSED,      PW_LISTEN,     PW_SYN_SENT,   PW_SYN_RECEIVED,
                                   PW_ESTABLISHED, PW_FIN_WAIT_1, PW_FIN_WAIT_2, PW_CLOSE_WAIT,
                                   PW_CLOSING,     PW_LAST_ACK,   PW_TIME_WAIT};
  struct socket* s = socket_of(fd);
  (void)stack;
  if (s == NULL) return -EBADF;
  if (s->kind == DATAGRAM) return -EOPNOTSUPP;
  status->state = s->tcp == NULL ? PW_CLOSED : states[s->tcp->state];
  if (s->kind != STREAM || s->tcp == NULL) return 0;
  const struct tcp_pcb* pcb = s->tcp;
  const u16_t mss = pcb->mss == 0 ? 1 : pcb->mss;
  add(status, "cwnd_octets", pcb->cwnd);
  add(status, "cwnd", pcb->cwnd / mss);
  add(status, "ssthresh_octets", pcb->ssthresh);
  add(status, "snd_mss", pcb->mss);
  add(status, "snd_wnd", pcb->snd_wnd);
  add(status, "rcv_wnd", pcb->rcv_wnd);
  add(status, "rto_us", (int64_t)pcb->rto * TCP_SLOW_INTERVAL * 1000);
  add(status, "retransmits", pcb->nrtx);
  return 0;
}
