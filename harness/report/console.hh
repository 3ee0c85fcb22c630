// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "harness/report/document.hh"
#include "harness/report/paint.hh"

namespace packetwright::report {

struct ConsoleOptions {
  bool colour = false;
  bool progress = false;   // a line that is drawn again and again: terminals only
  std::size_t width = 80;  // columns
  int verbosity = 0;       // -1: failures and totals; 1: every run; 2: with all that happened
  bool strict = false;     // non_strict counts as failed
};

// The run as a person sees it: what falls short is told as soon as it is known, every folder has a
// line when it is done, and the end says it again in short. Whatever the number of workers, the
// same run prints the same text in the same order; only the progress line follows the moment.
class Console {
 public:
  // The stream must outlive the console.
  Console(std::ostream& out, const ConsoleOptions& options);

  // `ids` are those of the planned runs, in their order.
  void begin(const Json& head, std::vector<std::string> ids);
  // A run ended. `elapsed_ms` since the start, for the progress line.
  void on_case(std::size_t index, const Json& one, std::int64_t elapsed_ms);
  // Prints what is still held back, the failures again, and the totals. The last line is
  // "N passed, N failed, N skipped", alone.
  void end(const Json& document);

 private:
  void print_case(const Json& one);
  void print_folder();
  void print_again(const Json& document);
  void print_skipped(const Json& document);
  void print_settled(const Json& document);
  void print_totals(const Json& document);
  void draw_progress(std::int64_t elapsed_ms);
  void erase_progress();
  [[nodiscard]] std::string counts_of(const runner::Tally& tally) const;

  std::ostream& out_;
  ConsoleOptions options_;
  Paint paint_;
  std::vector<std::string> ids_;
  std::size_t folder_width_ = 0;
  std::map<std::size_t, Json> held_;  // ended before one that stands before them in the plan
  std::size_t next_ = 0;              // the run that is printed next
  runner::Tally folder_tally_;        // of the folder of run next_ - 1
  bool folder_open_ = false;          // its heading is printed
  bool after_block_ = false;          // an empty line was printed last
  runner::Tally all_;                 // as runs end
  std::int64_t drawn_ms_ = -1000;
  bool progress_shown_ = false;
};

// "1.24 s", "3 min 20 s", "1 h 2 min".
[[nodiscard]] std::string duration_text(std::int64_t milliseconds);

}  // namespace packetwright::report
