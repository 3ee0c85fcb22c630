// SPDX-License-Identifier: Apache-2.0
#include "harness/report/capture_file.hh"

#include <algorithm>
#include <vector>

#include "harness/capture/pcapng_writer.hh"
#include "harness/script/tree.hh"
#include "stack/base/instant.hh"

namespace packetwright::report {
namespace {

using engine::HistoryEntry;

bool is_frame(const HistoryEntry& entry) {
  const bool moved =
      entry.kind == HistoryEntry::Kind::frame_in || entry.kind == HistoryEntry::Kind::frame_out;
  return moved && !entry.octets.empty();
}

void add_line(std::string& comment, const std::string& line) {
  if (!comment.empty()) comment += '\n';
  comment += line;
}

std::string told(const HistoryEntry& entry) {
  if (entry.line == 0) return entry.text;
  const std::string line = "line " + std::to_string(entry.line);
  return line + (entry.prelude.empty() ? "" : " of " + entry.prelude) + ": " + entry.text;
}

// Comments for the frames of a history, one each, in their order.
std::vector<std::string> comments_of(const runner::CaseResult& result) {
  std::vector<std::string> comments;
  std::vector<const HistoryEntry*> frames;
  std::string pending;  // calls and notes since the last frame
  for (const HistoryEntry& entry : result.history) {
    add_line(pending, told(entry));
    if (!is_frame(entry)) continue;
    comments.push_back(pending);
    frames.push_back(&entry);
    pending.clear();
  }
  if (comments.empty()) return comments;
  if (!pending.empty()) add_line(comments.back(), "then " + pending);
  for (const engine::Mismatch& mismatch : result.mismatches) {
    const auto at = std::find_if(frames.rbegin(), frames.rend(), [&](const HistoryEntry* frame) {
      return frame->line == mismatch.line && frame->prelude == result.prelude;
    });
    // A frame that never came has no place of its own; the last one tells of it.
    std::string& comment =
        at == frames.rend()
            ? comments.back()
            : comments[static_cast<std::size_t>(std::distance(at, frames.rend())) - 1];
    add_line(comment, "MISMATCH at line " + std::to_string(mismatch.line) + ": expected " +
                          mismatch.expected + ", got " + mismatch.actual);
  }
  return comments;
}

}  // namespace

void write_capture(std::ostream& out, const runner::CaseResult& result,
                   std::string_view application) {
  capture::PcapngWriter writer(out, application);
  const auto first = std::find_if(result.history.begin(), result.history.end(), is_frame);
  const bool ethernet = first == result.history.end() || first->ethernet;
  capture::Interface interface;
  interface.link_type = ethernet ? capture::LinkType::ethernet : capture::LinkType::raw;
  interface.name = result.target;
  interface.description = runner::full_name(result);
  const std::uint32_t number = writer.add_interface(interface);

  const std::vector<std::string> comments = comments_of(result);
  std::size_t frame = 0;
  for (const HistoryEntry& entry : result.history) {
    if (!is_frame(entry)) continue;
    capture::Packet packet;
    packet.interface = number;
    packet.time_ns = nanos(entry.at);
    packet.octets = entry.octets;
    packet.direction = entry.kind == HistoryEntry::Kind::frame_out ? capture::Direction::outbound
                                                                   : capture::Direction::inbound;
    packet.comment = comments[frame++];
    writer.write(packet);
  }
}

std::string capture_path(const runner::CaseResult& result) {
  std::string name = result.id;
  // A script that stands outside the suite may be named by any path; it stays inside the folder.
  for (std::size_t at; (at = name.find("..")) != std::string::npos;) name.replace(at, 2, "_");
  while (name.starts_with('/')) name.erase(0, 1);
  std::string out = result.target + "/" + name + "." + std::string(script::name_of(result.variant));
  for (const auto& [parameter, value] : result.params) out += "." + parameter + "=" + value;
  return out + ".pcapng";
}

}  // namespace packetwright::report
