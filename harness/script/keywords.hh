// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace packetwright::script {

// Whether packetdrill (google dialect) reserves the word. User symbols never replace such a word,
// and packetdrill does not accept it where a free word stands, as in the note of an errno. Here it
// is accepted there; the list serves symbols and lint.
[[nodiscard]] bool is_reserved(std::string_view word) noexcept;

}  // namespace packetwright::script
