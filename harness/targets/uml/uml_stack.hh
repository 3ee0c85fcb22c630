// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "harness/targets/agent/agent.hh"
#include "harness/targets/plugin/provider.hh"
#include "harness/targets/uml/image.hh"
#include "harness/targets/uml/machine.hh"

namespace packetwright::uml {

// The agent in a kernel, as the functions of packetwright_target.h. A life begins with the image of
// a machine that has booted and has its addresses, and then gets the seed and the knobs of the
// case; a strong reset boots, and takes that image anew.
class UmlStack final : public plugin::Provider {
 public:
  // Boots a first machine, to see whether that is possible.
  [[nodiscard]] static Result<std::unique_ptr<UmlStack>, std::string> open(Parts parts);

  [[nodiscard]] std::string_view noun() const noexcept override { return "kernel"; }
  [[nodiscard]] std::string_view medium() const noexcept override { return "tun"; }
  [[nodiscard]] const pw_target& table() const noexcept override { return table_; }
  [[nodiscard]] void* context() noexcept override { return this; }
  [[nodiscard]] Result<bool, targets::ResetError> renew() override;
  [[nodiscard]] std::optional<targets::Death> death() const override { return agent_->death(); }

 private:
  UmlStack() = default;
  [[nodiscard]] static int do_create(const pw_config* config, const pw_host* host, void** stack,
                                     char* reason, std::size_t size);
  int create(const pw_config& config, const pw_host* host, char* reason, std::size_t size);
  // A machine with the addresses of `config`, and its image. 0, or as create().
  int prepare(const pw_config& config, const pw_host* host, char* reason, std::size_t size);
  void describe();

  std::unique_ptr<agent::Agent> agent_;
  pid_t kernel_ = -1;
  std::optional<Image> image_;
  std::string prepared_for_;  // the addresses that the image has
  pw_target table_{};
};

}  // namespace packetwright::uml
