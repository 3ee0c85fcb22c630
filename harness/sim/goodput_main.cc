// SPDX-License-Identifier: Apache-2.0
// Prints the goodput tables: the large ones, or with the word `small` those that a test compares.
#include <cstdio>
#include <string>
#include <string_view>

#include "harness/sim/goodput.hh"

int main(int argc, char** argv) {
  const bool small = argc == 2 && std::string_view{argv[1]} == "small";
  if (argc != 1 && !small) {
    std::fputs("usage: packetwright_goodput [small]\n", stderr);
    return 2;
  }
  using namespace packetwright::sim;
  const std::string tables = goodput_tables(small ? small_tables() : large_tables());
  const bool written = std::fwrite(tables.data(), 1, tables.size(), stdout) == tables.size();
  return written && std::fflush(stdout) == 0 ? 0 : 1;
}
