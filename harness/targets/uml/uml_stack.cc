// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/uml/uml_stack.hh"

#include <cstring>
#include <utility>

#include <sys/wait.h>

namespace packetwright::uml {
namespace {

// What a boot, and the answer to one question, may take on a machine that has much else to do.
constexpr Duration kLimit = std::chrono::seconds{20};
// Of the kernel's timers: CONFIG_HZ=100.
constexpr std::uint64_t kTick = 10'000'000;

// A machine as what an agent runs in.
class RunningMachine final : public agent::Process {
 public:
  explicit RunningMachine(Machine machine) : machine_(std::move(machine)) {}
  [[nodiscard]] int fd() const noexcept override { return machine_.fd(); }
  [[nodiscard]] std::optional<int> status() override {
    const std::optional<int> status = machine_.status();
    if (!status) return std::nullopt;
    return WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
  }
  void end() override { machine_.end(); }
  [[nodiscard]] bool ends_with_its_stream() const noexcept override { return false; }

 private:
  Machine machine_;
};

// All of a configuration that an image has in it.
std::string shape_of(const pw_config& config) {
  std::string shape;
  const auto add = [&](const pw_address& address) {
    shape += static_cast<char>(address.family);
    shape.append(reinterpret_cast<const char*>(address.octets), sizeof address.octets);
  };
  for (const pw_prefix* prefix : {&config.local4, &config.local6}) {
    add(prefix->address);
    shape += static_cast<char>(prefix->length);
  }
  for (const pw_address* address :
       {&config.gateway4, &config.gateway6, &config.peer4, &config.peer6}) {
    add(*address);
  }
  shape.append(reinterpret_cast<const char*>(config.mac), sizeof config.mac);
  return shape + std::to_string(config.mtu);
}

}  // namespace

Result<std::unique_ptr<UmlStack>, std::string> UmlStack::open(Parts parts) {
  std::unique_ptr<UmlStack> stack{new UmlStack};
  UmlStack* const self = stack.get();
  auto agent = agent::Agent::open(
      [self, parts = std::move(parts)](Duration) -> Result<agent::Connection, std::string> {
        auto machine = Machine::boot(parts);
        if (!machine) return Err{machine.error()};
        self->kernel_ = machine->process();
        auto channel = std::move(machine->channel());
        auto log = std::move(machine->log());
        return agent::Connection{std::move(channel), std::move(log),
                                 std::make_unique<RunningMachine>(std::move(*machine))};
      },
      "tun", kLimit);
  if (!agent) return Err{agent.error()};
  stack->agent_ = std::move(*agent);
  stack->describe();
  return stack;
}

void UmlStack::describe() {
  table_ = agent_->table();
  table_.tick_ns = kTick;
  table_.create = do_create;
  // The image takes the place of both.
  table_.reset = nullptr;
  table_.destroy = [](void*) {};
}

Result<bool, targets::ResetError> UmlStack::renew() {
  image_.reset();
  auto renewed = agent_->renew();
  describe();
  return renewed;
}

int UmlStack::do_create(const pw_config* config, const pw_host* host, void** stack, char* reason,
                        std::size_t size) {
  UmlStack& self = *static_cast<UmlStack*>(*stack);
  *stack = self.agent_.get();
  return self.create(*config, host, reason, size);
}

int UmlStack::create(const pw_config& config, const pw_host* host, char* reason, std::size_t size) {
  const bool ready =
      image_ && !agent_->death() && prepared_for_ == shape_of(config) && image_->put_back();
  if (!ready) {
    const int prepared = prepare(config, host, reason, size);
    if (prepared < 0) return prepared;
  }
  return agent_->table().reset(agent_.get(), &config, reason, size);
}

int UmlStack::prepare(const pw_config& config, const pw_host* host, char* reason,
                      std::size_t size) {
  const auto refuse = [&](const std::string& why) {
    const std::size_t fits = std::min(why.size(), size - 1);
    std::memcpy(reason, why.data(), fits);
    reason[fits] = '\0';
    return -EIO;
  };
  const bool used = std::exchange(prepared_for_, shape_of(config)) != "";
  image_.reset();
  if (used || agent_->death()) {
    if (const auto renewed = agent_->renew(); !renewed) return refuse(renewed.error().reason);
    describe();
  }
  pw_config plain = config;
  plain.seed = 0;
  plain.knob_count = 0;
  void* stack = agent_.get();
  const int created = agent_->table().create(&plain, host, &stack, reason, size);
  if (created < 0) return created;
  auto image = Image::take(kernel_);
  // Without one every life begins with a boot.
  if (image) image_.emplace(std::move(*image));
  return created;
}

}  // namespace packetwright::uml
