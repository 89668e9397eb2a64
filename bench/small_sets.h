// Data sets of small samples, made once into the cache folder: 32x32 pictures as raw bytes and as
// PNG, and short text; a class number beside each. Thread safety: one thread calls; two write.
#pragma once

#include <cstdint>
#include <string>

namespace headrace::bench {

enum class SmallKind { raw, png, text };
const char* name_of(SmallKind kind);

inline constexpr uint64_t k_raw_bytes = 3 * 32 * 32;
inline constexpr uint64_t k_text_bytes_max = 4096;  // texts have 3,000 to 4,000

// The folder of the data set; packs it first where it is not there.
std::string prepare_small_set(SmallKind kind, uint64_t sample_count);

}  // namespace headrace::bench
