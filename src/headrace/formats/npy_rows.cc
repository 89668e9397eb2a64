// Elements alone make the field; what the head says is for the job to say again, as of raw bytes.
#include "headrace/formats/npy_rows.h"

#include "headrace/formats/npy.h"
#include "headrace/formats/tensor_rows.h"

namespace headrace::formats {
namespace {

constexpr const char* k_npy_field = "data";

std::expected<NpyArray, ScanFailure> npy_array_in(const ByteSource& source) {
  ByteWindow window(source, k_npy_head_bytes_max);
  const uint64_t size_bytes = std::min<uint64_t>(source.size_bytes, k_npy_head_bytes_max);
  const auto begin = window.at(0, size_bytes);
  if (!begin) return std::unexpected(begin.error());
  auto array = read_npy_array(*begin, source.size_bytes);
  if (!array) return std::unexpected(ScanFailure{array.error(), 0});
  return std::move(*array);
}

TensorTable npy_table(const NpyArray& array, uint64_t row_count, bool is_one_element) {
  const uint64_t row_bytes = row_count == 0 ? array.element_bytes : array.data_bytes / row_count;
  return {.row_count = row_count,
          .columns = {{.name = k_npy_field,
                       .offset_bytes = array.head.data_offset_bytes,
                       .row_bytes = row_bytes,
                       .integer_sign = is_one_element ? array.integer_sign : std::nullopt}}};
}

std::expected<TensorTable, ScanFailure> read_npy_rows(const ByteSource& source) {
  const auto array = npy_array_in(source);
  if (!array) return std::unexpected(array.error());
  if (array->head.shape.empty()) return std::unexpected(ScanFailure{"it has no dimension", 0});
  return npy_table(*array, array->head.shape.front(), array->head.shape.size() == 1);
}

std::expected<TensorTable, ScanFailure> read_npy_whole(const ByteSource& source) {
  const auto array = npy_array_in(source);
  if (!array) return std::unexpected(array.error());
  return npy_table(*array, 1, array->head.shape.empty());
}

std::unique_ptr<SampleScanner> scan_npy_rows(ByteSource source, ScanFrom from) {
  return std::make_unique<TensorRows>(std::move(source), from, read_npy_rows);
}

std::unique_ptr<SampleScanner> scan_npy_whole(ByteSource source, ScanFrom from) {
  return std::make_unique<TensorRows>(std::move(source), from, read_npy_whole);
}

bool begins_as_npy(const ByteSource& source) {
  std::array<std::byte, 6> magic{};
  return read_fully(source, magic, 0) && std::memcmp(magic.data(), "\x93NUMPY", 6) == 0;
}

}  // namespace

const ShardFormat k_npy_format = {.name = "npy",
                                  .suffix = ".npy",
                                  .has_name = [](std::string_view) { return false; },
                                  .begins = begins_as_npy,
                                  .scan = scan_npy_rows};

const ShardFormat k_npy_file_format = {
    .name = "npy-files",
    .suffix = ".npy",
    .has_name = [](std::string_view name) { return name.ends_with(".npy"); },
    .begins = [](const ByteSource&) { return false; },
    .scan = scan_npy_whole,
    .only_alone = true};

}  // namespace headrace::formats
