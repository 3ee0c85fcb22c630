// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "stack/base/instant.hh"
#include "stack/base/ip_address.hh"
#include "stack/base/siphash.hh"
#include "stack/tcp/segment.hh"

// Fast Open (RFC 7413): text in a SYN, for those who have shown before that they receive what is
// sent to their address. Here is what outlives connections: the keys that a server makes its
// cookies with, and the cookies that a client was given. What a connection does with them is at the
// steps where it acts: user_calls.cc, segment_arrives.cc.
namespace packetwright::tcp {

//= RFC7413-4.1.2-a
// The server's cookies: a keyed hash of both addresses, eight octets. The key changes every
// `lifetime`; a cookie is good until the key after its own is replaced, so that it expires and yet
// nobody is cut off at the change.
class FastOpenKeys {
 public:
  // `fixed`: the one key for ever, for servers that share their cookies.
  FastOpenKeys(const SipKey& root, Duration lifetime, const std::optional<SipKey>& fixed)
      : root_(root), lifetime_(lifetime), fixed_(fixed) {}

  void fix(const std::optional<SipKey>& key) { fixed_ = key; }

  [[nodiscard]] FastOpenOption make(Instant now, const IpAddress& client,
                                    const IpAddress& server) const;

  enum class Verdict : std::uint8_t {
    invalid,
    old,  // made with the key before: good, but a new one should be given
    current,
  };
  [[nodiscard]] Verdict check(Instant now, const IpAddress& client, const IpAddress& server,
                              const FastOpenOption& cookie) const;

 private:
  [[nodiscard]] SipKey key_of(std::int64_t epoch) const;

  SipKey root_;
  Duration lifetime_;
  std::optional<SipKey> fixed_;
};

// What the SYN of a Fast Open carries.
struct FastOpenAttempt {
  FastOpenOption option;        // without a cookie: asks for one, and there is no text
  std::uint16_t mss = 0;        // the server's, by its last SYN,ACK; 0: unknown
  bool without_cookie = false;  // there is text, and no option: this server asks for none
};

//= RFC7413-4.1.3-a
// The client's cookies, one for each pair of addresses, and the servers with which Fast Open did
// not work, which are left alone for a while. Bounded: the entry that was written longest ago makes
// room.
class FastOpenCache {
 public:
  FastOpenCache(std::size_t limit, Duration pause) : limit_(limit), pause_(pause) {}

  // How to open a connection now; nullopt: without Fast Open.
  [[nodiscard]] std::optional<FastOpenAttempt> attempt(Instant now, const IpAddress& local,
                                                       const Endpoint& remote) const;

  // The server's SYN,ACK brought a cookie.
  void learn(const IpAddress& local, const Endpoint& remote, const FastOpenOption& cookie,
             std::uint16_t mss);
  // It took the text, and had nothing new to say but its segment size.
  void learn_mss(const IpAddress& local, const Endpoint& remote, std::uint16_t mss);
  // It answered a request for a cookie without one. The experimental option is tried next, once:
  // then the standard one again.
  void learn_refusal(const IpAddress& local, const Endpoint& remote, bool was_experimental);
  //= RFC7413-4.1.3.1-a
  // Text in a SYN did not arrive, or was not wanted: no Fast Open to this endpoint for a while.
  void learn_failure(Instant now, const IpAddress& local, const Endpoint& remote);

  void set_pause(Duration pause) { pause_ = pause; }
  void clear() { entries_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  enum class Format : std::uint8_t { standard, try_experimental, gave_up_experimental };
  struct Entry {
    FastOpenAttempt next;
    Format format = Format::standard;
    std::optional<Instant> paused_until;
    std::uint64_t written = 0;  // a number that grows
  };
  // Cookies belong to addresses and are filed under port 0; failures belong to a service.
  using Key = std::pair<IpAddress, Endpoint>;

  [[nodiscard]] Entry& entry(const IpAddress& local, const Endpoint& remote);

  std::size_t limit_;
  Duration pause_;
  std::map<Key, Entry> entries_;
  std::uint64_t writes_ = 0;
};

}  // namespace packetwright::tcp
