// A TCP connection with a time limit, and as much of HTTP as a clock takes.
#include "headrace/doctor/store_endpoint.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/unique_fd.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr size_t k_header_bytes = size_t{16} << 10;

using Outcome = std::expected<void, std::string>;

Outcome wait_for(int fd, short events, uint64_t deadline_ns) {
  const uint64_t now_ns = steady_now_ns();
  const uint64_t left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns) / 1'000'000 : 0;
  pollfd entry = {.fd = fd, .events = events, .revents = 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(std::min<uint64_t>(left_ms, 60'000)));
  if (ready < 0) return std::unexpected(text_of_errno(errno));
  if (ready == 0) return std::unexpected("no answer in time");
  return {};
}

std::expected<UniqueFd, std::string> connect_one(const addrinfo& address, uint64_t deadline_ns) {
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(text_of_errno(errno));
  if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return std::unexpected(text_of_errno(errno));
    if (const auto ready = wait_for(fd.get(), POLLOUT, deadline_ns); !ready) {
      return std::unexpected(ready.error());
    }
    int error_number = 0;
    socklen_t size = sizeof error_number;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error_number, &size);
    if (error_number != 0) return std::unexpected(text_of_errno(error_number));
  }
  return fd;
}

std::expected<UniqueFd, std::string> connect_to(const Endpoint& endpoint, uint64_t deadline_ns) {
  const addrinfo wish = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &wish, &found);
  if (result != 0) return std::unexpected(std::string("the name: ") + ::gai_strerror(result));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  std::string reason = "the name has no address";
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    auto fd = connect_one(*one, deadline_ns);
    if (fd) return fd;
    reason = fd.error();
  }
  return std::unexpected(reason);
}

Outcome send_all(int fd, std::string_view text, uint64_t deadline_ns) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) text.remove_prefix(static_cast<size_t>(sent));
    if (sent >= 0) continue;
    if (errno != EAGAIN && errno != EINTR) return std::unexpected(text_of_errno(errno));
    if (const auto ready = wait_for(fd, POLLOUT, deadline_ns); !ready) return ready;
  }
  return {};
}

std::expected<std::string, std::string> receive_header(int fd, uint64_t deadline_ns) {
  std::string header;
  std::array<char, 2048> part;
  while (header.size() < k_header_bytes && header.find("\r\n\r\n") == header.npos) {
    if (const auto ready = wait_for(fd, POLLIN, deadline_ns); !ready) {
      return std::unexpected(ready.error());
    }
    const ssize_t got = ::recv(fd, part.data(), part.size(), 0);
    if (got == 0) break;
    if (got > 0) header.append(part.data(), static_cast<size_t>(got));
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
      return std::unexpected(text_of_errno(errno));
    }
  }
  return header;
}

// "Wed, 25 Nov 2026 09:51:13 GMT"
std::optional<int64_t> date_in(std::string_view value) {
  tm parts = {};
  const std::string text(value.substr(0, 64));
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr) return std::nullopt;
  return ::timegm(&parts);
}

bool is_header(std::string_view line, std::string_view name) {
  const auto same = [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left)) == right;
  };
  return line.size() > name.size() && std::ranges::equal(line.substr(0, name.size()), name, same);
}

}  // namespace

std::expected<Endpoint, std::string> endpoint_of(
    const std::function<std::string(const std::string&)>& variable) {
  const auto either = [&](const char* first, const char* second) {
    const std::string value = variable(first);
    return value.empty() ? variable(second) : value;
  };
  std::string url = either("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  if (url.empty()) {
    const std::string region = either("AWS_REGION", "AWS_DEFAULT_REGION");
    url = "https://s3." + (region.empty() ? "us-east-1" : region) + ".amazonaws.com";
  }
  Endpoint endpoint{.encrypted = url.starts_with("https://")};
  if (!endpoint.encrypted && !url.starts_with("http://")) {
    return std::unexpected("the endpoint " + url + " does not begin with http:// or https://");
  }
  std::string place = url.substr(endpoint.encrypted ? 8 : 7);
  place.resize(std::min(place.find('/'), place.size()));
  const size_t colon = place.rfind(':');
  const bool has_port = colon != place.npos && place.find(']', colon) == place.npos;
  endpoint.port = has_port ? place.substr(colon + 1) : endpoint.encrypted ? "443" : "80";
  endpoint.host = place.substr(0, has_port ? colon : place.npos);
  if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  if (endpoint.host.empty() || endpoint.port.empty()) {
    return std::unexpected("the endpoint " + url + " names no host");
  }
  return endpoint;
}

std::expected<StoreAnswer, std::string> ask(const Endpoint& endpoint, uint64_t limit_ns) {
  const uint64_t start_ns = steady_now_ns();
  const uint64_t deadline_ns = start_ns + limit_ns;
  const auto fd = connect_to(endpoint, deadline_ns);
  if (!fd) return std::unexpected(fd.error());
  const uint64_t connect_ns = steady_now_ns() - start_ns;
  if (endpoint.encrypted) return StoreAnswer{.connect_ns = connect_ns};
  const std::string question = fmt::format(
      "HEAD / HTTP/1.1\r\nHost: {}\r\nUser-Agent: headrace-doctor\r\nConnection: close\r\n\r\n",
      endpoint.host);
  if (const auto sent = send_all(fd->get(), question, deadline_ns); !sent) {
    return std::unexpected(sent.error());
  }
  const auto header = receive_header(fd->get(), deadline_ns);
  if (!header) return std::unexpected(header.error());
  StoreAnswer answer = parse_header(*header);
  if (answer.status == 0) return std::unexpected("what answers there does not speak HTTP");
  answer.connect_ns = connect_ns;
  return answer;
}

StoreAnswer parse_header(std::string_view header) {
  StoreAnswer answer;
  for (std::string_view line : observe::lines_of(header)) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (answer.status == 0) {
      if (!line.starts_with("HTTP/1.") || line.size() < 12) return answer;
      answer.status = static_cast<int>(observe::leading_number(line.substr(9, 3)));
    } else if (is_header(line, "date:")) {
      const size_t start = line.find_first_not_of(" \t", 5);
      if (start != line.npos) answer.date_s = date_in(line.substr(start));
    }
  }
  return answer;
}

}  // namespace headrace::doctor
