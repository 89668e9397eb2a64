// Endpoints from the environment, headers from anyone, and a server of our own on loopback.
#include "headrace/doctor/store_endpoint.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>
#include <thread>

#include "headrace/base/check.h"
#include "headrace/base/unique_fd.h"

namespace headrace::doctor {
namespace {

constexpr uint64_t k_limit_ns = 5'000'000'000;

std::expected<Endpoint, std::string> endpoint(std::map<std::string, std::string> variables) {
  return endpoint_of([&](const std::string& name) { return variables[name]; });
}

TEST(StoreEndpoint, is_what_the_environment_names_or_that_of_the_region) {
  const auto own = endpoint({{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000/x"}});
  ASSERT_TRUE(own);
  EXPECT_EQ(own->host, "127.0.0.1");
  EXPECT_EQ(own->port, "9000");
  EXPECT_FALSE(own->encrypted);
  EXPECT_EQ(endpoint({{"AWS_REGION", "eu-west-1"}})->host, "s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(endpoint({})->port, "443");
  const auto six =
      endpoint({{"AWS_ENDPOINT_URL_S3", "https://[::1]:7"}, {"AWS_ENDPOINT_URL", "x"}});
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->port, "7");
  EXPECT_EQ(endpoint({{"AWS_ENDPOINT_URL", "http://[::1]"}})->port, "80");
}

TEST(StoreEndpoint, refuses_what_is_no_url) {
  for (const char* url : {"ftp://x", "x", "http://", "http://:80", "https://x:"}) {
    EXPECT_FALSE(endpoint({{"AWS_ENDPOINT_URL", url}})) << url;
  }
}

TEST(StoreEndpoint, takes_status_and_date_from_a_header) {
  const StoreAnswer answer = parse_header(
      "HTTP/1.1 403 Forbidden\r\nx: y\r\nDATE:  Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.date_s, 784111777);
  for (const char* text : {"", "SSH-2.0-OpenSSH", "HTTP/1.1", "\r\n\r\n"}) {
    EXPECT_EQ(parse_header(text).status, 0) << text;
  }
  for (const char* date : {"", "today", "Sun, 99 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_header(std::string("HTTP/1.1 200 OK\r\nDate: ") + date).date_s, std::nullopt);
  }
}

// Takes one connection and answers with a text, whatever is asked.
class OneAnswer {
 public:
  explicit OneAnswer(std::string text) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    HR_CHECK(::bind(listener_.get(), any, size) == 0, "errno {}", errno);
    HR_CHECK(::listen(listener_.get(), 1) == 0, "errno {}", errno);
    ::getsockname(listener_.get(), any, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, text] {
      const UniqueFd fd(::accept(listener_.get(), nullptr, nullptr));
      std::array<char, 4096> question;
      const ssize_t got = ::recv(fd.get(), question.data(), question.size(), 0);
      if (got > 0) ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    });
  }
  Endpoint endpoint() const {
    return {.host = "127.0.0.1", .port = std::to_string(port_), .encrypted = false};
  }

 private:
  UniqueFd listener_;
  uint16_t port_ = 0;
  std::jthread thread_;
};

TEST(StoreEndpoint, asks_a_server_for_its_clock) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  const auto answer = ask(server.endpoint(), k_limit_ns);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->date_s, 784111777);
  EXPECT_GT(answer->connect_ns, 0u);
}

TEST(StoreEndpoint, says_when_something_else_answers_and_reads_a_bounded_header) {
  const OneAnswer other("SSH-2.0-OpenSSH\r\n");
  EXPECT_EQ(ask(other.endpoint(), k_limit_ns).error(), "what answers there does not speak HTTP");
  const OneAnswer endless("HTTP/1.1 200 OK\r\n" + std::string(1 << 16, 'x'));
  EXPECT_EQ(ask(endless.endpoint(), k_limit_ns)->status, 200);
}

TEST(StoreEndpoint, says_when_nobody_listens_or_the_name_is_not_known) {
  EXPECT_EQ(ask({.host = "127.0.0.1", .port = "1", .encrypted = true}, k_limit_ns).error(),
            "Connection refused");
  EXPECT_TRUE(ask({.host = "no-such-host.invalid", .port = "1"}, k_limit_ns)
                  .error()
                  .starts_with("the name: "));
}

}  // namespace
}  // namespace headrace::doctor
