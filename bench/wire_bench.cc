// SPDX-License-Identifier: Apache-2.0

// How fast headers are read and checksums computed. Where libtins is installed, it reads the same
// capture in the same run: `./wire_bench --benchmark_filter=parse`.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "stack/base/bytes.hh"
#include "stack/base/rng.hh"
#include "stack/wire/checksum.hh"
#include "stack/wire/ethernet.hh"
#include "stack/wire/ipv4.hh"
#include "stack/wire/tcp.hh"
#include "stack/wire/tcp_options.hh"

#ifdef PW_HAVE_TINS
#include <tins/tins.h>
#endif

namespace {

using namespace packetwright;
using namespace packetwright::wire;

constexpr int kPackets = 100'000;

// A capture as a pcap file would hold it: 100,000 segments with the timestamps option, one in eight
// a SYN with all its options, one in eight with a SACK block; 0 to 360 octets of data.
const Buffer& capture() {
  static const Buffer made = [] {
    Rng rng{1};
    Buffer pcap(24);
    const auto store_le32 = [&pcap](std::size_t at, std::uint32_t value) {
      for (std::size_t i = 0; i < 4; ++i) {
        pcap[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
      }
    };
    store_le32(0, 0xa1b2c3d4);
    store_le32(4, 0x00040002);  // version 2.4
    store_le32(16, 65'535);
    store_le32(20, 1);  // Ethernet
    for (int i = 0; i < kPackets; ++i) {
      std::uint8_t storage[kTcpMaxOptionsSize];
      TcpOptionWriter options{storage};
      TcpFields tcp;
      tcp.flags = tcp_flag::ack;
      std::size_t data_size = rng.below(361);
      const TcpTimestamps timestamps{rng.next32(), rng.next32()};
      if (i % 8 == 0) {
        tcp.flags = tcp_flag::syn;
        data_size = 0;
        options.mss(1'460).sack_permitted().timestamps(timestamps).nop().window_scale(7);
      } else {
        options.nop().nop().timestamps(timestamps);
        const SackBlock block{SeqNum{rng.next32()}, SeqNum{rng.next32()}};
        if (i % 8 == 1) options.nop().nop().sack(std::span{&block, 1});
      }
      tcp.src_port = rng.next16();
      tcp.dst_port = 443;
      tcp.seq = SeqNum{rng.next32()};
      tcp.ack = SeqNum{rng.next32()};
      tcp.win = rng.next16();
      tcp.options = options.written();
      tcp.set_lengths();
      Ipv4Fields ip;
      ip.src = IpAddress::v4(10, 0, 0, 1);
      ip.dst = IpAddress::v4(10, 0, 0, 2);
      ip.set_lengths(tcp.encoded_size() + data_size);
      const EthernetFields ethernet;

      const std::size_t record = pcap.size();
      const std::size_t size = ethernet.encoded_size() + ip.total_length;
      pcap.resize(record + 16 + size);
      store_le32(record, static_cast<std::uint32_t>(i));
      store_le32(record + 8, static_cast<std::uint32_t>(size));
      store_le32(record + 12, static_cast<std::uint32_t>(size));
      const MutableBytes frame = MutableBytes{pcap}.last(size);
      ethernet.emit(frame);
      const MutableBytes datagram = frame.subspan(ethernet.encoded_size());
      ip.emit(datagram);
      fill_ipv4_checksum(datagram.first(ip.encoded_size()));
      const MutableBytes segment = datagram.subspan(ip.encoded_size());
      tcp.emit(segment);
      rng.fill(segment.subspan(tcp.encoded_size()));
      fill_tcp_checksum(segment, ip.src, ip.dst);
    }
    return pcap;
  }();
  return made;
}

std::vector<Bytes> frames_of(Bytes pcap) {
  std::vector<Bytes> frames;
  for (std::size_t at = 24; at < pcap.size();) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= std::uint32_t{pcap[at + 8 + i]} << (8 * i);
    frames.push_back(pcap.subspan(at + 16, size));
    at += 16 + size;
  }
  return frames;
}

// What every reader has to find in every packet; the sum proves that they all found the same.
struct Found {
  std::uint64_t sum = 0;

  void add(std::uint32_t seq, std::uint16_t dst_port, std::uint32_t flags,
           std::uint32_t ts_val) noexcept {
    sum += seq + std::uint64_t{dst_port} + flags + ts_val;
  }
};

void read_frame(Bytes octets, Found& found) {
  const auto ethernet = EthernetView::parse(octets);
  if (!ethernet || ethernet->ether_type() != EtherType::ipv4) return;
  const auto ip = Ipv4View::parse(ethernet->payload());
  if (!ip || ip->protocol() != IpProtocol::tcp) return;
  const auto tcp = TcpView::parse(ip->payload());
  if (!tcp) return;
  const auto timestamps = find_tcp_timestamps(tcp->options());
  found.add(tcp->seq().value(), tcp->dst_port(), tcp->flags().bits(),
            timestamps ? timestamps->val : 0);
}

void finish(benchmark::State& state, const Found& found) {
  state.SetItemsProcessed(state.iterations() * kPackets);
  state.counters["found"] = static_cast<double>(found.sum);
}

void parse_packetwright(benchmark::State& state) {
  const Bytes pcap = capture();
  Found found;
  for (auto _ : state) {
    found = {};
    for (std::size_t at = 24; at < pcap.size();) {
      std::uint32_t size = 0;
      std::memcpy(&size, pcap.data() + at + 8, 4);
      read_frame(pcap.subspan(at + 16, size), found);
      at += 16 + size;
    }
  }
  finish(state, found);
}
BENCHMARK(parse_packetwright)->Unit(benchmark::kMillisecond);

// Every option of every segment, not the timestamps alone.
void parse_packetwright_all_options(benchmark::State& state) {
  const std::vector<Bytes> frames = frames_of(capture());
  Found found;
  for (auto _ : state) {
    found = {};
    for (const Bytes octets : frames) {
      const auto ethernet = EthernetView::parse(octets);
      const auto ip = Ipv4View::parse(ethernet->payload());
      const auto tcp = TcpView::parse(ip->payload());
      const TcpOptionSet options = read_tcp_options(tcp->options());
      found.add(tcp->seq().value(), tcp->dst_port(), tcp->flags().bits(),
                options.timestamps ? options.timestamps->val : 0);
    }
  }
  finish(state, found);
}
BENCHMARK(parse_packetwright_all_options)->Unit(benchmark::kMillisecond);

#ifdef PW_HAVE_TINS
void find_with_tins(const Tins::PDU& pdu, Found& found) {
  const auto* tcp = pdu.find_pdu<Tins::TCP>();
  if (tcp == nullptr) return;
  const auto* timestamp = tcp->search_option(Tins::TCP::TSOPT);
  std::uint32_t val = 0;
  if (timestamp != nullptr && timestamp->data_size() == 8) {
    val = load_be32(Bytes{timestamp->data_ptr(), 8}, 0);
  }
  found.add(tcp->seq(), tcp->dport(), tcp->flags(), val);
}

// From the octets, as parse_packetwright reads them: no copy, no file.
void parse_tins(benchmark::State& state) {
  const std::vector<Bytes> frames = frames_of(capture());
  Found found;
  for (auto _ : state) {
    found = {};
    for (const Bytes octets : frames) {
      const Tins::EthernetII frame{octets.data(), static_cast<std::uint32_t>(octets.size())};
      find_with_tins(frame, found);
    }
  }
  finish(state, found);
}
BENCHMARK(parse_tins)->Unit(benchmark::kMillisecond);

// Through libpcap, as its users read a capture.
void parse_tins_file_sniffer(benchmark::State& state) {
  // A file without a name of its own, gone when the program ends; in the page cache, as a capture
  // that was just written is.
  static std::FILE* const file = [] {
    std::FILE* made = std::tmpfile();
    if (made != nullptr) {
      std::fwrite(capture().data(), 1, capture().size(), made);
      std::fflush(made);
    }
    return made;
  }();
  if (file == nullptr) {
    state.SkipWithError("no temporary file");
    return;
  }
  const std::string path = "/proc/self/fd/" + std::to_string(fileno(file));
  Found found;
  for (auto _ : state) {
    found = {};
    Tins::FileSniffer sniffer{path};
    sniffer.sniff_loop([&found](const Tins::PDU& pdu) {
      find_with_tins(pdu, found);
      return true;
    });
  }
  finish(state, found);
}
BENCHMARK(parse_tins_file_sniffer)->Unit(benchmark::kMillisecond);
#endif

Buffer octets_of(std::size_t size) {
  Rng rng{2};
  Buffer octets(size);
  rng.fill(octets);
  return octets;
}

void checksum_packetwright(benchmark::State& state) {
  const Buffer octets = octets_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets.data());
    benchmark::DoNotOptimize(internet_checksum(octets));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum_packetwright)->Arg(20)->Arg(60)->Arg(576)->Arg(1'500)->Arg(9'000);

// The textbook loop over native 16-bit words, for comparison; g++ -O3 vectorises it.
[[gnu::noinline]] std::uint16_t naive_checksum(const std::uint8_t* at, std::size_t size) {
  std::uint32_t sum = 0;
  for (; size >= 2; at += 2, size -= 2) {
    std::uint16_t word = 0;
    std::memcpy(&word, at, 2);
    sum += word;
  }
  if (size == 1) sum += *at;
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void checksum_naive(benchmark::State& state) {
  const Buffer octets = octets_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets.data());
    benchmark::DoNotOptimize(naive_checksum(octets.data(), octets.size()));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum_naive)->Arg(20)->Arg(60)->Arg(576)->Arg(1'500)->Arg(9'000);

// A segment as the stack sends it: options, header, checksum over 1,448 octets of data.
void emit_data_segment(benchmark::State& state) {
  const IpAddress src = IpAddress::v4(10, 0, 0, 1);
  const IpAddress dst = IpAddress::v4(10, 0, 0, 2);
  Buffer datagram(1'500);
  std::uint32_t seq = 0;
  for (auto _ : state) {
    std::uint8_t storage[12];
    TcpFields tcp;
    tcp.src_port = 443;
    tcp.seq = SeqNum{seq += 1'448};
    tcp.flags = tcp_flag::ack;
    tcp.options = TcpOptionWriter{storage}.nop().nop().timestamps({seq, seq}).written();
    tcp.set_lengths();
    Ipv4Fields ip;
    ip.src = src;
    ip.dst = dst;
    ip.set_lengths(datagram.size() - kIpv4HeaderSize);
    ip.emit(datagram);
    fill_ipv4_checksum(MutableBytes{datagram}.first(kIpv4HeaderSize));
    const MutableBytes segment = MutableBytes{datagram}.subspan(kIpv4HeaderSize);
    tcp.emit(segment);
    fill_tcp_checksum(segment, src, dst);
    benchmark::DoNotOptimize(datagram.data());
  }
}
BENCHMARK(emit_data_segment);

}  // namespace
