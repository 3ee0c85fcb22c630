// SPDX-License-Identifier: Apache-2.0
#include "examples/link/http.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace packetwright::example {
namespace {

using ::testing::HasSubstr;

HttpHead head_of(std::string text) {
  return take_head(text).value().value();
}

TEST(HttpHead, IsTakenWhenAllOfItIsThere) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_FALSE(take_head(text).value().has_value());
  text += "X-Blank:  two words \t\r\n\r\nGET /next";
  const HttpHead head = take_head(text).value().value();
  EXPECT_EQ(head.start_line, "GET / HTTP/1.1");
  ASSERT_NE(head.find("host"), nullptr);
  EXPECT_EQ(*head.find("host"), "a");
  EXPECT_EQ(*head.find("x-blank"), "two words");
  EXPECT_EQ(head.find("absent"), nullptr);
  EXPECT_EQ(text, "GET /next");
}

TEST(HttpHead, WhatCanNeverBeOneIsAnError) {
  for (const char* field : {"no colon", ": no name", "name : blank", "a\tb: c"}) {
    std::string text = "GET / HTTP/1.1\r\n" + std::string{field} + "\r\n\r\n";
    EXPECT_THAT(take_head(text).error(), HasSubstr("malformed")) << field;
  }
  std::string endless(20'000, 'x');
  EXPECT_THAT(take_head(endless).error(), HasSubstr("16 KiB"));
  std::string large = "GET / HTTP/1.1\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n";
  EXPECT_THAT(take_head(large).error(), HasSubstr("16 KiB"));
}

TEST(HttpHead, TokensAreFoundWhateverTheirCase) {
  const HttpHead head = head_of("GET / HTTP/1.1\r\nConnection: Upgrade , CLOSE\r\n\r\n");
  EXPECT_TRUE(head.has_token("connection", "close"));
  EXPECT_TRUE(head.has_token("connection", "upgrade"));
  EXPECT_FALSE(head.has_token("connection", "keep-alive"));
  EXPECT_FALSE(head.has_token("absent", "close"));
}

// All of a body that arrives octet by octet, and what is left behind it.
struct Received {
  std::string content, rest, error;
  bool complete = false;
};
Received receive(const std::string& head, const std::string& text) {
  Received result;
  HttpBody body = HttpBody::of(head_of("HTTP/1.1 200 OK\r\n" + head + "\r\n")).value();
  for (const char c : text) {
    result.rest += c;
    const auto taken = body.take(result.rest, result.content);
    if (!taken) result.error = taken.error();
    if (!taken) return result;
  }
  result.complete = body.complete() || body.ends_with_stream();
  return result;
}

TEST(HttpBody, HasALength) {
  const Received got = receive("Content-Length: 5\r\n", "hello, and more");
  EXPECT_EQ(got.content, "hello");
  EXPECT_EQ(got.rest, ", and more");
  EXPECT_TRUE(got.complete);
  EXPECT_FALSE(receive("Content-Length: 5\r\n", "hell").complete);
  EXPECT_TRUE(receive("Content-Length: 0\r\n", "").complete);
}

TEST(HttpBody, ComesInChunks) {
  const Received got =
      receive("Transfer-Encoding: chunked\r\n",
              "5\r\nhello\r\nB;ext=1\r\n, and a tail\r\n0\r\nField: 1\r\n\r\nnext");
  EXPECT_EQ(got.content, "hello, and a tai");
  EXPECT_THAT(got.error, HasSubstr("longer than it says"));

  const Received good = receive("Transfer-Encoding: chunked\r\n",
                                "5\r\nhello\r\nB\r\n, and a tai\r\n0\r\nField: 1\r\n\r\nnext");
  EXPECT_EQ(good.content, "hello, and a tai");
  EXPECT_EQ(good.rest, "next");
  EXPECT_TRUE(good.complete);
  EXPECT_FALSE(receive("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n").complete);
  EXPECT_THAT(receive("Transfer-Encoding: chunked\r\n", "five\r\n").error, HasSubstr("'five'"));
}

TEST(HttpBody, EndsWithTheStream) {
  const Received got = receive("", "until the end");
  EXPECT_EQ(got.content, "until the end");
  EXPECT_TRUE(got.complete);
}

TEST(HttpBody, ALengthThatIsNoNumberIsAnError) {
  for (const char* length : {"-1", "five", "5, 5", "99999999999999999999"}) {
    const HttpHead head =
        head_of("HTTP/1.1 200 OK\r\nContent-Length: " + std::string{length} + "\r\n\r\n");
    EXPECT_FALSE(HttpBody::of(head)) << length;
  }
}

TEST(HttpUrl, HasHostPortAndPath) {
  const HttpUrl plain = parse_url("http://example.test").value();
  EXPECT_EQ(plain.host, "example.test");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.path, "/");
  const HttpUrl full = parse_url("http://[2001:db8::1]:8080/a?b").value();
  EXPECT_EQ(full.host, "2001:db8::1");
  EXPECT_EQ(full.port, 8080);
  EXPECT_EQ(full.authority, "[2001:db8::1]:8080");
  EXPECT_EQ(full.path, "/a?b");
  for (const char* bad : {"https://a/", "http://", "http://:80/", "http://[::1/", "http://a:b/",
                          "http://a:99999/", "http://[::1]x/"}) {
    EXPECT_FALSE(parse_url(bad)) << bad;
  }
}

TEST(PathOfTarget, NeverLeadsOutOfTheRoot) {
  EXPECT_EQ(path_of_target("/a/b%20c?query"), "/a/b c");
  EXPECT_EQ(path_of_target("/..a/b..c/..."), "/..a/b..c/...");
  for (const char* bad : {"a", "", "*", "/..", "/../etc", "/a/../../b", "/%2e%2e/etc", "/a%2f..",
                          "/%00", "/%4", "/%zz"}) {
    EXPECT_FALSE(path_of_target(bad)) << bad;
  }
}

}  // namespace
}  // namespace packetwright::example
