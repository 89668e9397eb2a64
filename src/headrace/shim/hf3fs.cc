// Looking symbols up, after a look at the limit that the library would take for a size.
#include "headrace/shim/hf3fs.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace headrace::shim {
namespace {

constexpr const char* k_how_to_get_3fs =
    "it is built with 3FS (github.com/deepseek-ai/3FS) and installed on its clients";
constexpr uint64_t k_most_descriptors = uint64_t{1} << 24;

}  // namespace

std::string refuse_descriptor_limit(uint64_t limit) {
  if (limit <= k_most_descriptors) return "";
  return fmt::format(
      "the hard limit on open files is {}, and the library takes memory for each; "
      "lower it: ulimit -Hn 1048576",
      limit == RLIM_INFINITY ? "unlimited" : std::to_string(limit));
}

std::expected<std::unique_ptr<Hf3fs>, std::string> Hf3fs::open(const std::string& library) {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (std::string why = refuse_descriptor_limit(limit.rlim_max); !why.empty()) {
    return std::unexpected(std::move(why));
  }
  auto opened = Library::open(library);
  if (!opened) return std::unexpected(fmt::format("{}; {}", opened.error(), k_how_to_get_3fs));
  std::unique_ptr<Hf3fs> made(new Hf3fs(std::move(*opened)));
  const Library& from = made->library_;
  const bool whole = from.find("hf3fs_iovcreate", made->iov_create) &&
                     from.find("hf3fs_iovdestroy", made->iov_destroy) &&
                     from.find("hf3fs_iorcreate4", made->ior_create) &&
                     from.find("hf3fs_iordestroy", made->ior_destroy) &&
                     from.find("hf3fs_reg_fd", made->register_fd) &&
                     from.find("hf3fs_dereg_fd", made->deregister_fd) &&
                     from.find("hf3fs_prep_io", made->prepare) &&
                     from.find("hf3fs_submit_ios", made->submit) &&
                     from.find("hf3fs_wait_for_ios", made->wait);
  if (!whole) return std::unexpected(library + " lacks calls of USRBIO; " + k_how_to_get_3fs);
  return made;
}

}  // namespace headrace::shim
