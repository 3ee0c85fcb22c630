// SPDX-License-Identifier: Apache-2.0
// What SYN cookies (RFC 4987, 3.6), a full accept queue and Fast Open (RFC 7413, 4.2) add to the
// handshake of RFC 9293. Called from the steps of segment_arrives.cc and user_calls.cc where they
// act.
#include <algorithm>

#include "stack/tcp/connection.hh"
#include "stack/tcp/tcp.hh"

namespace packetwright::tcp {

// RFC 4987, 3.6.
void Tcp::send_syn_cookie(Instant now, const Segment& syn, const Path& path, Listener& listener,
                          Actions& act) {
  constexpr Duration kLongest = 128s;  // that a cookie is good for
  act.drop(DropReason::tcp_listen_backlog_full);
  // While another incarnation is in TIME-WAIT the number may not be any (RFC 9293, 3.6.1).
  if (floor_of_iss_) return;
  Connection passing(shared_, {}, syn.local, syn.remote, path, listener.options);
  act.send(passing.make_syn_cookie_ack(now, syn_cookies_.make(now, syn), syn));
  listener.cookies_until = cookies_until_ = now + kLongest;
}

bool Tcp::take_syn_cookie(Instant now, const Segment& seg, const Path& path, Listener& listener,
                          Actions& act) {
  // Nobody has a cookie unless some were given lately: there is nothing to guess then.
  if (seg.syn || now >= listener.cookies_until) return false;
  const auto mss = syn_cookies_.check(now, seg);
  if (!mss) return false;
  Connection* const embryo = listener.pending.size() < listener.backlog
                                 ? make_connection(seg.local, seg.remote, path, listener.options)
                                 : nullptr;
  if (embryo == nullptr) {
    act.drop(DropReason::tcp_listen_backlog_full);
    return true;
  }
  embryo->holder = Connection::Holder::listener;
  embryo->embryo = true;
  ++listener.embryos;
  // The SYN, as far as it is known.
  Segment syn;
  syn.local = seg.local;
  syn.remote = seg.remote;
  syn.syn = true;
  syn.seq = seg.seq - 1;
  syn.window = seg.window;
  syn.options.mss = *mss;
  if (seg.options.timestamps) {
    const auto asked = SynCookies::options_of_stamp(seg.options.timestamps->echo_reply);
    syn.options.timestamps = seg.options.timestamps;
    syn.options.window_scale = asked.window_scale;
    syn.options.sack_permitted = asked.sack_permitted;
    syn.ece = syn.cwr = asked.ecn;
  }
  embryo->open_from_cookie(now, seg.ack - 1, syn, listener.id);
  embryo->on_segment(now, seg, act);
  mark_dirty(*embryo);
  settle(*embryo, act);
  return true;
}

// A handshake is not over while nobody could be given the connection, or would want it: the last
// segment counts as lost, and the SYN,ACK that goes out again asks for another.
std::optional<DropReason> Tcp::handshake_waits(Instant now, const Connection& embryo,
                                               const Segment& seg) const {
  if (!embryo.embryo || embryo.fast_opened() || !seg.has_ack || seg.rst || seg.syn) {
    return std::nullopt;
  }
  const Tcb::Send& snd = embryo.tcb().snd;
  if (!(snd.una < seg.ack && seg.ack <= snd.nxt)) return std::nullopt;
  const Listener* const listener = listeners_.find(embryo.listener());
  PW_ASSERT(listener != nullptr);
  if (listener->pending.size() >= listener->backlog) return DropReason::tcp_listen_backlog_full;
  const bool waits_for_text = seg.size == 0 && !seg.fin && embryo.waits_since() &&
                              now - *embryo.waits_since() < listener->defer_accept;
  if (waits_for_text) return DropReason::tcp_accept_deferred;
  return std::nullopt;
}

// RFC 7413, 4.2.2, "Server: Receiving SYN", steps 1 to 3 and 5.
FastOpenGrant Tcp::fast_open_grant(Instant now, const Segment& syn,
                                   const Listener& listener) const {
  const TcpConfig& config = shared_.config;
  FastOpenGrant grant;
  //= RFC7413-2-a
  //= RFC7413-4.2-a
  const std::size_t queue = listener.fast_open_queue > 0      ? listener.fast_open_queue
                            : config.fast_open_every_listener ? listener.backlog
                                                              : 0;
  if (!config.fast_open_server || queue == 0) return grant;
  const auto& option = syn.options.fast_open;
  if (!option && !(config.fast_open_without_cookie && syn.size > 0)) return grant;
  grant.refuse_text = true;
  //= RFC7413-4.2-b
  if (listener.fast_opens >= queue) return grant;

  const IpAddress& client = syn.remote.address;
  const IpAddress& server = syn.local.address;
  auto verdict = FastOpenKeys::Verdict::invalid;
  if (option && option->size > 0) {
    verdict = shared_.fast_open_keys.check(now, client, server, *option);
  }
  if (option && verdict != FastOpenKeys::Verdict::current) {
    grant.answer = shared_.fast_open_keys.make(now, client, server);
    grant.answer->experimental = option->experimental;
  }
  const bool asks = option && option->size == 0;
  grant.accept =
      verdict != FastOpenKeys::Verdict::invalid || (config.fast_open_without_cookie && !asks);
  return grant;
}

//= RFC7413-4.2.2-a
// The text of a SYN with a good cookie is there for the user at once.
void Connection::take_text_of_fast_open(const Segment& syn) {
  fast_open_ = FastOpen::accepted;
  const std::uint32_t size = std::min(syn.size, receive_buffer_.space());
  receive_buffer_.store(0, syn.text.first(size));
  receive_buffer_.commit(size);
  octets_received_ += size;
  syn_text_taken_ = size > 0;
  tcb_.rcv.nxt += size;
  if (syn.fin && size == syn.size) reassembly_.hold_fin(tcb_.rcv.nxt);
  // The window of a SYN begins behind it, since there is no ACK to say where else; SND.UNA is the
  // SYN's own number, which takes no room in a buffer.
  if (tcb_.snd.wnd > 0) ++tcb_.snd.wnd;
  //= RFC7413-4.2.2-e
  start_congestion_control();
}

//= RFC7413-4.2.2-d
// The peer has acknowledged our SYN and not its text, which goes again with the first ACK. What the
// peer's window has no room for counts as never sent: an ACK with a number behind the window would
// be none to the peer.
void Connection::take_back_text_of_syn() {
  const SeqNum edge = tcb_.snd.una + tcb_.snd.wnd;
  if (edge < tcb_.snd.nxt) {
    tcb_.snd.nxt = edge;
    send_buffer_.forget_marks();
    if (tcb_.snd.una == edge) return;
    send_buffer_.mark_sent(tcb_.snd.una, {.end = edge, .sent_at = last_sent_at_});
  }
  resend_first_ = syn_text_again_ = true;
}

// All of it, in segments as large as they have turned out to be.
void Connection::send_text_of_syn_again(Instant now, Actions& act) {
  syn_text_again_ = false;
  for (SeqNum from = tcb_.snd.una; from < tcb_.snd.nxt;) {
    const SeqNum end = retransmit(now, from, tcb_.snd.nxt, act);
    if (end == from) break;
    from = end;
  }
  congestion_.on_sent(tcb_.snd.una, tcb_.snd.nxt);
  restart_probe_ = true;
}

// RFC 7413, 4.2.2, "Client: Receiving SYN-ACK", and what it says of negative answers (4.1.3.1).
void Connection::learn_from_syn_ack(const Segment& seg, Instant now) {
  if (fast_open_ == FastOpen::none) return;  // nobody asked
  FastOpenCache& cache = shared_.fast_open_cache;
  const auto& cookie = seg.options.fast_open;
  const bool sent_text = tcb_.iss + 1 < tcb_.snd.nxt;
  const bool took_text = tcb_.iss + 1 < seg.ack;
  syn_text_taken_ = sent_text && seg.ack == tcb_.snd.nxt;
  // A cookie that nobody has asked for is none.
  if (cookie && cookie->size > 0 && fast_open_ != FastOpen::attempted_bare) {
    cache.learn(local_.address, remote_, *cookie, peer_mss_);
  } else if (sent_text && !took_text) {
    cache.learn_failure(now, local_.address, remote_);
  } else if (attempted_fast_open()) {
    cache.learn_mss(local_.address, remote_, peer_mss_);
  } else if (retransmits_ == 0) {
    cache.learn_refusal(local_.address, remote_, fast_open_ == FastOpen::requested_experimental);
  }
}

// The attempt to connect ends without an answer: it may have been for the text.
void Connection::fast_open_failed(Instant now) {
  if (syn_acked_ || !(tcb_.iss + 1 < tcb_.snd.nxt) || !attempted_fast_open()) return;
  shared_.fast_open_cache.learn_failure(now, local_.address, remote_);
}

}  // namespace packetwright::tcp
