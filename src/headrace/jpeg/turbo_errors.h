// libjpeg-turbo's errors as literals: its error_exit jumps back instead of ending the process.
// Thread safety: one owner, beside the libjpeg struct it serves.
// 1. A warning about damaged data is an error: a picture is whole or refused, never partly grey.
// 2. The frames that a jump skips hold no value with a destructor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <jpeglib.h>

#include <csetjmp>

namespace headrace::jpeg {

struct TurboErrors {
  jpeg_error_mgr manager = {};  // first, so that libjpeg's pointer to it is a pointer to this
  std::jmp_buf jump = {};       // set by the caller before each use of the libjpeg struct
  const char* what = "";        // a literal, valid after a jump
};

// Fills in the functions; the result goes to the libjpeg struct's `err`.
jpeg_error_mgr* install(TurboErrors& errors);

// Leaves through the jump with a reason of ours.
[[noreturn]] void fail(TurboErrors& errors, const char* what);

// Limits the scans of a progressive picture, each of which may cost a pass over all blocks for a
// few bytes. Standard encoders write 10.
inline constexpr int k_max_scans = 100;
void limit_scans(jpeg_decompress_struct& info, jpeg_progress_mgr& progress);

}  // namespace headrace::jpeg
