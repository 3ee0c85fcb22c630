// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>

#include "harness/report/document.hh"
#include "stack/base/result.hh"

namespace packetwright::report {

// Writes a document while the run goes on. After every case the stream holds a whole, valid
// document with the verdicts so far and "complete": false, so that a run that is killed leaves all
// it has reached. That needs a stream that can go back (a regular file): the end of the document is
// overwritten by the next case, which is never shorter than what it replaces.
class DocumentWriter {
 public:
  // Nothing is written before begin(). The stream must outlive the writer.
  explicit DocumentWriter(std::ostream& out) : out_(out) {}

  void begin(const Json& head);
  // False: the stream does not take more (disk full). What it took before is then a whole document
  // again when it is cut after end_of_cases() octets and ending() is put behind.
  [[nodiscard]] bool add(const Json& one);
  [[nodiscard]] std::ostream::pos_type end_of_cases() const { return end_of_cases_; }
  [[nodiscard]] std::string ending() const;

 private:
  std::ostream& out_;
  std::ostream::pos_type end_of_cases_;
  runner::Tally tally_;
  bool any_ = false;
};

// The whole document at once: one case a line.
void write_document(std::ostream& out, const Json& document);

// A document put together: head, cases in the given order, and how it ended.
[[nodiscard]] Json whole_document(const Json& head, const Json& cases, const RunEnd& end);

// Reads a document, also one that breaks off: then all cases that are whole are there and
// "complete" is false. The error says why it is no document of a run.
[[nodiscard]] Result<Json, std::string> read_document(const std::string& text);

}  // namespace packetwright::report
