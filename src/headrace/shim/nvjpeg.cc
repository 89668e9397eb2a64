// Looking the decoder's symbols up, and its statuses by name.
#include "headrace/shim/nvjpeg.h"

#include <fmt/format.h>

namespace headrace::shim {
namespace {

constexpr const char* k_how_to_get_nvjpeg =
    "nvJPEG comes with CUDA (package libnvjpeg-13-0 or libnvjpeg-12-8), or: pip install "
    "nvidia-nvjpeg, and its nvidia/cu13/lib in LD_LIBRARY_PATH";

}  // namespace

bool is_of_picture(int status) {
  return status == jpeg_bad || status == jpeg_not_supported ||
         status == jpeg_implementation_not_supported || status == jpeg_incomplete_bitstream;
}

std::expected<std::unique_ptr<NvJpeg>, std::string> NvJpeg::open(const std::string& library) {
  auto opened = library.empty()
                    ? Library::open_first({"libnvjpeg.so.13", "libnvjpeg.so.12", "libnvjpeg.so.11"})
                    : Library::open(library);
  if (!opened) return std::unexpected(fmt::format("{}; {}", opened.error(), k_how_to_get_nvjpeg));
  std::unique_ptr<NvJpeg> made(new NvJpeg(std::move(*opened)));
  if (const std::string missing = made->find_all(); !missing.empty()) {
    return std::unexpected(fmt::format("{} lacks {}; {}", library, missing, k_how_to_get_nvjpeg));
  }
  return made;
}

std::string NvJpeg::find_all() {
  std::string missing;
  const auto want = [&](const char* symbol, auto*& function) {
    if (!library_.find(symbol, function) && missing.empty()) missing = symbol;
  };
  want("nvjpegCreateEx", create);
  want("nvjpegDestroy", destroy);
  want("nvjpegGetHardwareDecoderInfo", hardware_info);
  want("nvjpegJpegStateCreate", state_create);
  want("nvjpegJpegStateDestroy", state_destroy);
  want("nvjpegDecodeBatchedInitialize", batch_initialize);
  want("nvjpegDecodeBatched", decode_batch);
  want("nvjpegDecode", decode);
  return missing;
}

std::string NvJpeg::name_of_status(int status) {
  constexpr const char* k_names[] = {"SUCCESS",
                                     "NOT_INITIALIZED",
                                     "INVALID_PARAMETER",
                                     "BAD_JPEG",
                                     "JPEG_NOT_SUPPORTED",
                                     "ALLOCATOR_FAILURE",
                                     "EXECUTION_FAILED",
                                     "ARCH_MISMATCH",
                                     "INTERNAL_ERROR",
                                     "IMPLEMENTATION_NOT_SUPPORTED",
                                     "INCOMPLETE_BITSTREAM"};
  if (status < 0 || status > jpeg_incomplete_bitstream) return fmt::format("status {}", status);
  return fmt::format("NVJPEG_STATUS_{}", k_names[status]);
}

}  // namespace headrace::shim
