// Byte sizes, counts and durations as people write and read them: "256M" (binary units), "1.5 GiB",
// "12.3 ms".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace headrace {

// Parses "4096", "64K", "256M", "10G", "1T", also with "iB"/"B" (all powers of 1024). The error is
// a sentence.
std::expected<uint64_t, std::string> parse_size(std::string_view text);
// "0 B", "512 B", "93.1 KiB", "1.72 GiB": three significant digits.
std::string format_size(uint64_t size_bytes);
// "850 ns", "12.3 us", "4.56 ms", "1.20 s", "3 min 05 s".
std::string format_duration(uint64_t duration_ns);
// "4,550".
std::string format_count(uint64_t count);
// "1 shard", "4,550 shards", "3 classes".
std::string counted(uint64_t count, std::string_view noun);

}  // namespace headrace
