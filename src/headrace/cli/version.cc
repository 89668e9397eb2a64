// Each feature is asked of what provides it, now and on this machine: nothing is assumed from the
// build alone.
#include "headrace/cli/version.h"

#include <fmt/format.h>
#include <png.h>
#include <webp/decode.h>

#include <hwy/highway.h>
#include <vector>

#include "headrace/io/ring.h"
#include "headrace/shim/cufile.h"
#include "headrace/shim/hf3fs.h"
#include "headrace/shim/sqlite.h"

// Its header wants stdio's types first and defines short macros.
#include <jpeglib.h>
#include <cstdio>

#define HEADRACE_TEXT_OF(token) #token
#define HEADRACE_TEXT(macro) HEADRACE_TEXT_OF(macro)

namespace headrace::cli {
namespace {

struct Feature {
  std::string name;
  bool present = true;
  std::string detail;  // what is there, or how to get it
};

Feature uring_feature() {
  const io::RingInfo info = io::make_ring({.engine = "auto", .depth = 1})->info();
  const bool present = info.engine == "uring";
  if (present && info.why_not_better.empty()) return {.name = "io_uring", .detail = "granted"};
  return {.name = "io_uring", .present = present, .detail = info.why_not_better};
}

std::string best_simd() {
  const int64_t targets = hwy::SupportedTargets();
  return hwy::TargetName(targets & -targets);  // better ones have lower bits
}

std::string webp_version() {
  const int version = WebPGetDecoderVersion();
  return fmt::format("libwebp {}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff);
}

// Libraries that are opened at run time say themselves how to get them.
Feature opened(std::string name, const auto& library) {
  if (library) return {.name = std::move(name), .detail = "opened"};
  return {.name = std::move(name), .present = false, .detail = library.error()};
}

std::vector<Feature> features() {
  return {uring_feature(),
          {.name = "simd", .detail = best_simd()},
          {.name = "jpeg", .detail = "libjpeg-turbo " HEADRACE_TEXT(LIBJPEG_TURBO_VERSION)},
          {.name = "png", .detail = fmt::format("libpng {}", png_get_libpng_ver(nullptr))},
          {.name = "webp", .detail = webp_version()},
          opened("cuda", shim::CudaDriver::open()),
          opened("cufile", shim::CuFile::open()),
          opened("hf3fs", shim::Hf3fs::open()),
          opened("sqlite", shim::Sqlite::open())};
}

}  // namespace

std::string version_text() {
  std::string text = "headrace " HEADRACE_VERSION;
  for (const Feature& feature : features()) {
    text +=
        fmt::format("\n  {} {:<9} {}", feature.present ? '+' : '-', feature.name, feature.detail);
  }
  return text;
}

}  // namespace headrace::cli
