// Looking symbols up, a pair a format, and statuses by name.
#include "headrace/shim/nvcomp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace headrace::shim {
namespace {

constexpr const char* k_how_to_get_nvcomp =
    "nvCOMP 5 is a package of its own (nvcomp-cuda-13, developer.nvidia.com/nvcomp), or: pip "
    "install nvidia-libnvcomp-cu13, and its nvidia/libnvcomp/lib64 in LD_LIBRARY_PATH";

constexpr std::array<const char*, k_comp_format_count> k_format_names = {"LZ4", "Snappy", "Zstd",
                                                                         "Gzip"};

constexpr std::pair<int, const char*> k_status_names[] = {
    {0, "nvcompSuccess"},
    {10, "nvcompErrorInvalidValue"},
    {11, "nvcompErrorNotSupported"},
    {12, "nvcompErrorCannotDecompress"},
    {13, "nvcompErrorBadChecksum"},
    {14, "nvcompErrorCannotVerifyChecksums"},
    {15, "nvcompErrorOutputBufferTooSmall"},
    {16, "nvcompErrorWrongHeaderLength"},
    {17, "nvcompErrorAlignment"},
    {18, "nvcompErrorChunkSizeTooLarge"},
    {20, "nvcompErrorWrongInputLength"},
    {21, "nvcompErrorBatchSizeTooLarge"},
    {1000, "nvcompErrorCudaError"},
    {10000, "nvcompErrorInternal"},
};

}  // namespace

std::expected<std::unique_ptr<NvComp>, std::string> NvComp::open(const std::string& library) {
  auto opened = Library::open(library);
  if (!opened) return std::unexpected(fmt::format("{}; {}", opened.error(), k_how_to_get_nvcomp));
  std::unique_ptr<NvComp> made(new NvComp(std::move(*opened)));
  if (const std::string missing = made->find_all(); !missing.empty()) {
    return std::unexpected(fmt::format("{} lacks {}; {}", library, missing, k_how_to_get_nvcomp));
  }
  return made;
}

// Names of version 5: 4 took other arguments under others.
std::string NvComp::find_all() {
  for (size_t format = 0; format < k_comp_format_count; ++format) {
    const std::string prefix = fmt::format("nvcompBatched{}Decompress", k_format_names[format]);
    for (const auto& [suffix, found] :
         {std::pair("GetTempSizeAsync",
                    library_.find((prefix + "GetTempSizeAsync").c_str(), calls_[format].temporary)),
          std::pair("Async", library_.find((prefix + "Async").c_str(), calls_[format].unpack))}) {
      if (!found) return prefix + suffix;
    }
  }
  return "";
}

std::string NvComp::name_of_status(int status) {
  for (const auto& [code, name] : k_status_names) {
    if (code == status) return name;
  }
  return fmt::format("status {}", status);
}

}  // namespace headrace::shim
