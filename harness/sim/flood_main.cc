// SPDX-License-Identifier: Apache-2.0
// Prints the table of floods: the large one, or with the word `small` that which a test compares.
#include <cstdio>
#include <string>
#include <string_view>

#include "harness/sim/flood.hh"

int main(int argc, char** argv) {
  const bool small = argc == 2 && std::string_view{argv[1]} == "small";
  if (argc != 1 && !small) {
    std::fputs("usage: packetwright_flood [small]\n", stderr);
    return 2;
  }
  using namespace packetwright::sim;
  const std::string table = flood_table(small ? small_flood() : FloodSize{}, 1);
  const bool written = std::fwrite(table.data(), 1, table.size(), stdout) == table.size();
  return written && std::fflush(stdout) == 0 ? 0 : 1;
}
