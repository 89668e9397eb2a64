// Another program run to its end, its output kept. Thread safety: any thread.
// Invariants: (1) no shell is involved: words are passed as they are; (2) the child gets no blocked
// signals, so that Ctrl-C ends it too; (3) no more than the limit of its output is kept.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace headrace::bench {

struct ChildResult {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string output = {};
  std::string errors = {};
};
inline constexpr uint64_t k_child_output_bytes_max = uint64_t{8} << 20;

// words[0] is looked up in PATH. The error is an errno: ENOENT = there is no such program.
std::expected<ChildResult, int> run_child(const std::vector<std::string>& words);

}  // namespace headrace::bench
