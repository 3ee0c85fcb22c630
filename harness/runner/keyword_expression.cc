// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/keyword_expression.hh"

#include <cstdint>
#include <utility>
#include <vector>

#include "harness/runner/text.hh"

namespace packetwright::runner {

struct KeywordExpression::Node {
  enum class Kind : std::uint8_t { word, negation, conjunction, disjunction };

  Kind kind = Kind::word;
  std::string word;  // of Kind::word
  std::shared_ptr<const Node> left, right;
};

namespace {

using Node = KeywordExpression::Node;
using NodePtr = std::shared_ptr<const Node>;

// Deeper nesting is nobody's intention, and recursion must have an end.
constexpr int kDeepest = 64;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (const char c : text) {
    if (c == '(' || c == ')') {
      end_word();
      words.emplace_back(1, c);
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else {
      word += c;
    }
  }
  end_word();
  return words;
}

// expression := conjunction { "or" conjunction }
// conjunction := negation { "and" negation }
// negation := "not" negation | "(" expression ")" | WORD
class Parser {
 public:
  explicit Parser(std::string_view text) : words_(words_of(text)) {}

  Result<NodePtr, std::string> whole() {
    NodePtr root = expression(0);
    if (error_.empty() && next_ < words_.size()) fail("'and', 'or' or the end");
    if (!error_.empty()) return Err{error_};
    return root;
  }

 private:
  NodePtr expression(int depth) {
    NodePtr left = conjunction(depth);
    while (error_.empty() && take("or")) {
      left = joined(Node::Kind::disjunction, left, conjunction(depth));
    }
    return left;
  }

  NodePtr conjunction(int depth) {
    NodePtr left = negation(depth);
    while (error_.empty() && take("and")) {
      left = joined(Node::Kind::conjunction, left, negation(depth));
    }
    return left;
  }

  NodePtr negation(int depth) {
    if (depth > kDeepest) {
      error_ = "nested too deeply";
      return nullptr;
    }
    if (take("not")) return joined(Node::Kind::negation, negation(depth + 1), nullptr);
    if (take("(")) {
      NodePtr inside = expression(depth + 1);
      if (error_.empty() && !take(")")) fail("')'");
      return inside;
    }
    if (next_ == words_.size() || at(")") || at("and") || at("or")) {
      fail("a word");
      return nullptr;
    }
    return std::make_shared<Node>(Node{Node::Kind::word, words_[next_++], nullptr, nullptr});
  }

  static NodePtr joined(Node::Kind kind, NodePtr left, NodePtr right) {
    return std::make_shared<Node>(Node{kind, {}, std::move(left), std::move(right)});
  }

  [[nodiscard]] bool at(std::string_view word) const {
    return next_ < words_.size() && words_[next_] == word;
  }
  bool take(std::string_view word) {
    if (!at(word)) return false;
    ++next_;
    return true;
  }
  void fail(std::string_view expected) {
    error_ = "expected " + std::string(expected);
    error_ += next_ < words_.size() ? " before '" + words_[next_] + "'" : " at the end";
  }

  std::vector<std::string> words_;
  std::size_t next_ = 0;
  std::string error_;
};

bool holds(const Node& node, std::string_view text) {
  switch (node.kind) {
    case Node::Kind::word: return contains_ignoring_case(text, node.word);
    case Node::Kind::negation: return !holds(*node.left, text);
    case Node::Kind::conjunction: return holds(*node.left, text) && holds(*node.right, text);
    case Node::Kind::disjunction: return holds(*node.left, text) || holds(*node.right, text);
  }
  return false;
}

}  // namespace

Result<KeywordExpression, std::string> KeywordExpression::parse(std::string_view text) {
  auto root = Parser(text).whole();
  if (!root) return Err{root.error()};
  return KeywordExpression(*root);
}

bool KeywordExpression::matches(std::string_view text) const {
  return holds(*root_, text);
}

}  // namespace packetwright::runner
