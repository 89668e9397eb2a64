// Choosing among the ways to device memory, and the simplest of them: a pool of blocking calls.
#include "headrace/io/cufile.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "headrace/io/bounce.h"
#include "headrace/io/cufile_batch.h"
#include "headrace/io/cufile_files.h"
#include "headrace/io/cufile_stream.h"
#include "headrace/io/psync.h"
#include "headrace/io/threads.h"

namespace headrace::io {
namespace {

// What a pool's threads share; std::function copies it, so it is held by a pointer.
struct Blocking {
  std::unique_ptr<shim::CuFile> library;
  CuFileFiles files;

  Blocking(std::unique_ptr<shim::CuFile> opened, std::span<std::byte> arena)
      : library(std::move(opened)), files(*library, arena) {}

  int64_t serve(const Piece& piece) {
    if (piece.action == Action::sync) return serve_piece(piece);
    const auto handle = files.acquire(piece);
    if (!handle) return -int64_t{handle.error()};
    const CuPlace place = files.place_of(piece.target);
    const auto at = static_cast<off_t>(piece.offset_bytes);
    errno = 0;
    const ssize_t raw =
        piece.action == Action::read
            ? library->read(*handle, place.base, piece.target.size(), at, place.offset_bytes)
            : library->write(*handle, place.base, piece.target.size(), at, place.offset_bytes);
    const int error_number = errno;
    files.release(piece);
    if (raw >= 0) return raw;
    return raw == -1 && error_number != 0 ? -int64_t{error_number} : -int64_t{EIO};
  }
};

std::unique_ptr<Ring> make_pool(const RingOptions& options, std::unique_ptr<shim::CuFile> library) {
  auto blocking = std::make_shared<Blocking>(std::move(library), options.arena);
  RingInfo info{.engine = "cufile"};
  if (blocking->files.arena_is_registered()) {
    info.registered = true;
    info.registered_bytes = options.arena.size();
  }
  return std::make_unique<ThreadsRing>(
      options, std::move(info), [blocking](const Piece& piece) { return blocking->serve(piece); });
}

// Streams and copies belong to the context that is current on the thread.
int hold_context(shim::CudaDriver& driver, uint32_t ordinal) {
  int device = 0;
  if (const int code = driver.init(0); code != 0) return code;
  if (const int code = driver.device_get(&device, static_cast<int>(ordinal)); code != 0) {
    return code;
  }
  return driver.hold_context(device);
}

}  // namespace

bool cufile_is_compatible() {
  const char* forced = std::getenv("CUFILE_FORCE_COMPAT_MODE");
  if (forced != nullptr && std::strcmp(forced, "true") == 0) return true;
  return ::access("/proc/driver/nvidia-fs/stats", F_OK) != 0;
}

std::expected<std::unique_ptr<Ring>, std::string> make_cufile_ring(const RingOptions& options,
                                                                   const CuFileOptions& cufile) {
  std::unique_ptr<shim::CudaDriver> driver;
  if (options.engine == "bounce" || options.engine == "cufile-stream") {
    auto opened = shim::CudaDriver::open(cufile.driver);
    if (!opened) return std::unexpected(opened.error());
    driver = std::move(*opened);
    if (const int code = hold_context(*driver, cufile.device); code != 0) {
      return std::unexpected("no context of the device is to be had: " +
                             driver->name_of_error(code));
    }
  }
  if (options.engine == "bounce") return BounceRing::make(options, cufile, std::move(driver));
  auto library = shim::CuFile::open(cufile.library);
  if (!library) return std::unexpected(library.error());
  if (options.engine == "cufile-batch") {
    return std::make_unique<CuFileBatchRing>(options, cufile.compatible, std::move(*library));
  }
  if (options.engine == "cufile-stream") {
    return CuFileStreamRing::make(options, std::move(*library), std::move(driver));
  }
  return make_pool(options, std::move(*library));
}

}  // namespace headrace::io
