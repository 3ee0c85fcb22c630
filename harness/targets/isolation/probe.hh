// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "harness/targets/target.hh"
#include "stack/base/result.hh"

namespace packetwright::isolation {

// What the target that `open` makes can do. It is opened in a process of its own, because code that
// nobody here wrote may take its process down. An error says why it cannot be used, or how it died.
[[nodiscard]] Result<targets::Traits, std::string> probe(
    const std::function<Result<std::unique_ptr<targets::Target>, std::string>()>& open);

}  // namespace packetwright::isolation
