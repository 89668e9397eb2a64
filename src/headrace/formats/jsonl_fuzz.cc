// Any bytes as JSON lines, also compressed: reading ends, fields are sorted and differ, and
// blocks hold what the file does.
#include <algorithm>
#include <optional>

#include "headrace/base/check.h"
#include "headrace/formats/jsonl.h"

namespace {

using headrace::formats::RecordReader;

// How much there was, or nothing where it is damaged.
std::optional<uint64_t> read_all(RecordReader& reader, uint64_t limit_bytes) {
  using headrace::formats::FieldBytes;
  uint64_t size_bytes = 0;
  while (size_bytes < limit_bytes) {  // compressed, a small file may hold much
    const auto fields = reader.next();
    if (!fields) return std::nullopt;
    if (!*fields) return size_bytes;
    HR_CHECK(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
    for (const FieldBytes& field : **fields) size_bytes += field.name.size() + field.bytes.size();
    ++size_bytes;
  }
  return size_bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto source = memory_source(std::as_bytes(std::span(data, size)));
  (void)k_jsonl_format.begins(source);
  constexpr uint64_t k_limit_bytes = uint64_t{64} << 20;
  JsonLines lines(source);
  const auto whole = read_all(lines, k_limit_bytes);
  JsonBlocks blocks(source);
  std::optional<uint64_t> in_blocks = 0;
  while (in_blocks && *in_blocks < k_limit_bytes) {
    const auto part = blocks.next_part();
    if (part && !*part) break;
    const auto more = part ? read_all(**part, k_limit_bytes) : std::nullopt;
    in_blocks = more ? std::optional(*in_blocks + *more) : std::nullopt;
  }
  if (whole && *whole < k_limit_bytes) HR_CHECK(whole == in_blocks, "{} bytes", *whole);
  return 0;
}
