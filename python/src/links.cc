// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/cli/version.hh"
#include "harness/targets/registry.hh"
#include "python/src/bindings.hh"
#include "python/src/hosts.hh"
#include "python/src/packet_handle.hh"
#include "python/src/session.hh"
#include "stack/wire/address_text.hh"
#include "stack/wire/ethernet.hh"

namespace packetwright::python {

void Session::raise_death(const targets::Death& death) {
  const py::object type = py::module_::import("packetwright.errors").attr("TargetCrashed");
  const auto log = py::reinterpret_steal<py::object>(PyUnicode_DecodeUTF8(
      death.log.data(), static_cast<py::ssize_t>(death.log.size()), "replace"));
  const py::object error = type(death.signal, log);
  PyErr_SetObject(type.ptr(), error.ptr());
  throw py::error_already_set();
}

namespace {

using packet::Field;
using packet::Layer;
using packet::Packet;
using packet::Proto;
using packet::Wide;

struct LinkHandle {
  SessionPointer session;
  targets::Traits traits;  // these and the settings do not change
  engine::Settings settings;
};

// Receives what the target sends, for somebody who waits on a file descriptor.
class ListenerHandle {
 public:
  ListenerHandle(SessionPointer session, bool everything) : session_(std::move(session)) {
    fd_ = ::eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd_ < 0) raise_errno(errno, "eventfd");
    listener_ = session_->with([&](Link& link) {
      auto listener = link.listen();
      listener->everything = everything;
      listener->notify = [fd = fd_] {
        const std::uint64_t one = 1;
        static_cast<void>(!::write(fd, &one, sizeof one));
      };
      return listener;
    });
  }
  ListenerHandle(const ListenerHandle&) = delete;
  ListenerHandle& operator=(const ListenerHandle&) = delete;
  ~ListenerHandle() { close(); }

  [[nodiscard]] int fd() const noexcept { return fd_; }

  std::optional<PacketHandle> take() {
    if (fd_ < 0) raise("TargetClosed", "this listener is closed");
    return session_->with([&](Link&) -> std::optional<PacketHandle> {
      if (listener_->queue.empty()) return std::nullopt;
      std::uint64_t count = 0;
      static_cast<void>(!::read(fd_, &count, sizeof count));
      PacketHandle packet{std::move(listener_->queue.front())};
      listener_->queue.pop_front();
      return packet;
    });
  }

  void close() {
    if (fd_ < 0) return;
    if (!session_->closed()) session_->with([&](Link& link) { link.forget(listener_); });
    ::close(std::exchange(fd_, -1));
  }

 private:
  SessionPointer session_;
  std::shared_ptr<Link::Listener> listener_;
  int fd_ = -1;
};

engine::Settings settings_for(const targets::Traits& traits, std::uint64_t seed,
                              std::map<std::string, std::string> knobs,
                              const std::map<std::string, std::string>& addresses,
                              std::optional<std::uint16_t> mtu) {
  engine::RunOptions options;
  options.mode = engine::Mode::strict;
  options.seed = seed;
  options.knobs = std::move(knobs);
  if (mtu) options.options.emplace_back("mtu", std::to_string(*mtu));
  auto settings = engine::settings_of({}, options, traits);
  if (!settings) throw py::value_error(settings.error().reason);
  targets::Config& config = settings->config;
  for (const auto& [name, text] : addresses) {
    const IpAddress address = address_of(text);
    IpAddress* const place = name == "address"    ? &config.local4.address
                             : name == "peer"     ? &config.peer4
                             : name == "address6" ? &config.local6.address
                                                  : &config.peer6;
    if (place->family() != address.family()) {
      throw py::value_error(name + "='" + text + "' is an address of the other family");
    }
    *place = address;
  }
  return std::move(*settings);
}

[[noreturn]] void raise_reset(const std::string& name, const targets::ResetError& error) {
  raise(error.unsupported ? "TargetUnavailable" : "TargetError",
        "target " + name + ": " + error.reason);
}

LinkHandle open_link(const std::string& name, std::uint64_t seed,
                     std::map<std::string, std::string> knobs,
                     const std::map<std::string, std::string>& addresses,
                     std::optional<std::uint16_t> mtu, std::size_t history) {
  auto opened = [&] {
    const py::gil_scoped_release others_may_run;
    return targets::open(name);
  }();
  if (!opened) raise("TargetUnavailable", opened.error());
  std::unique_ptr<targets::Target> target = std::move(opened).value();
  const targets::Traits traits = target->traits();
  engine::Settings settings = settings_for(traits, seed, std::move(knobs), addresses, mtu);
  const auto made = [&] {
    const py::gil_scoped_release others_may_run;
    return target->reset(settings.config);
  }();
  if (!made) raise_reset(name, made.error());
  try {
    auto link = std::make_unique<Link>(std::move(target), settings, history);
    link->set_poll([] {
      const py::gil_scoped_acquire locked;
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    });
    return {std::make_shared<Session>(std::move(link)), traits, std::move(settings)};
  } catch (const TargetDied& died) {
    raise("TargetUnavailable", "target " + name + " died at once: " + died.death.log);
  } catch (const LinkTrouble& trouble) {
    raise("TargetError", trouble.what);
  }
}

std::map<std::string, std::string> addresses_of(const LinkHandle& link) {
  const targets::Config& config = link.settings.config;
  return {{"address", wire::to_string(config.local4.address)},
          {"peer", wire::to_string(config.peer4)},
          {"address6", wire::to_string(config.local6.address)},
          {"peer6", wire::to_string(config.peer6)},
          {"mac", wire::to_string(config.local_mac)},
          {"peer_mac", wire::to_string(config.peer_mac)}};
}

// Whoever describes a packet for the target need not say what is obvious: who talks to whom.
void fill_in(Packet& packet, const LinkHandle& link) {
  const targets::Config& config = link.settings.config;
  const bool framed = !packet.layers.empty() && packet.layers.front().proto == Proto::ethernet;
  std::size_t first = framed ? 1 : 0;
  if (first < packet.layers.size()) {
    const Proto proto = packet.layers[first].proto;
    if (proto == Proto::tcp || proto == Proto::udp || proto == Proto::udplite ||
        proto == Proto::icmpv4) {
      packet.layers.insert(packet.layers.begin() + static_cast<std::ptrdiff_t>(first),
                           Layer(Proto::ipv4));
    } else if (proto == Proto::icmpv6) {
      packet.layers.insert(packet.layers.begin() + static_cast<std::ptrdiff_t>(first),
                           Layer(Proto::ipv6));
    }
    Layer& outer = packet.layers[first];
    const auto say = [&outer](Field field, const Wide& value) {
      if (outer.find(field) == nullptr) outer.set(field, value);
    };
    if (outer.proto == Proto::ipv4) {
      say(Field::ipv4_src, Wide{config.peer4});
      say(Field::ipv4_dst, Wide{config.local4.address});
    } else if (outer.proto == Proto::ipv6) {
      say(Field::ipv6_src, Wide{config.peer6});
      say(Field::ipv6_dst, Wide{config.local6.address});
    }
  }
  if (!link.traits.ethernet) return;
  if (!framed) packet.layers.insert(packet.layers.begin(), Layer(Proto::ethernet));
  Layer& frame = packet.layers.front();
  if (frame.find(Field::ethernet_src) == nullptr) {
    frame.set(Field::ethernet_src, Wide{config.peer_mac});
  }
  if (frame.find(Field::ethernet_dst) == nullptr) {
    frame.set(Field::ethernet_dst, Wide{config.local_mac});
  }
}

// What was seen on one kind of wire, for a target on the other kind.
Buffer reframed(const Buffer& octets, const LinkHandle& link) {
  constexpr std::size_t kHeader = wire::kEthernetHeaderSize;
  if (!link.traits.ethernet) {
    return {octets.begin() + static_cast<std::ptrdiff_t>(std::min(kHeader, octets.size())),
            octets.end()};
  }
  const bool v6 = !octets.empty() && octets[0] >> 4 == 6;
  const targets::Config& config = link.settings.config;
  Buffer frame(kHeader);
  wire::EthernetFields{
      config.local_mac, config.peer_mac, {}, v6 ? wire::EtherType::ipv6 : wire::EtherType::ipv4}
      .emit(frame);
  frame.insert(frame.end(), octets.begin(), octets.end());
  return frame;
}

// The octets of a frame for the target, of whatever Python gives for one.
Buffer frame_of(const LinkHandle& link, py::handle object) {
  if (PyObject_CheckBuffer(object.ptr()) != 0) return buffer_of(object);
  PacketPointer state;
  if (is_scapy_packet(object)) {
    const py::object made =
        py::module_::import("packetwright.scapy").attr("seen_of")(object, addresses_of(link));
    state = py::cast<PacketHandle&>(made).state;
  } else {
    state = packet_of(object);
  }
  if (const packet::Dissected* const seen = state->seen()) {
    const bool ready = state->ethernet == link.traits.ethernet;
    return ready ? seen->octets() : reframed(seen->octets(), link);
  }
  Packet described = state->described();
  fill_in(described, link);
  Buffer out = packet::build(described);
  out.insert(out.end(), state->tail().begin(), state->tail().end());
  return out;
}

void inject(const LinkHandle& link, const py::object& object) {
  const Buffer frame = frame_of(link, object);
  link.session->with([&](Link& inside) { inside.inject(frame); });
}

std::size_t inject_many(const LinkHandle& link, const py::iterable& objects) {
  std::vector<Buffer> frames;
  for (const py::handle object : objects) frames.push_back(frame_of(link, object));
  link.session->with([&](Link& inside) {
    for (const Buffer& frame : frames) inside.inject(frame);
  });
  return frames.size();
}

std::vector<PacketHandle> sent(const LinkHandle& link) {
  const auto queue =
      link.session->with([](Link& inside) { return std::exchange(inside.queue(), {}); });
  std::vector<PacketHandle> out;
  out.reserve(queue.size());
  for (const PacketPointer& frame : queue) out.push_back({frame});
  return out;
}

std::vector<py::bytes> sent_octets(const LinkHandle& link) {
  const auto queue =
      link.session->with([](Link& inside) { return std::exchange(inside.queue(), {}); });
  std::vector<py::bytes> out;
  out.reserve(queue.size());
  for (const PacketPointer& frame : queue) out.push_back(bytes_of(frame->seen()->octets()));
  return out;
}

std::optional<PacketHandle> next_frame(const LinkHandle& link, double deadline) {
  const Instant until{duration_of(deadline)};
  return link.session->with([&](Link& inside) -> std::optional<PacketHandle> {
    inside.pass(until, true);
    if (inside.queue().empty()) return std::nullopt;
    PacketHandle packet{std::move(inside.queue().front())};
    inside.queue().pop_front();
    return packet;
  });
}

std::vector<PacketHandle> history(const LinkHandle& link, bool everything) {
  const bool ethernet = link.traits.ethernet;
  const auto past = link.session->with([](Link& inside) { return inside.history(); });
  std::vector<PacketHandle> out;
  for (const PastFrame& frame : past) {
    if (frame.by_itself && !everything) continue;
    auto state = std::make_shared<PacketState>(packet::dissect(frame.octets, ethernet));
    state->at = frame.at;
    state->from_target = frame.from_target;
    state->ethernet = ethernet;
    out.push_back({std::move(state)});
  }
  return out;
}

// All frames of the history behind one another, and where each begins, when it was there, and who
// sent it: little-endian columns of 8, 8 and 1 octets.
py::tuple columns(const LinkHandle& link) {
  const auto past = link.session->with([](Link& inside) { return inside.history(); });
  Buffer octets;
  std::vector<std::int64_t> offsets{0}, times;
  std::string directions;
  for (const PastFrame& frame : past) {
    octets.insert(octets.end(), frame.octets.begin(), frame.octets.end());
    offsets.push_back(static_cast<std::int64_t>(octets.size()));
    times.push_back(nanos(frame.at));
    directions += frame.from_target ? '\1' : '\0';
  }
  const auto column = [](const std::vector<std::int64_t>& numbers) {
    return py::bytes(reinterpret_cast<const char*>(numbers.data()), numbers.size() * 8);
  };
  return py::make_tuple(bytes_of(octets), column(offsets), column(times), py::bytes(directions));
}

py::bytes capture(const LinkHandle& link) {
  std::ostringstream out;
  link.session->with(
      [&](Link& inside) { inside.write_capture(out, "packetwright " + cli::version_text()); });
  return py::bytes(out.str());
}

// What a callback of Python says of a frame on its way between target and peer.
std::vector<Bent> bent(const py::object& callback, bool to_peer, const PacketPointer& frame) {
  const py::gil_scoped_acquire locked;
  std::vector<Bent> out;
  const auto add = [&out](py::handle what, Duration delay) {
    if (delay < Duration{0}) throw py::value_error("a delay is not negative");
    out.push_back({delay, PyObject_CheckBuffer(what.ptr()) != 0 ? buffer_of(what)
                                                                : packet_of(what)->octets()});
  };
  const auto add_one = [&add](py::handle what) {
    if (!py::isinstance<py::tuple>(what)) return add(what, Duration{0});
    const auto pair = py::reinterpret_borrow<py::tuple>(what);
    if (pair.size() != 2) throw py::type_error("expected (seconds, segment)");
    add(pair[1], duration_of(py::cast<double>(pair[0])));
  };
  const py::object answer = callback(PacketHandle{frame}, to_peer);
  if (answer.is_none()) return out;
  if (py::isinstance<py::list>(answer)) {
    for (const py::handle one : answer) add_one(one);
  } else {
    add_one(answer);
  }
  return out;
}

HostHandle attach_peer(const LinkHandle& link, std::uint64_t seed,
                       std::map<std::string, std::string> knobs) {
  link.session->with([&](Link& inside) { inside.attach_peer(seed, std::move(knobs)); });
  return {link.session, true};
}

void set_bend(const LinkHandle& link, const py::object& callback) {
  Link::Bend bend;
  if (!callback.is_none()) {
    // Let go under the lock of the interpreter, whoever lets go.
    const std::shared_ptr<py::object> kept(new py::object(callback), [](py::object* object) {
      const py::gil_scoped_acquire locked;
      delete object;
    });
    bend = [kept](bool to_peer, const PacketPointer& frame) { return bent(*kept, to_peer, frame); };
  }
  link.session->with([&](Link& inside) { inside.set_bend(std::move(bend)); });
}

py::list all_targets() {
  const auto known = [] {
    const py::gil_scoped_release others_may_run;
    return targets::list();
  }();
  py::list out;
  for (const targets::TargetInfo& info : known) {
    py::dict one;
    one["name"] = info.traits.name;
    one["version"] = info.traits.version;
    one["clock"] = info.traits.clock == targets::ClockKind::virtual_time ? "virtual" : "real";
    one["capabilities"] = info.traits.capabilities;
    one["available"] = info.available;
    one["reason"] = info.reason;
    out.append(one);
  }
  return out;
}

void add_listener(py::module_& module) {
  py::class_<ListenerHandle>(module, "Listener",
                             "Receives what the target sends, in place of sent() and expect().")
      .def("fileno", &ListenerHandle::fd, "Readable while there is a frame; -1: closed.")
      .def("take", &ListenerHandle::take, "The next frame; None: there is none now.")
      .def("close", &ListenerHandle::close);
}

}  // namespace

void add_links(py::module_& module) {
  add_hosts(module);
  add_listener(module);
  py::class_<LinkHandle>(module, "Link",
                         "A target and the wire to it. packetwright.Target is made of it.")
      .def(py::init(&open_link), py::arg("target"), py::arg("seed"), py::arg("knobs"),
           py::arg("addresses"), py::arg("mtu"), py::arg("history"))
      .def_property_readonly("name", [](const LinkHandle& link) { return link.traits.name; })
      .def_property_readonly("version", [](const LinkHandle& link) { return link.traits.version; })
      .def_property_readonly("capabilities",
                             [](const LinkHandle& link) { return link.traits.capabilities; })
      .def_property_readonly("ethernet",
                             [](const LinkHandle& link) { return link.traits.ethernet; })
      .def_property_readonly("real_time",
                             [](const LinkHandle& link) { return link.settings.real_time; })
      .def_property_readonly("addresses", &addresses_of)
      .def_property_readonly("closed",
                             [](const LinkHandle& link) { return link.session->closed(); })
      .def("close", [](const LinkHandle& link) { link.session->close(); })
      .def("reset",
           [](const LinkHandle& link) {
             const auto made = link.session->with([](Link& inside) { return inside.reset(); });
             if (!made) raise_reset(link.traits.name, made.error());
           })
      .def("now",
           [](const LinkHandle& link) {
             return seconds_of(link.session->with([](Link& inside) { return inside.now(); }));
           })
      .def("inject", &inject, py::arg("packet"))
      .def("inject_many", &inject_many, py::arg("packets"))
      .def("sent", &sent)
      .def("sent_octets", &sent_octets)
      .def("next_frame", &next_frame, py::arg("deadline"))
      .def(
          "advance_to",
          [](const LinkHandle& link, double until, bool stop_on_frame) {
            const Instant at{duration_of(until)};
            link.session->with([&](Link& inside) { inside.pass(at, stop_on_frame); });
          },
          py::arg("until"), py::arg("stop_on_frame") = false)
      .def(
          "step",
          [](const LinkHandle& link, double until) {
            const Instant at{duration_of(until)};
            link.session->with([&](Link& inside) { inside.step(at); });
          },
          py::arg("until"))
      .def(
          "set_answers",
          [](const LinkHandle& link, bool answers) {
            link.session->with([&](Link& inside) { inside.set_answers(answers); });
          },
          py::arg("answers"))
      .def("host", [](const LinkHandle& link) { return HostHandle{link.session, false}; })
      .def("attach_peer", &attach_peer, py::arg("seed"), py::arg("knobs"))
      .def("set_bend", &set_bend, py::arg("callback"))
      .def(
          "listen",
          [](const LinkHandle& link, bool everything) {
            return std::make_unique<ListenerHandle>(link.session, everything);
          },
          py::arg("everything") = false)
      .def(
          "frame",
          [](const LinkHandle& link, const py::object& object) {
            return bytes_of(frame_of(link, object));
          },
          py::arg("packet"))
      .def("history", &history, py::arg("everything") = false)
      .def("columns", &columns)
      .def("capture", &capture);
  module.def("targets", &all_targets,
             "What can be tested here: name, version, clock, capabilities, available, reason.");
}

}  // namespace packetwright::python
