// SPDX-License-Identifier: Apache-2.0
#include "examples/link/web_connection.hh"

#include <algorithm>
#include <iostream>
#include <optional>
#include <system_error>

#include "stack/wire/address_text.hh"

namespace packetwright::example {
namespace {

// Of a file, in memory at a time.
constexpr std::uint64_t kPiece = 65'536;
// What a client may send before it has taken our answers.
constexpr std::size_t kMaxUnanswered = 65'536;

std::string_view type_of(const std::filesystem::path& file) {
  const std::filesystem::path extension = file.extension();
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".txt") return "text/plain; charset=utf-8";
  return "application/octet-stream";
}

}  // namespace

bool WebConnection::serve(Instant now) {
  for (;;) {
    Outcome outcome = write_some(now);
    // An answer is written to its end before the next request is looked at.
    const bool answering = out_written_ < out_.size() || file_left_ > 0;
    if (outcome != Outcome::over && !answering) {
      if (!said_all_ && last_answer_) {
        // The end of what we say first: a close() with requests still unread would be a reset,
        // which may overtake the answer (RFC 9112, 9.6).
        said_all_ = true;
        static_cast<void>(stack_.shutdown(now, socket_, iface::ShutdownHow::write));
      }
      if (answer_next()) continue;
      outcome = read_some(now);
    }
    if (outcome == Outcome::progress) {
      if (!said_all_) last_progress_ = now;
    } else if (outcome == Outcome::over || now >= gives_up_at()) {
      static_cast<void>(stack_.close(now, socket_));
      return false;
    } else {
      return true;
    }
  }
}

// Writes what is there; reads the next piece of the file when that is gone.
WebConnection::Outcome WebConnection::write_some(Instant now) {
  if (out_written_ == out_.size() && file_left_ > 0) {
    out_.resize(static_cast<std::size_t>(std::min(file_left_, kPiece)));
    out_written_ = 0;
    // A file that became shorter has promised more than it has; only the end of the connection can
    // say so now.
    if (!file_.read(reinterpret_cast<char*>(out_.data()),
                    static_cast<std::streamsize>(out_.size()))) {
      return Outcome::over;
    }
    file_left_ -= out_.size();
  }
  if (out_written_ == out_.size()) return Outcome::wait;
  iface::WriteFlags flags;
  flags.more = file_left_ > 0;
  const auto written = stack_.write(now, socket_, Bytes{out_}.subspan(out_written_), flags);
  if (!written) {
    return written.error() == iface::Errno::eagain ? Outcome::wait : Outcome::over;
  }
  out_written_ += *written;
  return *written > 0 ? Outcome::progress : Outcome::wait;
}

WebConnection::Outcome WebConnection::read_some(Instant now) {
  const auto got = stack_.read(now, socket_, kMaxUnanswered);
  if (!got) return got.error() == iface::Errno::eagain ? Outcome::wait : Outcome::over;
  if (got->octets.empty()) return Outcome::over;  // the client has said all
  if (!said_all_) in_.append(got->octets.begin(), got->octets.end());
  return Outcome::progress;
}

// False: no whole request is there.
bool WebConnection::answer_next() {
  if (last_answer_) return false;
  auto request = take_head(in_);
  if (request && !*request) return false;
  if (request) {
    request_line_ = (*request)->start_line;
    answer(**request);
  } else {
    request_line_ = "?";
    last_answer_ = true;
    answer_error("400 Bad Request");
  }
  return true;
}

void WebConnection::answer(const HttpHead& request) {
  const std::string& line = request.start_line;
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  const std::string method = line.substr(0, first);
  const bool understood = first != std::string::npos && last > first &&
                          (line.substr(last) == " HTTP/1.1" || line.substr(last) == " HTTP/1.0");
  last_answer_ =
      !understood || line.ends_with("HTTP/1.0") || request.has_token("connection", "close");
  if (!understood) return answer_error("400 Bad Request");
  // A body would stand before the next request, and nothing here takes one.
  const bool has_body = request.find("content-length") || request.find("transfer-encoding");
  if ((method != "GET" && method != "HEAD") || has_body) {
    last_answer_ = true;
    return answer_error("405 Method Not Allowed");
  }
  const auto path = path_of_target(line.substr(first + 1, last - first - 1));
  if (!path) return answer_error("400 Bad Request");
  answer_file(*path, method == "GET");
}

void WebConnection::answer_file(const std::string& path, bool with_body) {
  std::error_code error;
  std::filesystem::path file = root_ / path.substr(1);
  if (std::filesystem::is_directory(file, error)) file /= "index.html";
  if (!std::filesystem::is_regular_file(file, error)) return answer_error("404 Not Found");
  const std::uint64_t length = std::filesystem::file_size(file, error);
  file_ = std::ifstream{file, std::ios::binary};
  if (error || !file_) return answer_error("403 Forbidden");
  begin_answer("200 OK", length, type_of(file));
  file_left_ = with_body ? length : 0;
}

void WebConnection::answer_error(std::string_view status) {
  const std::string text = std::string{status} + "\n";
  begin_answer(status, text.size(), "text/plain");
  if (!request_line_.starts_with("HEAD ")) out_.insert(out_.end(), text.begin(), text.end());
}

void WebConnection::begin_answer(std::string_view status, std::uint64_t length,
                                 std::string_view type) {
  std::cout << wire::to_string(peer_) << " \"" << request_line_ << "\" " << status.substr(0, 3)
            << ' ' << length << std::endl;
  const std::string head = "HTTP/1.1 " + std::string{status} +
                           "\r\nContent-Length: " + std::to_string(length) +
                           "\r\nContent-Type: " + std::string{type} +
                           (last_answer_ ? "\r\nConnection: close" : "") + "\r\n\r\n";
  out_.assign(head.begin(), head.end());
  out_written_ = 0;
}

}  // namespace packetwright::example
