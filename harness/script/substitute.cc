// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/script/cursor.hh"
#include "harness/script/formula.hh"

// What stands for something else: user symbols and parameters.
namespace packetwright::script {

// --- user symbols

void Cursor::substitute(Token& token, const std::string& value) {
  token.origin = TokenOrigin::symbol;
  const std::string_view text = value;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    token.kind = TokenKind::string;
    token.text = text.substr(1, text.size() - 2);
    return;
  }
  if (text.size() >= 2 && text.front() == '`' && text.back() == '`') {
    token.kind = TokenKind::command;
    token.text = text.substr(1, text.size() - 2);
    return;
  }
  token.kind = TokenKind::word;
  token.text = text;
  if (const auto number = parse_integer(text)) {
    token.kind = TokenKind::integer;
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    // As strtol() with base 0 reads it: a leading zero means octal.
    if (digits.size() > 1 && digits[0] == '0' && digits[1] != 'x' && digits[1] != 'X') {
      std::uint64_t octal = 0;
      for (const char c : digits) {
        if (c > '7') {
          token.kind = TokenKind::word;
          return;
        }
        octal = octal * 8 + static_cast<std::uint64_t>(c - '0');
      }
      std::string& made = made_.emplace_back(std::to_string(octal));
      if (text[0] == '-') made.insert(made.begin(), '-');
      token.text = made;
    }
  }
}

void Cursor::substitute_symbols() {
  for (std::size_t i = 0; i < tokens_.all.size(); ++i) {
    Token& token = tokens_.all[i];
    if (token.kind == TokenKind::option && token.text == "define" && i + 4 < tokens_.all.size()) {
      // --define=NAME=VALUE. One given from outside wins, so insert() is right.
      const Token& name = tokens_.all[i + 2];
      const Token& value = tokens_.all[i + 4];
      if (tokens_.all[i + 1].is('=') && name.kind == TokenKind::word &&
          tokens_.all[i + 3].is('=')) {
        defines_.insert({std::string(name.source), std::string(value.source)});
        i += 4;
      }
      continue;
    }
    if (token.kind != TokenKind::word || token.reserved || defines_.empty()) continue;
    const auto symbol = defines_.find(std::string(token.text));
    if (symbol != defines_.end()) substitute(token, symbol->second);
  }
}

// --- parameters

void Cursor::resolve_parameters(const Values& declared, const Values& values, bool expanding) {
  // Any number shows whether a formula with live names can be calculated at all.
  const ParameterValue some{ParameterValue::Kind::integer, 1, "1"};
  const ParameterLookup lookup = [&](std::string_view name) -> const ParameterValue* {
    const std::string key(name);
    if (std::find(std::begin(kLiveNames), std::end(kLiveNames), name) != std::end(kLiveNames)) {
      return &some;
    }
    if (const auto value = values.find(key); value != values.end()) return &value->second;
    const auto example = declared.find(key);
    return example == declared.end() ? nullptr : &example->second;
  };
  for (std::size_t i = at_; i < tokens_.all.size(); ++i) {
    Token& token = tokens_.all[i];
    if (token.kind != TokenKind::formula) continue;
    const auto value = evaluate(token.text, lookup);
    token.origin = TokenOrigin::parameter;
    token.open = true;
    if (!value) {
      error(token, value.error());
      continue;
    }
    if (has_live_name(token.text)) {
      if (value->kind != ParameterValue::Kind::integer) {
        error(token, "live values are integers, and so is all that is added to them");
        continue;
      }
      token.live = true;
      token.open = !expanding;
      if (expanding) token.text = made_.emplace_back(without_parameters(token.text, lookup));
      continue;
    }
    if (value->kind == ParameterValue::Kind::word) {
      token.kind = TokenKind::word;
      token.reserved = false;
    }
    if (!expanding) continue;
    token.open = false;
    token.text = made_.emplace_back(value->text);
    if (value->kind == ParameterValue::Kind::integer) {
      token.kind = TokenKind::integer;
      token.text = made_.emplace_back(std::to_string(value->number));
    } else if (value->kind == ParameterValue::Kind::decimal) {
      token.kind = TokenKind::decimal;
      token.text = made_.emplace_back(decimal_text(value->number));
    }
  }
}

}  // namespace packetwright::script
