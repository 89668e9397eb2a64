// Tensors to .npy.
#include "headrace/feed/dump.h"

#include <fmt/ranges.h>

#include "headrace/base/error.h"

namespace headrace::feed {
namespace {

constexpr const char* k_ids = "ids";

void refuse_ids(const loader::Batch& batch) {
  for (size_t index = 0; index < batch.tensor_count(); ++index) {
    if (batch.tensor(index).name != k_ids) continue;
    throw Error(
        {.code = Code::invalid_argument,
         .action = "cannot dump field",
         .object = k_ids,
         .cause = "the file of that name holds the samples' ids",
         .hint = "give the field another name in a job: name = \"tokens\", from = \"ids\""});
  }
}

const char* numpy_type(ops::Type type) {
  switch (type) {
    case ops::Type::uint8:
      return "|u1";
    case ops::Type::int32:
      return "<i4";
    case ops::Type::int64:
      return "<i8";
    case ops::Type::float16:
      return "<f2";
    case ops::Type::bfloat16:
      return "<u2";
    case ops::Type::float32:
      return "<f4";
  }
  return "|u1";
}

void write(Files& files, const std::string& path, const std::string& header,
           std::span<const std::byte> bytes) {
  AtomicFile file(files, path);
  file.append(std::as_bytes(std::span(header)));
  file.append(bytes);
  file.publish();
}

}  // namespace

std::string npy_header(const std::string& type, std::span<const uint64_t> shape) {
  constexpr size_t k_prefix_bytes = 10;
  std::string dictionary = fmt::format(
      "{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", type, fmt::join(shape, ", "));
  const size_t unpadded_bytes = k_prefix_bytes + dictionary.size() + 1;
  dictionary.append((64 - unpadded_bytes % 64) % 64, ' ');
  dictionary += '\n';
  std::string header = "\x93NUMPY\x01";
  header += '\0';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

void dump_batch(Files& files, const std::string& folder, const loader::Batch& batch) {
  refuse_ids(batch);
  make_folders(files, folder);
  const std::string stem = fmt::format("{}/batch-{:06}", folder, batch.sequence());
  for (size_t index = 0; index < batch.tensor_count(); ++index) {
    const loader::Tensor tensor = batch.tensor(index);
    write(files, fmt::format("{}.{}.npy", stem, dump_name(tensor.name)),
          npy_header(numpy_type(tensor.type), tensor.shape), batch.in_host_memory(tensor));
  }
  const uint64_t row_count = batch.row_count();
  write(files, fmt::format("{}.{}.npy", stem, k_ids), npy_header("<u8", {&row_count, 1}),
        std::as_bytes(batch.ids()));
}

std::string dump_name(std::string_view field) {
  std::string name;
  for (const char letter : field) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_plain = byte > 0x20 && byte != 0x7f && letter != '/' && letter != '%';
    name += is_plain ? std::string(1, letter) : fmt::format("%{:02X}", byte);
  }
  return name;
}

}  // namespace headrace::feed
