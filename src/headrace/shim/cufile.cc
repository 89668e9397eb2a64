// Looking symbols up, and telling a driver that does not start from a library that is not there.
#include "headrace/shim/cufile.h"

#include <fmt/format.h>

namespace headrace::shim {
namespace {

constexpr const char* k_how_to_get_cufile =
    "GPUDirect Storage comes with CUDA 12.2 or later: install its package libcufile";

}  // namespace

std::expected<std::unique_ptr<CuFile>, std::string> CuFile::open(const std::string& library) {
  auto opened = Library::open(library);
  if (!opened) return std::unexpected(fmt::format("{}; {}", opened.error(), k_how_to_get_cufile));
  std::unique_ptr<CuFile> file(new CuFile(std::move(*opened)));
  if (const std::string missing = file->find_all(); !missing.empty()) {
    return std::unexpected(fmt::format("{} lacks {}; {}", library, missing, k_how_to_get_cufile));
  }
  const CuError error = file->driver_open_();
  if (error.error != 0) {
    return std::unexpected(
        fmt::format("cuFileDriverOpen: error {} (CUDA error {}); gdscheck -p says what is missing",
                    error.error, error.cuda_error));
  }
  file->driver_is_open_ = true;
  return file;
}

std::string CuFile::find_all() {
  std::string missing;
  const auto want = [&](const char* symbol, auto*& function) {
    if (!library_.find(symbol, function) && missing.empty()) missing = symbol;
  };
  want("cuFileDriverOpen", driver_open_);
  // The header renames it, so the old name may be gone.
  if (!library_.find("cuFileDriverClose_v2", driver_close_)) {
    want("cuFileDriverClose", driver_close_);
  }
  want("cuFileHandleRegister", handle_register);
  want("cuFileHandleDeregister", handle_deregister);
  want("cuFileBufRegister", buffer_register);
  want("cuFileBufDeregister", buffer_deregister);
  want("cuFileRead", read);
  want("cuFileWrite", write);
  want("cuFileReadAsync", read_async);
  want("cuFileWriteAsync", write_async);
  want("cuFileBatchIOSetUp", batch_set_up);
  want("cuFileBatchIOSubmit", batch_submit);
  want("cuFileBatchIOGetStatus", batch_status);
  want("cuFileBatchIOCancel", batch_cancel);
  want("cuFileBatchIODestroy", batch_destroy);
  return missing;
}

CuFile::~CuFile() {
  if (driver_is_open_) driver_close_();
}

}  // namespace headrace::shim
