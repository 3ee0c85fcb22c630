// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "stack/base/result.hh"

namespace packetwright::runner {

// What stands after -k: words with `and`, `or`, `not` and parentheses, as pytest has them. A word
// matches a text that contains it, in either case.
class KeywordExpression {
 public:
  // The error says what was expected, and before which word.
  [[nodiscard]] static Result<KeywordExpression, std::string> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view text) const;

  struct Node;

 private:
  explicit KeywordExpression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

  std::shared_ptr<const Node> root_;
};

}  // namespace packetwright::runner
