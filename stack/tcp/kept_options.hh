// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "stack/tcp/config.hh"

namespace packetwright::tcp {

// The options of a connection or a socket. Hardly anybody changes them, so that the usual ones are
// everybody's, and only unusual ones take memory.
class KeptOptions {
 public:
  KeptOptions() noexcept : kept_(&kUsual) {}
  KeptOptions(const ConnectionOptions& options) : kept_(keep(options)) {}
  KeptOptions(const KeptOptions& other) : kept_(keep(*other)) {}
  KeptOptions(KeptOptions&&) noexcept = default;
  KeptOptions& operator=(const KeptOptions& other) {
    if (this != &other) kept_.reset(keep(*other));
    return *this;
  }
  KeptOptions& operator=(KeptOptions&&) noexcept = default;
  ~KeptOptions() = default;

  [[nodiscard]] const ConnectionOptions& operator*() const noexcept { return *kept_; }
  [[nodiscard]] const ConnectionOptions* operator->() const noexcept { return kept_.get(); }
  // Octets of memory beside this object.
  [[nodiscard]] std::size_t memory() const noexcept {
    return is_usual(kept_.get()) ? 0 : sizeof(ConnectionOptions);
  }

 private:
  static constexpr ConnectionOptions kUsual{};
  // As sockets have it: POSIX reads the urgent octet apart.
  static constexpr ConnectionOptions kUsualOfSockets{.oob_inline = false};

  [[nodiscard]] static bool is_usual(const ConnectionOptions* options) noexcept {
    return options == &kUsual || options == &kUsualOfSockets;
  }
  [[nodiscard]] static const ConnectionOptions* keep(const ConnectionOptions& options) {
    if (options == kUsual) return &kUsual;
    if (options == kUsualOfSockets) return &kUsualOfSockets;
    return new ConnectionOptions(options);
  }
  struct Release {
    void operator()(const ConnectionOptions* options) const noexcept {
      if (!is_usual(options)) delete options;
    }
  };

  std::unique_ptr<const ConnectionOptions, Release> kept_;
};

}  // namespace packetwright::tcp
