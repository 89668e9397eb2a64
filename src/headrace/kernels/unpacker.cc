// Chunks are listed format by format, so that each format is one call.
#include "headrace/kernels/unpacker.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/codec/snappy_frame.h"

namespace headrace::kernels {
namespace {

constexpr size_t k_usual_block_bytes = 64 << 10;
constexpr uint32_t k_chunks_most = 1 << 16;
constexpr int k_not_run = -1;
constexpr size_t k_bytes_a_chunk = 5 * sizeof(size_t) + sizeof(int);

struct FormatOf {
  codec::Kind kind;
  shim::CompFormat format;
};
constexpr FormatOf k_formats[] = {{codec::Kind::zstd, shim::CompFormat::zstd},
                                  {codec::Kind::gzip, shim::CompFormat::gzip},
                                  {codec::Kind::lz4, shim::CompFormat::lz4},
                                  {codec::Kind::snappy, shim::CompFormat::snappy}};

// Of frames that nvCOMP does not know; their blocks may be written anywhere.
bool has_blocks(codec::Kind kind) {
  return kind == codec::Kind::lz4 || kind == codec::Kind::snappy;
}

std::unique_ptr<shim::NvComp> open_nvcomp(const std::string& name) {
  auto library = shim::NvComp::open(name);
  if (library) return std::move(*library);
  throw Error({.code = Code::unsupported,
               .action = "cannot decompress on a device",
               .cause = library.error(),
               .hint = "install it, or set decompress = \"cpu\" of the field"});
}

uint32_t chunks_for(const UnpackerOptions& options) {
  const size_t each = 1 + options.field_bytes / k_usual_block_bytes;
  return static_cast<uint32_t>(std::min<size_t>(options.field_count * each, k_chunks_most));
}

}  // namespace

Unpacker::Unpacker(const device::Device& device, const UnpackerOptions& options)
    : device_(device),
      library_(open_nvcomp(options.library)),
      options_(options),
      chunk_count_max_(chunks_for(options)),
      arena_({.size_bytes = chunk_count_max_ * k_bytes_a_chunk}),
      pinned_(device, arena_.bytes()),
      packed_(device, std::max<size_t>(1, options.packed_bytes)),
      there_(device, std::max<size_t>(1, chunk_count_max_ * k_bytes_a_chunk)),
      temporary_(device, std::max<size_t>(1, temporary_bytes())),
      lists_(lists_in(arena_.bytes().data())),
      device_lists_(lists_in(reinterpret_cast<std::byte*>(there_.address()))) {
  outcomes_.reserve(options.field_count);
}

bool Unpacker::can_unpack(codec::Kind kind, size_t row_bytes) {
  const bool known = std::ranges::find(k_formats, kind, &FormatOf::kind) != std::end(k_formats);
  return known && row_bytes > 0 && (has_blocks(kind) || row_bytes % shim::k_comp_alignment == 0);
}

size_t Unpacker::temporary_bytes() const {
  size_t most = 0;
  for (const auto& [kind, format] : k_formats) {
    size_t bytes = 0;
    const size_t count = has_blocks(kind) ? chunk_count_max_ : options_.field_count;
    check(library_->of(format).temporary(count, options_.field_bytes, {}, &bytes,
                                         options_.field_count * options_.field_bytes),
          "cannot prepare nvCOMP for");
    most = std::max(most, bytes);
  }
  return most;
}

// The lists begin at multiples of 8; statuses come last.
Unpacker::Lists Unpacker::lists_in(std::byte* memory) const {
  const auto list = [&]<typename T>(T*) {
    const std::span<T> made(reinterpret_cast<T*>(memory), chunk_count_max_);
    memory += chunk_count_max_ * sizeof(T);
    return made;
  };
  Lists lists;
  lists.chunks = list(static_cast<const void**>(nullptr));
  lists.targets = list(static_cast<void**>(nullptr));
  lists.packed_bytes = list(static_cast<size_t*>(nullptr));
  lists.rooms = list(static_cast<size_t*>(nullptr));
  lists.sizes = list(static_cast<size_t*>(nullptr));
  lists.statuses = list(static_cast<int*>(nullptr));
  return lists;
}

void Unpacker::start(std::span<const std::byte> sent, std::span<const PackedField> fields,
                     shim::CuStream stream) {
  HR_CHECK(sent.size() <= options_.packed_bytes && fields.size() <= options_.field_count,
           "{} bytes, {} fields", sent.size(), fields.size());
  if (fields.empty()) return;
  device_.check(
      device_.driver().copy_to_device(packed_.address(), sent.data(), sent.size(), stream),
      "cannot copy compressed fields to");
  sent_from_ = sent.data();
  chunk_count_ = 0;
  outcomes_.assign(fields.size(), {});
  std::array<uint32_t, std::size(k_formats) + 1> firsts = {};
  for (size_t at = 0; at < std::size(k_formats); ++at) {
    for (size_t index = 0; index < fields.size(); ++index) {
      if (fields[index].kind != k_formats[at].kind) continue;
      outcomes_[index].first_chunk = chunk_count_;
      outcomes_[index].refused = !add_field(fields[index], stream);
      outcomes_[index].chunk_count = chunk_count_ - outcomes_[index].first_chunk;
    }
    firsts[at + 1] = chunk_count_;
  }
  if (chunk_count_ == 0) return;
  send_lists(stream);
  for (size_t at = 0; at < std::size(k_formats); ++at) {
    const std::span formats(k_formats);
    if (firsts[at + 1] > firsts[at]) {
      unpack(formats[at].format, firsts[at], firsts[at + 1] - firsts[at], stream);
    }
  }
  fetch_outcomes(stream);
}

bool Unpacker::add_field(const PackedField& field, shim::CuStream stream) {
  if (field.size_bytes > options_.field_bytes) return false;
  if (has_blocks(field.kind)) return add_blocks(field, stream);
  if (chunk_count_ == chunk_count_max_) return false;
  add_chunk(field.bytes, field.target, field.size_bytes);
  return true;
}

// nvCOMP knows blocks; those that did not shrink are copied.
bool Unpacker::add_blocks(const PackedField& field, shim::CuStream stream) {
  const auto listed = field.kind == codec::Kind::lz4
                          ? codec::lz4_blocks(field.bytes, field.size_bytes, blocks_)
                          : codec::snappy_frame_blocks(field.bytes, field.size_bytes, blocks_);
  if (!listed) return false;
  if (blocks_.size() > chunk_count_max_ - chunk_count_) return false;
  shim::CuAddress target = field.target;
  for (const codec::PackedBlock& block : blocks_) {
    if (block.stored) {
      device_.check(
          device_.driver().copy_on_device(target, on_device(block.bytes), block.size_bytes, stream),
          "cannot copy on");
    } else {
      add_chunk(block.bytes, target, block.size_bytes);
    }
    target += block.size_bytes;
  }
  return true;
}

shim::CuAddress Unpacker::on_device(std::span<const std::byte> packed) const {
  return packed_.address() + static_cast<size_t>(packed.data() - sent_from_);
}

void Unpacker::add_chunk(std::span<const std::byte> packed, shim::CuAddress target,
                         size_t size_bytes) {
  lists_.chunks[chunk_count_] = reinterpret_cast<const void*>(on_device(packed));
  lists_.targets[chunk_count_] = reinterpret_cast<void*>(target);
  lists_.packed_bytes[chunk_count_] = packed.size();
  lists_.rooms[chunk_count_] = size_bytes;
  lists_.sizes[chunk_count_] = 0;
  lists_.statuses[chunk_count_] = k_not_run;
  ++chunk_count_;
}

void Unpacker::send_lists(shim::CuStream stream) const {
  const auto send = [&](const auto& from, const auto& to) {
    device_.check(
        device_.driver().copy_to_device(reinterpret_cast<shim::CuAddress>(to.data()), from.data(),
                                        chunk_count_ * sizeof(from[0]), stream),
        "cannot copy the list of compressed fields to");
  };
  send(lists_.chunks, device_lists_.chunks);
  send(lists_.targets, device_lists_.targets);
  send(lists_.packed_bytes, device_lists_.packed_bytes);
  send(lists_.rooms, device_lists_.rooms);
}

void Unpacker::unpack(shim::CompFormat format, uint32_t first, uint32_t count,
                      shim::CuStream stream) {
  const Lists& lists = device_lists_;
  check(library_->of(format).unpack(lists.chunks.data() + first, lists.packed_bytes.data() + first,
                                    lists.rooms.data() + first, lists.sizes.data() + first, count,
                                    reinterpret_cast<void*>(temporary_.address()),
                                    temporary_.size_bytes(), lists.targets.data() + first, {},
                                    lists.statuses.data() + first, stream),
        "cannot decompress on");
}

void Unpacker::fetch_outcomes(shim::CuStream stream) const {
  const auto fetch = [&](const auto& to, const auto& from) {
    device_.check(
        device_.driver().copy_to_host(to.data(), reinterpret_cast<shim::CuAddress>(from.data()),
                                      chunk_count_ * sizeof(to[0]), stream),
        "cannot see what was decompressed on");
  };
  fetch(lists_.sizes, device_lists_.sizes);
  fetch(lists_.statuses, device_lists_.statuses);
}

bool Unpacker::is_good(uint32_t field_index) const {
  const Outcome& outcome = outcomes_[field_index];
  if (outcome.refused) return false;
  for (uint32_t i = 0; i < outcome.chunk_count; ++i) {
    const uint32_t chunk = outcome.first_chunk + i;
    if (lists_.statuses[chunk] != shim::k_comp_success) return false;
    if (lists_.sizes[chunk] != lists_.rooms[chunk]) return false;
  }
  return true;
}

void Unpacker::check(int status, const char* action) const {
  if (status == shim::k_comp_success) [[likely]]
    return;
  throw Error({.code = Code::io,
               .action = action,
               .object = device_.label(),
               .cause = shim::NvComp::name_of_status(status),
               .hint = "decompress = \"cpu\" of the field leaves it to the CPU"});
}

}  // namespace headrace::kernels
