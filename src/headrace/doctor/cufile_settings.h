// What cufile.json says: JSON with comments, as NVIDIA ships it. Thread safety: a pure function.
// The text is hostile: a wrong type or a number out of range is an error with its key.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::doctor {

// Absent keys have cuFile's own defaults, which this does not guess.
struct CufileSettings {
  std::optional<bool> allow_compat_mode = {};  // fall back through the CPU instead of failing
  std::optional<bool> use_pci_p2pdma = {};     // the kernel's own peer-to-peer, without nvidia-fs
  std::optional<uint64_t> max_direct_io_size_kb = {};
  std::optional<uint64_t> max_device_cache_size_kb = {};
  std::optional<uint64_t> max_io_threads = {};
  std::optional<uint64_t> io_batchsize = {};
  bool operator==(const CufileSettings&) const = default;
};
// The error is one sentence: line or key, and what was expected.
std::expected<CufileSettings, std::string> parse_cufile_json(std::string_view text);

}  // namespace headrace::doctor
