// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <pybind11/pybind11.h>

#include "python/src/convert.hh"
#include "python/src/link.hh"

namespace packetwright::python {

namespace py = pybind11;

// A link that objects of Python share. Any thread may use it; one does at a time, without the lock
// of the interpreter.
class Session {
 public:
  explicit Session(std::unique_ptr<Link> link) : link_(std::move(link)) {}

  // What `use` makes of the link. Raises TargetClosed, TargetCrashed, TargetError; RuntimeError for
  // a call from a callback of the same link, which would wait for itself.
  template <class Use>
  auto with(const Use& use) {
    if (user_.load() == std::this_thread::get_id()) {
      throw std::runtime_error("a callback of a target may not use that target");
    }
    try {
      const py::gil_scoped_release others_may_run;
      const std::lock_guard lock(mutex_);
      const Mark mark(user_);
      if (!link_) throw Closed{};
      return use(*link_);
    } catch (const Closed&) {
      raise("TargetClosed", "this target is closed");
    } catch (const TargetDied& died) {
      raise_death(died.death);
    } catch (const LinkTrouble& trouble) {
      raise("TargetError", trouble.what);
    }
  }

  // Ends it; the stack is gone when this returns.
  void close() {
    const py::gil_scoped_release others_may_run;
    const std::lock_guard lock(mutex_);
    link_.reset();
  }
  [[nodiscard]] bool closed() {
    const py::gil_scoped_release others_may_run;
    const std::lock_guard lock(mutex_);
    return !link_;
  }

 private:
  struct Closed {};
  class Mark {
   public:
    explicit Mark(std::atomic<std::thread::id>& user) : user_(user) {
      user_ = std::this_thread::get_id();
    }
    ~Mark() { user_ = std::thread::id{}; }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

   private:
    std::atomic<std::thread::id>& user_;
  };

  [[noreturn]] static void raise_death(const targets::Death& death);

  std::mutex mutex_;
  std::atomic<std::thread::id> user_{};
  std::unique_ptr<Link> link_;
};

using SessionPointer = std::shared_ptr<Session>;

}  // namespace packetwright::python
