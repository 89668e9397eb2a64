// Bounded readings, and the questions to the kernel.
#include "headrace/doctor/host.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <charconv>
#include <cstdlib>

#include "headrace/base/error.h"
#include "headrace/io/ring.h"

namespace headrace::doctor {
namespace {

constexpr size_t k_text_bytes = size_t{1} << 20;
constexpr size_t k_name_count = 4096;
constexpr size_t k_attribute_bytes = size_t{64} << 10;
constexpr uint64_t k_store_limit_ns = 5'000'000'000;
constexpr std::string_view k_blank = " \t\r\n";

class RealKernel final : public Kernel {
 public:
  OrErrno<Space> space(const std::string& path) override {
    struct statvfs found = {};
    if (::statvfs(path.c_str(), &found) != 0) return std::unexpected(errno);
    return Space{.size_bytes = found.f_blocks * found.f_frsize,
                 .free_bytes = found.f_bavail * found.f_frsize,
                 .inode_count = found.f_files,
                 .free_inode_count = found.f_favail};
  }
  OrErrno<std::string> attribute(const std::string& path, const std::string& name) override {
    std::string value(k_attribute_bytes, '\0');
    const ssize_t size = ::getxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0) return std::unexpected(errno);
    value.resize(static_cast<size_t>(size));
    return value;
  }
  std::expected<std::string, std::string> try_uring() override {
    try {
      const auto ring = io::make_ring({.engine = "uring", .depth = 8});
      return ring->info().why_not_better;
    } catch (const Error& error) {
      return std::unexpected(error.parts().cause);
    }
  }
  std::string variable(const std::string& name) override {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
  }
  std::expected<StoreAnswer, std::string> ask_store() override {
    const auto endpoint = endpoint_of([this](const std::string& name) { return variable(name); });
    if (!endpoint) return std::unexpected(endpoint.error());
    return ask(*endpoint, k_store_limit_ns);
  }
  int64_t now_s() override {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace

Kernel& real_kernel() {
  static RealKernel kernel;
  return kernel;
}

std::string Host::text(const std::string& path) const {
  // A pipe of that name must not hold the doctor up.
  const auto fd = files_.open(root_ + path, O_RDONLY | O_NONBLOCK, 0);
  if (!fd) return {};
  std::string bytes(size_t{4096}, '\0');
  size_t size = 0;
  // The kernel's files do not tell their size, and most fit in one page.
  for (;;) {
    const auto read =
        files_.read_at(fd->get(), std::as_writable_bytes(std::span(bytes)).subspan(size), size);
    if (!read) return {};
    size += *read;
    if (size < bytes.size() || size == k_text_bytes) break;
    bytes.resize(std::min(bytes.size() * 4, k_text_bytes));
  }
  bytes.resize(size);
  bytes.resize(bytes.find_last_not_of(k_blank) + 1);
  return bytes;
}

std::optional<uint64_t> Host::number(const std::string& path) const {
  return number_in(text(path));
}

std::vector<std::string> Host::names(const std::string& folder) const {
  const auto entries = files_.list(root_ + folder);
  std::vector<std::string> names;
  if (!entries) return names;
  for (const FolderEntry& entry : *entries) {
    if (names.size() == k_name_count) break;
    names.push_back(entry.name);
  }
  return names;
}

bool Host::has(const std::string& path) const { return files_.stat(root_ + path).has_value(); }

std::optional<uint64_t> number_in(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace headrace::doctor
