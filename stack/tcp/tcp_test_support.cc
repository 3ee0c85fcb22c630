// SPDX-License-Identifier: Apache-2.0
#include "stack/tcp/tcp_test_support.hh"

#include <algorithm>

namespace packetwright::tcp::testing {
namespace {

void join(std::string& list, std::string_view item, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += item;
}

std::string_view name_of(EventKind kind) {
  switch (kind) {
    case EventKind::incoming: return "incoming";
    case EventKind::connected: return "connected";
    case EventKind::readable: return "readable";
    case EventKind::writable: return "writable";
    case EventKind::urgent: return "urgent";
    case EventKind::peer_closed: return "peer_closed";
    case EventKind::soft_error: return "soft_error";
    case EventKind::failed: return "failed";
    case EventKind::closed: return "closed";
  }
  return "?";
}

}  // namespace

std::uint8_t stream_octet(std::uint64_t position) {
  // Not periodic in any power of two, so that text in the wrong place shows.
  return static_cast<std::uint8_t>((position * 7 + position / 251) & 0xff);
}

Buffer stream_text(std::uint64_t position, std::size_t size) {
  Buffer text(size);
  for (std::size_t i = 0; i < size; ++i) text[i] = stream_octet(position + i);
  return text;
}

TcpConfig Bench::plain_config() {
  TcpConfig config;
  config.window_scaling = false;
  config.timestamps = false;
  config.sack = false;
  config.congestion_control = CongestionControl::reno;
  config.abc_limit = 1;
  config.hystart = false;
  config.frto = false;
  config.receive_buffer = 65535;
  config.receive_buffer_max = 0;
  return config;
}

Bench::Bench(const TcpConfig& config, std::uint32_t iss, std::uint32_t irs)
    : iss_(iss), irs_(irs), tcp_(config, Rng(1)) {
  options_.iss = SeqNum{iss};
  peer_options_.mss = 1000;
}

Bench& Bench::with_peer_options(const Options& options) {
  const auto mss = peer_options_.mss;
  peer_options_ = options;
  if (!peer_options_.mss) peer_options_.mss = mss;
  peer_sends_timestamps = options.timestamps.has_value();
  return *this;
}

Bench& Bench::with_options(const ConnectionOptions& options) {
  options_ = options;
  options_.iss = SeqNum{iss_};
  return *this;
}

Bench& Bench::with_peer_window(std::uint16_t window) {
  peer_window_ = window;
  return *this;
}

Bench& Bench::at_listen() {
  const auto listener = tcp_.listen({.local = local, .backlog = 4, .options = options_});
  EXPECT_TRUE(listener.ok());
  listener_ = *listener;
  return *this;
}

Bench& Bench::at_syn_sent() {
  const auto id = tcp_.open(now_,
                            {.local_address = local.address,
                             .local_port = local.port,
                             .remote = remote,
                             .path = path,
                             .options = options_},
                            act_);
  EXPECT_TRUE(id.ok());
  if (id) id_ = *id;
  EXPECT_EQ(collect("open").substr(0, 5), "S 0:0");
  return *this;
}

Bench& Bench::at_syn_received() {
  at_listen();
  EXPECT_EQ(arrive({.flags = "S", .window = peer_window_, .options = peer_options_}),
            "S. 0:0(0) ack 1");
  return *this;
}

Bench& Bench::at_syn_received_by_simultaneous_open() {
  at_syn_sent();
  EXPECT_EQ(arrive({.flags = "S", .window = peer_window_, .options = peer_options_}),
            "S. 0:0(0) ack 1");
  return *this;
}

Bench& Bench::at_established() {
  at_syn_received();
  EXPECT_EQ(arrive({.flags = ".", .seq = 1, .ack = 1, .window = peer_window_}), "");
  const auto id = tcp_.accept(listener_);
  EXPECT_TRUE(id.has_value());
  if (id) id_ = *id;
  return *this;
}

Bench& Bench::at_established_by_active_open() {
  at_syn_sent();
  EXPECT_EQ(arrive({.flags = "S.", .ack = 1, .window = peer_window_, .options = peer_options_}),
            ". 1:1(0) ack 1");
  return *this;
}

Bench& Bench::at_fin_wait_1() {
  at_established();
  EXPECT_EQ(close(), "F. 1:1(0) ack 1");
  return *this;
}

Bench& Bench::at_fin_wait_2() {
  at_fin_wait_1();
  EXPECT_EQ(arrive({.flags = ".", .seq = 1, .ack = 2, .window = peer_window_}), "");
  return *this;
}

Bench& Bench::at_close_wait() {
  at_established();
  EXPECT_EQ(arrive({.flags = "F.", .seq = 1, .ack = 1, .window = peer_window_}), ". 1:1(0) ack 2");
  return *this;
}

Bench& Bench::at_closing() {
  at_fin_wait_1();
  EXPECT_EQ(arrive({.flags = "F.", .seq = 1, .ack = 1, .window = peer_window_}), ". 2:2(0) ack 2");
  return *this;
}

Bench& Bench::at_last_ack() {
  at_close_wait();
  EXPECT_EQ(close(), "F. 1:1(0) ack 2");
  return *this;
}

Bench& Bench::at_time_wait_via_fin_wait_2() {
  at_fin_wait_2();
  EXPECT_EQ(arrive({.flags = "F.", .seq = 1, .ack = 2, .window = peer_window_}), ". 2:2(0) ack 2");
  return *this;
}

Bench& Bench::at_time_wait_via_closing() {
  at_closing();
  EXPECT_EQ(arrive({.flags = ".", .seq = 2, .ack = 2, .window = peer_window_}), "");
  return *this;
}

Segment Bench::make(const Arriving& arriving) const {
  Segment s;
  s.local = local;
  s.remote = remote;
  s.seq = SeqNum{irs_} + arriving.seq;
  s.ack = SeqNum{iss_} + arriving.ack;
  for (const char flag : arriving.flags) {
    switch (flag) {
      case 'S': s.syn = true; break;
      case 'F': s.fin = true; break;
      case 'R': s.rst = true; break;
      case 'P': s.psh = true; break;
      case '.': s.has_ack = true; break;
      case 'E': s.ece = true; break;
      case 'W': s.cwr = true; break;
      case '-': break;
      default: ADD_FAILURE() << "no such flag: " << flag;
    }
  }
  s.window = arriving.window;
  if (arriving.urgent_pointer) {
    s.urg = true;
    s.urgent_pointer = *arriving.urgent_pointer;
  }
  s.options = arriving.options;
  if (peer_sends_timestamps && !s.options.timestamps) {
    s.options.timestamps = Timestamps{peer_clock, last_tsval_.value_or(0)};
  }
  s.size = arriving.size;
  s.ecn = arriving.ecn;
  return s;
}

void Bench::arrive_unflushed(const Arriving& arriving) {
  Segment s = make(arriving);
  const std::uint32_t first = arriving.seq + (s.syn ? 1 : 0);
  // Exactly as long as it is, so that a sanitizer sees an octet too much.
  const Buffer text = stream_text(std::uint64_t{first} - 1 + arriving.text_seed, arriving.size);
  s.text = text;
  const std::size_t before = act_.segment_count();
  tcp_.on_segment(now_, s, path, act_);
  if (s.rst) {
    EXPECT_EQ(act_.segment_count() == before || !act_.segment(act_.segment_count() - 1).rst, true)
        << "a reset in reply to a reset\n"
        << story_;
  }
}

std::string Bench::flush() {
  tcp_.flush(now_, act_);
  return collect("flush");
}

std::string Bench::arrive(const Arriving& arriving) {
  arrive_unflushed(arriving);
  tcp_.flush(now_, act_);
  std::string stimulus = "< ";
  stimulus += line(make(arriving));
  return collect(stimulus);
}

std::string Bench::write(std::size_t size, SendFlags flags) {
  const auto taken = tcp_.send(now_, id_, stream_text(written_, size), flags, act_);
  if (taken) written_ += *taken;
  return collect("write " + std::to_string(size));
}

std::string Bench::fast_open(std::size_t size, bool waits) {
  const Buffer text = stream_text(0, size);
  const auto id = tcp_.open(now_,
                            {.local_address = local.address,
                             .local_port = local.port,
                             .remote = remote,
                             .path = path,
                             .options = options_,
                             .fast_open = true,
                             .text = text,
                             .waits = waits},
                            act_);
  EXPECT_TRUE(id.ok());
  if (id) id_ = *id;
  written_ = status().send_queue;
  return collect("fast open " + std::to_string(size));
}

void Bench::restart() {
  id_ = {};
  written_ = 0;
  last_edge_.reset();
  fin_seq_.reset();
  last_tsval_.reset();
}

bool Bench::accept() {
  const auto id = tcp_.accept(listener_);
  if (id) id_ = *id;
  return id.has_value();
}

std::string Bench::read(std::size_t size) {
  last_read_.resize(size);
  const auto got = tcp_.receive(now_, id_, last_read_, {}, act_);
  last_read_.resize(got ? got->octets : 0);
  return collect("read " + std::to_string(size));
}

std::string Bench::close(CloseMode mode) {
  EXPECT_TRUE(tcp_.close(now_, id_, mode, act_).ok()) << story_;
  return collect("close");
}

std::string Bench::abort() {
  EXPECT_TRUE(tcp_.abort(now_, id_, act_).ok()) << story_;
  return collect("abort");
}

std::string Bench::advance(Duration time) {
  const Instant until = now_ + time;
  for (auto next = tcp_.next_deadline(); next && *next <= until; next = tcp_.next_deadline()) {
    now_ = *next;
    tcp_.on_deadline(now_, act_);
  }
  now_ = until;
  return collect("+" + std::to_string(time.count() / 1'000'000) + "ms");
}

std::string Bench::advance_to_next_deadline() {
  const auto next = tcp_.next_deadline();
  EXPECT_TRUE(next.has_value()) << story_;
  return next ? advance(*next - now_) : "";
}

std::string Bench::icmp(IcmpErrorKind kind, std::uint32_t seq, std::uint32_t mtu) {
  tcp_.on_icmp_error(now_,
                     {.local = local,
                      .remote = remote,
                      .seq = SeqNum{iss_} + seq,
                      .kind = kind,
                      .mtu = mtu,
                      .icmp_type = 3,
                      .icmp_code = 1},
                     act_);
  // IP does its part: it remembers what TCP believed.
  if (kind == IcmpErrorKind::packet_too_big && mtu != 0 && act_.drops().empty()) lower_path(mtu);
  return collect("icmp");
}

void Bench::lower_path(std::uint32_t mtu) {
  const std::uint32_t headers = remote.address.is_v4() ? 40 : 60;
  path.send_mss = std::min(path.send_mss, static_cast<std::uint16_t>(mtu - headers));
}

State Bench::state() const {
  return status().state;
}

Status Bench::status() const {
  ConnectionId id = id_;
  if (id == ConnectionId{}) {
    const auto all = tcp_.connections();
    if (all.empty()) return {};
    id = all.back();
  }
  const auto status = tcp_.status(id);
  return status ? *status : Status{};
}

std::string Bench::drops() const {
  return drops_;
}

std::string Bench::events() const {
  return events_;
}

std::string Bench::collect(std::string_view stimulus) {
  std::string out;
  drops_.clear();
  events_.clear();
  for (std::size_t i = 0; i < act_.segment_count(); ++i) {
    const Segment& s = act_.segment(i);
    const Bytes text = act_.text(i);
    check_invariants(s, text);
    join(out, line(s), " | ");
    sent_.push_back(s);
    sent_text_.emplace_back(text.begin(), text.end());
    // A RST that answers a segment has a TSval of zero.
    if (s.options.timestamps && !s.rst) last_tsval_ = s.options.timestamps->value;
  }
  for (const auto& [host, mtu] : act_.path_mtus()) lower_path(mtu);
  for (const DropReason reason : act_.drops()) join(drops_, packetwright::name_of(reason), " ");
  for (const Event& event : act_.events()) {
    join(events_, name_of(event.kind), " ");
    if (event.error) join(events_, packetwright::tcp::name_of(*event.error), " ");
  }
  act_.clear();
  story_ += std::string{stimulus} + "   ->   " + out;
  if (!drops_.empty()) story_ += "   (" + drops_ + ")";
  story_ += "\n";
  return out;
}

std::string Bench::line(const Segment& s) const {
  std::string text;
  if (s.syn) text += 'S';
  if (s.fin) text += 'F';
  if (s.rst) text += 'R';
  if (s.psh) text += 'P';
  if (s.ece) text += 'E';
  if (s.cwr) text += 'W';
  if (s.has_ack) text += '.';
  const bool zero = s.rst && s.has_ack && s.seq == SeqNum{0};
  const std::uint32_t seq = zero ? 0 : s.seq - SeqNum{iss_};
  text += ' ' + std::to_string(seq) + ':' + std::to_string(seq + s.size) + '(' +
          std::to_string(s.size) + ')';
  if (s.has_ack) text += " ack " + std::to_string(s.ack - SeqNum{irs_});
  if (s.urg) text += " urg " + std::to_string(s.urgent_pointer);
  if (s.options.sack_count > 0) {
    text += " <sack";
    for (const SackBlock& block : s.options.sack()) {
      text += ' ' + std::to_string(block.left - SeqNum{irs_}) + ':' +
              std::to_string(block.right - SeqNum{irs_});
    }
    text += '>';
  }
  return text;
}

// What has to hold for every segment that leaves, whatever the test is about.
void Bench::check_invariants(const Segment& s, Bytes text) {
  const Status status = this->status();
  ASSERT_EQ(text.size(), s.size);
  if (!several_connections) {
    EXPECT_EQ(s.local, local);
    EXPECT_EQ(s.remote, remote);
  }
  EXPECT_LE(s.options.encoded_size(), 40u);
  if (!s.syn) {
    EXPECT_FALSE(s.options.mss || s.options.window_scale || s.options.sack_permitted) << story_;
    EXPECT_TRUE(s.has_ack || s.rst) << story_;
  }
  if (s.syn && !s.options.fast_open && !tcp_.config().fast_open_client_without_cookie) {
    EXPECT_EQ(s.size, 0u);
  }
  if (s.rst || several_connections) return;

  if (status.state != State::closed && status.state != State::listen) {
    EXPECT_LE(s.end(), status.snd_nxt) << story_;
    if (s.size > 0 && !s.syn) {
      const bool probe = s.size == 1 && status.snd_wnd == 0;
      EXPECT_TRUE(probe || s.end() <= status.snd_una + status.snd_wnd) << story_;
      const std::uint32_t usual = status.snd_mss + (status.timestamps ? 12u : 0u);
      EXPECT_LE(s.size + s.options.encoded_size(), std::max<std::uint32_t>(usual, status.snd_probe))
          << story_;
    }
    if (status.timestamps) {
      EXPECT_TRUE(s.options.timestamps.has_value()) << story_;
    }
    if (!status.sack) {
      EXPECT_EQ(s.options.sack_count, 0) << story_;
    }
  }
  // Text never changes between transmissions: its octets follow from their numbers.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint64_t position = (s.seq - SeqNum{iss_}) + (s.syn ? 1 : 0) - 1 + i;
    ASSERT_EQ(text[i], stream_octet(position)) << "octet " << position << "\n" << story_;
  }
  if (s.fin) {
    const SeqNum fin = s.end() - 1;
    if (fin_seq_) {
      EXPECT_EQ(*fin_seq_, fin) << story_;
    }
    fin_seq_ = fin;
  }
  if (fin_seq_) {
    EXPECT_LE(s.seq + s.size, *fin_seq_ + 1) << story_;
  }
  if (s.has_ack) {
    const std::uint8_t shift = s.syn ? 0 : status.rcv_wscale;
    const SeqNum edge = s.ack + (std::uint32_t{s.window} << shift);
    const std::uint32_t rounding = (1u << shift) - 1;
    if (last_edge_) {
      EXPECT_GE(edge + rounding, *last_edge_) << story_;
    }
    last_edge_ = last_edge_ ? max(*last_edge_, edge) : edge;
  }
  if (s.options.timestamps) {
    if (last_tsval_) {
      EXPECT_GE(static_cast<std::int32_t>(s.options.timestamps->value - *last_tsval_), 0) << story_;
    }
  }
  if (s.ecn != Ecn::not_ect) {
    EXPECT_TRUE(s.size > 0 && !s.syn && status.ecn) << story_;
  }
}

}  // namespace packetwright::tcp::testing
