// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "harness/script/expand.hh"

namespace packetwright::sweep {

// A file of the checkout.
inline Result<std::string, std::string> text_of(const std::string& path) {
  std::ifstream in(std::string(PW_SOURCE_DIR) + "/" + path);
  if (!in) return Err{"there is no " + path};
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

// The preludes of the conformance suite.
inline Result<script::Source, std::string> load_prelude(std::string_view name) {
  const std::string path = "conformance/preludes/" + std::string(name) + ".pkt";
  const auto text = text_of(path);
  if (!text) return Err{text.error()};
  return script::Source{path, *text};
}

}  // namespace packetwright::sweep
