// Where an object store answers, and one question to it: is it there, and what time is it?
// Thread safety: pure functions; ask() blocks up to its time limit. Answers are hostile: at most
// 16 KiB of header are read.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::doctor {

struct Endpoint {
  std::string host = {};
  std::string port = {};
  bool encrypted = true;
};
// AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else AWS's own by AWS_REGION or AWS_DEFAULT_REGION.
// The error is a sentence: what the URL lacks.
std::expected<Endpoint, std::string> endpoint_of(
    const std::function<std::string(const std::string&)>& variable);

struct StoreAnswer {
  uint64_t connect_ns = 0;
  int status = 0;                      // of HEAD /; 0 = not asked: it speaks TLS
  std::optional<int64_t> date_s = {};  // its clock, since 1970; nothing without a Date header
};
// Connects, and over plain HTTP asks for the header of "/". The error is a sentence.
std::expected<StoreAnswer, std::string> ask(const Endpoint& endpoint, uint64_t limit_ns);

// "HTTP/1.1 403 Forbidden\r\nDate: ...\r\n": status (0 = no HTTP answer) and date.
StoreAnswer parse_header(std::string_view header);

}  // namespace headrace::doctor
