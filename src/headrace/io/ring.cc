// Choosing an engine: what was named, or the best one that this host allows, with the reason.
#include "headrace/io/ring.h"

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/io/cufile.h"
#include "headrace/io/psync.h"
#include "headrace/io/threads.h"
#include "headrace/io/uring.h"
#include "headrace/io/usrbio.h"

namespace headrace::io {
namespace {

constexpr uint32_t k_most_depth = 32768;

[[noreturn]] void refuse(Code code, const std::string& engine, std::string cause,
                         std::string hint) {
  throw Error({.code = code,
               .action = "cannot make an I/O ring",
               .object = engine,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

void check_options(const RingOptions& options) {
  if (options.depth == 0 || options.depth > k_most_depth) {
    refuse(Code::invalid_argument, options.engine, fmt::format("depth is {}", options.depth),
           fmt::format("a depth from 1 to {}", k_most_depth));
  }
}

// The ring, or its error as the run's end: the engine was named.
std::unique_ptr<Ring> given(const RingOptions& options, auto made) {
  if (made) return std::move(*made);
  refuse(Code::unsupported, options.engine, made.error(), "engine \"auto\" needs no such library");
}

constexpr std::array<std::string_view, 4> k_device_engines = {"cufile", "cufile-batch",
                                                              "cufile-stream", "bounce"};

}  // namespace

std::unique_ptr<Ring> make_ring(const RingOptions& options) {
  check_options(options);
  if (options.engine == "psync") return std::make_unique<PsyncRing>(options);
  if (options.engine == "threads") return std::make_unique<ThreadsRing>(options, "");
  if (std::ranges::find(k_device_engines, options.engine) != k_device_engines.end()) {
    return given(options, make_cufile_ring(options, {.compatible = cufile_is_compatible()}));
  }
  if (options.engine == "usrbio") {
    return given(options, UsrbioRing::make(options, {.mount = options.mount}));
  }
  if (options.engine != "auto" && options.engine != "uring") {
    refuse(Code::invalid_argument, options.engine, "no such engine",
           "auto, uring, threads, psync, usrbio, cufile, cufile-batch, cufile-stream, bounce");
  }
  auto ring = UringRing::make(options);
  if (ring) return std::move(*ring);
  if (options.engine == "auto") return std::make_unique<ThreadsRing>(options, ring.error());
  refuse(Code::unsupported, options.engine, ring.error(), "engine \"auto\" uses threads instead");
}

}  // namespace headrace::io
