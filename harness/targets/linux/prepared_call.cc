// SPDX-License-Identifier: Apache-2.0
#include "harness/targets/linux/prepared_call.hh"

#include "harness/targets/linux/arguments.hh"

namespace packetwright::linux_stack {

PreparedCall prepared(const Arguments& arguments) {
  PreparedCall call;
  call.descriptors = arguments.descriptors();
  return call;
}

Result<PreparedCall, std::string> prepare(std::string_view call,
                                          const std::vector<Value>& arguments) {
  for (const auto find : {preparer_of_socket_call, preparer_of_message_call,
                          preparer_of_option_call, preparer_of_descriptor_call}) {
    if (const Preparer preparer = find(call)) return preparer(arguments);
  }
  return Err{"the system call " + std::string{call} + " is not known"};
}

}  // namespace packetwright::linux_stack
