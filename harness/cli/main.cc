// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command.hh"

int main(int argc, char** argv) {
  return packetwright::cli::command(argc, argv);
}
