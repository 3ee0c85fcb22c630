// SPDX-License-Identifier: Apache-2.0
// An agent beside the stack of a Linux kernel: it makes the socket calls that the harness asks for,
// and carries frames between the stream and a TAP or TUN device. docs/agents.md is the guide.
//
//   packetwright run --target 'agent:unshare -rn ./packetwright-agent'
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "format.hh"
#include "network.hh"
#include "sockets.hh"
#include "stream.hh"

namespace posix_agent {
namespace {

constexpr int kNotImplemented = 89;  // an exit status
constexpr std::int64_t kSecond = 1'000'000'000;
// A kernel tick of the slowest usual configuration (HZ=250), by which timers may be late.
constexpr std::uint64_t kTick = 4'000'000;

std::int64_t monotonic() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * kSecond + now.tv_nsec;
}

// The kernel's random numbers follow from `seed` from now on, and from nothing else where it has no
// other source of them.
void draw_from(std::uint64_t seed) {
  // A rand_pool_info: bits, octets, and the octets.
  struct {
    int bits = 256;
    int count = 32;
    std::uint64_t seeds[4] = {};
  } pool;
  pool.seeds[0] = seed;
  const int random = open("/dev/random", O_RDWR | O_CLOEXEC);
  if (ioctl(random, RNDADDENTROPY, &pool) != 0 || ioctl(random, RNDRESEEDCRNG) != 0) {
    std::perror("/dev/random");
  }
  close(random);
}

struct Options {
  Network::Options network;
  bool virtual_time = false;
  const char* channel = nullptr;
};

class Agent {
 public:
  Agent(const Options& options, Stream stream)
      : options_(options), stream_(stream), network_(options.network) {}

  // Answers until the stream ends.
  void serve() {
    Buffer message;
    while (await_message() && stream_.read(message)) {
      Reader reader{message};
      while (!reader.empty()) {
        const std::uint8_t kind = reader.u8();
        Reader arguments{reader.octets(reader.u32())};
        perform(kind, arguments);
        if (!reader.ok()) return complain("half of a record");
      }
      Writer clock;
      clock.u64(now()).u64(PW_NEVER);
      answer_.record(kClock, clock.all());
      if (!stream_.write(answer_.all())) return;
      answer_.clear();
      results_.clear();
    }
  }

 private:
  static void complain(const char* what) {
    std::fprintf(stderr, "the harness sent %s\n", what);
    std::exit(1);
  }

  [[nodiscard]] std::uint64_t clock() const {
    return static_cast<std::uint64_t>(monotonic() - zero_);
  }
  // Virtual time passes in pass() alone; the little that it takes to read the clock is no time.
  [[nodiscard]] std::uint64_t now() const { return options_.virtual_time ? moment_ : clock(); }

  // Frames are read as soon as they are there, so that their times are right. Where time is virtual
  // none passes while this program waits for the harness.
  bool await_message() {
    while (!options_.virtual_time) {
      pollfd both[] = {{stream_.in(), POLLIN, 0}, {network_.fd(), POLLIN, 0}};
      if (::poll(both, 2, -1) < 0 && errno != EINTR) return false;
      if (both[1].revents != 0) take_frames();
      if (both[0].revents != 0) return true;
    }
    return true;
  }

  // Whether the stack had sent something.
  bool take_frames() {
    bool any = false;
    while (network_.take(frame_)) {
      any = true;
      Writer record;
      record.u64(now()).octets(frame_);
      answer_.record(kFrame, record.all());
    }
    return any;
  }

  // Lets time pass, until the stack sends something if `stop_on_frame`.
  void pass(std::uint64_t until, bool stop_on_frame) {
    if (options_.virtual_time) zero_ = monotonic() - static_cast<std::int64_t>(moment_);
    for (std::uint64_t at = clock(); at < until; at = clock()) {
      const auto left = static_cast<std::int64_t>(until - at);
      const timespec limit{left / kSecond, left % kSecond};
      // A stream that ends ends this too; a device need not tell of that.
      pollfd both[] = {{network_.fd(), POLLIN, 0},
                       {options_.virtual_time ? -1 : stream_.in(), 0, 0}};
      ppoll(both, 2, &limit, nullptr);
      if (both[1].revents != 0) std::exit(0);
      moment_ = std::min(std::max(clock(), moment_), until);
      if (take_frames() && stop_on_frame) return;
    }
    moment_ = std::max(moment_, until);
  }

  void result(std::int64_t value, const Writer& more = {}) {
    // What the stack did on the way came before.
    take_frames();
    Writer record;
    record.i64(value);
    if (value >= 0) record.octets(more.all());
    add_result(record);
  }

  void add_result(const Writer& record) {
    answer_.record(kResult, record.all());
    results_.record(kResult, record.all());
  }

  void perform(std::uint8_t kind, Reader& in) {
    Writer more;
    used_ = used_ || (kind != kHello && kind != kCreate && kind != kReset);
    switch (kind) {
      case kHello: return hello();
      case kCreate:
      case kReset: return begin(read_config(in));
      case kDestroy: sockets_.abort_all(); return result(0);
      case kInject: network_.inject(in.all()); return result(0);
      case kAdvance: pass(in.u64(), false); return result(0);
      case kNow: return result(0, more.u64(now()));
      case kWait: pass(in.u64(), true); return result(0);
      default: return call(kind, in);
    }
  }

  void begin(const Config& config) {
    sockets_.abort_all();
    if (options_.virtual_time) draw_from(config.seed);
    std::string reason;
    const int done = network_.set_up(config, !used_, reason);
    used_ = false;
    // What the stack sent in its former life is forgotten; what was answered is not.
    answer_ = results_;
    zero_ = monotonic();
    moment_ = 0;
    Writer record;
    record.i64(done);
    if (done < 0) {
      record.octets({reinterpret_cast<const std::uint8_t*>(reason.data()), reason.size()});
    }
    add_result(record);
  }

  void call(std::uint8_t kind, Reader& in) {
    Writer more;
    const int first = kind == kSocket ? in.u8() : in.fd();  // a family, or a descriptor
    std::int64_t done = -ENOTSUP;
    pw_endpoint endpoint{};
    switch (kind) {
      case kSocket: {
        const int type = in.u8();
        done = sockets_.socket(first, type, in.u8());
        break;
      }
      case kBind: done = sockets_.bind(first, in.endpoint()); break;
      case kListen: done = sockets_.listen(first, in.i64()); break;
      case kAccept:
        done = sockets_.accept(first, endpoint);
        more.endpoint(endpoint);
        break;
      case kConnect: done = sockets_.connect(first, in.endpoint()); break;
      case kRead: {
        const std::size_t count = in.u32();
        std::uint32_t flags = in.u32();
        Buffer octets;
        done = sockets_.read(first, count, flags, endpoint, octets);
        more.u32(flags).endpoint(endpoint).octets(octets);
        break;
      }
      case kWrite: {
        const std::uint32_t flags = in.u32();
        endpoint = in.endpoint();
        done = sockets_.write(first, flags, endpoint, in.all());
        break;
      }
      case kShutdown: done = sockets_.shutdown(first, in.u8()); break;
      case kClose: done = sockets_.close(first); break;
      case kSetOption: {
        const int option = in.u16();
        done = sockets_.set_option(first, option, in.i64());
        break;
      }
      case kGetOption: {
        std::int64_t value = 0;
        done = sockets_.get_option(first, in.u16(), value);
        more.i64(value);
        break;
      }
      case kPoll: done = sockets_.poll(first); break;
      case kLocalEndpoint:
        done = sockets_.local_endpoint(first, endpoint);
        more.endpoint(endpoint);
        break;
      case kTcpStatus: done = sockets_.tcp_status(first, network_.diagnostics(), more); break;
      case kSetIsn: done = sockets_.set_isn(first, in.u32()); break;
      default: break;
    }
    result(done, more);
  }

  void hello() {
    const bool tun = options_.network.tun;
    const bool ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;
    std::string capabilities =
        "active_isn defer_accept dsack ecn fastopen frags frto icmp ipv4 iw10 keepalive ping "
        "plpmtud pmtud rack raw redirects rfc5961 sack syncookies tcp tcp_info tcp_state "
        "timestamps udp urgent user_timeout wscale";
    if (ipv6) capabilities += " ipv6 ipv4_mapped_ipv6";
    if (!tun) capabilities += ipv6 ? " arp mld ndp slaac" : " arp";
    if (options_.virtual_time) capabilities += " seed";
    std::uint32_t operations = 0;
    for (std::uint8_t kind = kHello; kind <= kSetIsn; ++kind) operations |= 1U << kind;
    // Nobody but the kernel knows its next timer. Its own clock cannot be made to jump.
    operations &= ~(1U << kNextTimer);
    if (!options_.virtual_time) operations &= ~(1U << kAdvance);
    utsname system{};
    uname(&system);
    Writer more;
    more.u16(1);
    more.u32((tun ? 0 : int{PW_ETHERNET}) + (options_.virtual_time ? 0 : int{PW_REAL_TIME}));
    more.u64(kTick).u64(options_.virtual_time ? 0 : kTick).u32(operations);
    more.text(system.sysname).text(system.release).text(capabilities);
    result(0, more);
  }

  Options options_;
  Stream stream_;
  Network network_;
  Sockets sockets_;
  std::int64_t zero_ = monotonic();  // of the stack's time
  std::uint64_t moment_ = 0;         // of virtual time
  bool used_ = true;                 // since the link was set up
  Buffer frame_;
  Writer answer_;
  Writer results_;  // of answer_, alone
};

// What the first process of a machine has to do so that there is one.
void prepare_machine() {
  mkdir("/proc", 0755);
  mkdir("/sys", 0755);
  mkdir("/dev", 0755);
  mount("proc", "/proc", "proc", 0, nullptr);
  mount("sysfs", "/sys", "sysfs", 0, nullptr);
  mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
  mkdir("/dev/net", 0755);
  mknod("/dev/net/tun", S_IFCHR | 0600, makedev(10, 200));
}

Options options_of(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word{words[i]};
    if (word == "--tun") {
      options.network.tun = true;
    } else if (word == "--here") {
      options.network.here = true;
    } else if (word == "--virtual-time") {
      options.virtual_time = true;
    } else if (word == "--channel" && i + 1 < count) {
      options.channel = words[++i];
    } else {
      std::fprintf(stderr,
                   "usage: packetwright-agent [--tun] [--here] [--virtual-time] [--channel PATH]\n"
                   "\n"
                   "Serves packetwright (docs/agents.md) on standard input and output.\n"
                   "\n"
                   "  --tun           carries IP packets, not Ethernet frames\n"
                   "  --here          uses the network namespace that it is in, and does not make\n"
                   "                  one of its own\n"
                   "  --virtual-time  the machine's time passes only while somebody sleeps\n"
                   "  --channel PATH  serves on a character device\n");
      std::exit(word == "--help" ? 0 : 2);
    }
  }
  return options;
}

}  // namespace
}  // namespace posix_agent

int main(int count, char** words) {
  using namespace posix_agent;
  const bool first_process = getpid() == 1;
  if (first_process) prepare_machine();
  const Options options = options_of(count, words);
  std::signal(SIGPIPE, SIG_IGN);
  // A wait ends when it should, not up to 50 microseconds later.
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (access("/dev/net/tun", R_OK | W_OK) != 0) {
    std::perror("/dev/net/tun");
    return kNotImplemented;
  }
  Agent{options, options.channel != nullptr ? Stream::on_device(options.channel)
                                            : Stream{STDIN_FILENO, STDOUT_FILENO}}
      .serve();
  if (first_process) reboot(RB_POWER_OFF);
  return 0;
}
