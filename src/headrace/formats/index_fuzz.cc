// Any bytes as an index: once with the checksums believed wrong, once mended, all records read.
#include <cstring>

#include "headrace/base/endian.h"
#include "headrace/formats/index.h"

namespace {

using namespace headrace::formats;

void read_all(std::span<const std::byte> bytes, BodyCheck check) {
  const auto index = Index::over(bytes, check);
  if (!index) return;
  uint64_t sum = 0;
  for (uint64_t i = 0; i < index->sample_count(); ++i) {
    sum += index->holds(i);
    for (const FieldExtent& field : index->fields(i)) sum += field.offset_bytes;
    sum += index->path_at(index->record_offset_bytes(i)).size();
  }
  volatile uint64_t kept = sum;
  (void)kept;
}

}  // namespace

// Hashes of the body's blocks and of these, where the numbers in the header leave room for them.
void mend_body(std::span<std::byte> bytes, size_t names_size_bytes) {
  constexpr uint64_t k_block_bytes = 4096;
  const auto samples = headrace::load_le<uint64_t>(bytes.data() + 16);
  const uint64_t record_bytes = 8 + 24 * uint64_t{headrace::load_le<uint32_t>(bytes.data() + 24)};
  const auto paths_bytes = headrace::load_le<uint64_t>(bytes.data() + 56);
  const auto rest = bytes.subspan(96 + names_size_bytes);
  if (paths_bytes > rest.size() || samples > rest.size() / record_bytes) return;
  const uint64_t body_bytes = samples * record_bytes + paths_bytes;
  const uint64_t block_count = (body_bytes + k_block_bytes - 1) / k_block_bytes;
  if (body_bytes + 8 * block_count != rest.size()) return;
  const auto body = rest.first(body_bytes), sums = rest.subspan(body_bytes);
  for (uint64_t block = 0; block < block_count; ++block) {
    const auto left = body.subspan(block * k_block_bytes);
    const uint64_t sum = headrace::xxh3(left.first(std::min<size_t>(left.size(), k_block_bytes)));
    std::memcpy(sums.data() + 8 * block, &sum, 8);
  }
  headrace::store_le(bytes.data() + 72, headrace::xxh3(sums));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint64_t> aligned(size / 8 + 1);
  if (size > 0) std::memcpy(aligned.data(), data, size);
  const auto bytes = std::as_writable_bytes(std::span(aligned)).first(size);
  read_all(bytes, BodyCheck::full);
  if (size < 96) return 0;
  std::memcpy(bytes.data(), "HRINDEX\0\2\0\0\0", 12);
  const uint64_t names = headrace::load_le<uint32_t>(bytes.data() + 28) % 64 * 8;
  headrace::store_le(bytes.data() + 28, static_cast<uint32_t>(names));
  if (names > size - 96) return 0;
  mend_body(bytes, names);
  headrace::Xxh3Stream hash;
  hash.update(bytes.first(88));
  hash.update(bytes.subspan(96, names));
  headrace::store_le(bytes.data() + 88, hash.digest());
  read_all(bytes, BodyCheck::when_used);
  return 0;
}
