// u32 n, n + 1 offsets, items. An item: the u32 size of each leaf, then the leaves.
#include "headrace/formats/litdata.h"

#include <simdjson.h>

#include <algorithm>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/codec/codec.h"
#include "headrace/formats/byte_stream.h"
#include "headrace/formats/index.h"
#include "headrace/formats/integers.h"

namespace headrace::formats {
namespace {

using Leaves = std::vector<LitDataLeaf>;
using simdjson::dom::element;

constexpr uint64_t k_litdata_index_limit_bytes = uint64_t{1} << 30;
constexpr uint64_t k_chunk_limit_bytes = uint64_t{4} << 30;  // offsets are u32
constexpr uint64_t k_litdata_window_bytes = 16 << 10;
constexpr unsigned k_tree_depth_limit_litdata = 16;

std::unexpected<ScanFailure> litdata_fail(std::string what, uint64_t offset_bytes) {
  return std::unexpected(ScanFailure{std::move(what), offset_bytes});
}

// Keys of a dictionary stand in its context, which is JSON of its own; children of others have
// numbers.
bool add_leaves(element node, const std::string& prefix, unsigned depth, Leaves& leaves) {
  simdjson::dom::array children;
  if (node["children_spec"].get(children) || depth > k_tree_depth_limit_litdata) return false;
  if (leaves.size() > k_field_limit) return false;
  if (children.size() == 0) {
    leaves.push_back({.name = prefix.empty() ? "0" : prefix, .format = {}});
    return true;
  }
  std::string_view type, context;
  simdjson::dom::parser parser;
  simdjson::dom::array keys;
  const bool is_dictionary = !node["type"].get(type) && type == "builtins.dict";
  if (is_dictionary && (node["context"].get(context) || parser.parse(context).get(keys) ||
                        keys.size() != children.size())) {
    return false;
  }
  size_t number = 0;
  for (const element child : children) {
    std::string_view key;
    const std::string counted = std::to_string(number);
    if (!is_dictionary) key = counted;
    if (is_dictionary && keys.at(number).get(key)) return false;
    const std::string name = (prefix.empty() ? "" : prefix + ".") + std::string(key);
    if (!add_leaves(child, name, depth + 1, leaves)) return false;
    ++number;
  }
  return true;
}

bool are_named(const Leaves& leaves) {
  return std::ranges::all_of(leaves, [](const LitDataLeaf& leaf) {
    return !leaf.name.empty() && leaf.name.size() <= k_field_name_limit_bytes &&
           !leaf.name.contains('\0');
  });
}

// A compressed chunk's first bytes unpacked, or a plain one's.
bool begins_as_litdata(const ByteSource& source) {
  std::array<std::byte, 8> head{};
  const auto stream = open_stream(source);
  for (size_t filled = 0; filled < head.size();) {
    const auto got = stream->read(std::span(head).subspan(filled));
    if (!got || *got == 0) return false;
    filled += *got;
  }
  const uint64_t count = load_le<uint32_t>(head.data());
  return count > 0 && load_le<uint32_t>(head.data() + 4) == 4 + 4 * (count + 1);
}

bool is_chunk_name(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  return name.starts_with("chunk-") && name.ends_with(".bin");
}

std::expected<Leaves, ScanFailure> leaves_beside(const ByteSource& source) {
  if (source.files == nullptr) return litdata_fail("there is no index.json beside it", 0);
  const std::string path = source.path.substr(0, source.path.rfind('/') + 1) + "index.json";
  try {
    const auto text = read_file(*source.files, path, k_litdata_index_limit_bytes);
    auto leaves = litdata_leaves({reinterpret_cast<const char*>(text.data()), text.size()});
    if (leaves) return std::move(*leaves);
    return litdata_fail(fmt::format("its {} cannot be used: {}", path, leaves.error()), 0);
  } catch (const Error& error) {
    return litdata_fail(
        fmt::format("{}, which names its fields, cannot be read: {}", path, error.parts().cause),
        0);
  }
}

// Dtype, dimensions and shape before the elements of "numpy" (little-endian) and "tensor" (big).
std::optional<uint64_t> array_head_bytes(std::span<const std::byte> begin, bool is_big) {
  if (begin.size() < 8) return std::nullopt;
  const auto said = load_le<uint32_t>(begin.data() + 4);
  const uint64_t dimensions = is_big ? __builtin_bswap32(said) : said;
  const uint64_t head_bytes = 8 + 4 * dimensions;
  return head_bytes <= begin.size() ? std::optional(head_bytes) : std::nullopt;
}

// "json" puts a zero and a u32 length before its text.
bool has_json_head(std::span<const std::byte> begin, uint64_t length_bytes) {
  return begin.size() >= 5 && begin[0] == std::byte{0} &&
         load_le<uint32_t>(begin.data() + 1) == length_bytes - 5;
}

// A chunk that is compressed as a whole.
class PackedChunk final : public RecordReader {
 public:
  explicit PackedChunk(ByteSource source) : source_(std::move(source)) {}

  std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override {
    if (!items_) {
      if (auto opened = open(); !opened) return std::unexpected(opened.error());
    }
    auto sample = items_->next();
    if (!sample) return std::unexpected(sample.error());
    if (!*sample) return std::nullopt;
    sample_ = std::move(**sample);
    numbers_.clear();
    fields_.clear();
    numbers_.reserve(sample_.fields.size());  // views into it stay
    for (const auto& [name, extent] : sample_.fields) fields_.push_back({name, bytes_at(extent)});
    return fields_;
  }
  uint64_t at_bytes() const override { return items_ ? source_.size_bytes : 0; }

 private:
  std::expected<void, ScanFailure> open() {
    const auto stream = open_stream(source_);
    for (size_t filled = 0;;) {
      if (filled > k_chunk_limit_bytes) return litdata_fail("it unpacks to over 4 GiB", 0);
      chunk_.resize(std::max<size_t>(2 * filled, size_t{1} << 20));
      const auto got = stream->read(std::span(chunk_).subspan(filled));
      if (!got) return std::unexpected(got.error());
      filled += *got;
      if (*got > 0) continue;
      chunk_.resize(filled);
      break;
    }
    ByteSource plain = memory_source(chunk_);
    plain.files = source_.files;
    plain.path = source_.path;
    items_.emplace(std::move(plain), ScanFrom{});
    return {};
  }
  std::span<const std::byte> bytes_at(const FieldExtent& extent) {
    if (extent.length_bytes != k_inline) {
      return std::span(chunk_).subspan(extent.offset_bytes, extent.length_bytes);
    }
    numbers_.push_back(std::to_string(static_cast<int64_t>(extent.offset_bytes)));
    return std::as_bytes(std::span(numbers_.back()));
  }

  ByteSource source_;
  std::vector<std::byte> chunk_;
  std::optional<LitDataItems> items_;
  ScannedSample sample_;
  std::vector<std::string> numbers_;
  std::vector<FieldBytes> fields_;
};

std::unique_ptr<SampleScanner> scan_litdata(ByteSource source, ScanFrom from) {
  return std::make_unique<LitDataItems>(std::move(source), from);
}

std::unique_ptr<RecordReader> unpack_litdata(ByteSource source) {
  std::array<std::byte, 8> head{};
  const auto got = source.read_at(head, 0);
  const auto kind = codec::kind_of(std::span(head).first(got.value_or(0)));
  if (kind == codec::Kind::none) return nullptr;
  return std::make_unique<PackedChunk>(std::move(source));
}

}  // namespace

const ShardFormat k_litdata_format = {.name = "litdata",
                                      .suffix = ".bin",
                                      .has_name = is_chunk_name,
                                      .begins = begins_as_litdata,
                                      .scan = scan_litdata,
                                      .unpack = unpack_litdata,
                                      .by_numbers = true};

std::expected<Leaves, std::string> litdata_leaves(std::string_view index_json) {
  simdjson::dom::parser parser, spec_parser;
  element config, spec;
  if (parser.parse(simdjson::padded_string(index_json))["config"].get(config)) {
    return std::unexpected("it is no JSON object with a config");
  }
  std::string_view loader, spec_text;
  if (!config["item_loader"].get(loader) && loader == "TokensLoader") {
    return std::unexpected("its chunks are tokens without bounds of samples");
  }
  element encryption;
  if (!config["encryption"].get(encryption) && !encryption.is_null()) {
    return std::unexpected("its chunks are encrypted");
  }
  simdjson::dom::array formats;
  if (config["data_format"].get(formats) || config["data_spec"].get(spec_text) ||
      spec_parser.parse(spec_text).at(1).get(spec)) {
    return std::unexpected("its config lacks data_format or data_spec");
  }
  Leaves leaves;
  if (!add_leaves(spec, "", 0, leaves) || !are_named(leaves) || leaves.size() != formats.size() ||
      leaves.size() > k_field_limit) {
    return std::unexpected(fmt::format("its data_spec does not name {} leaves", formats.size()));
  }
  for (size_t i = 0; i < leaves.size(); ++i) {
    std::string_view format;
    if (formats.at(i).get(format)) return std::unexpected("its data_format is no text");
    leaves[i].format = format;
  }
  return leaves;
}

LitDataItems::LitDataItems(ByteSource source, const ScanFrom& from, Leaves leaves)
    : offsets_(source, k_litdata_window_bytes),
      bodies_(std::move(source), k_litdata_window_bytes),
      item_index_(from.sample_index),
      leaves_(std::move(leaves)) {}

std::expected<void, ScanFailure> LitDataItems::open() {
  if (leaves_.empty()) {
    auto leaves = leaves_beside(bodies_.source());
    if (!leaves) return std::unexpected(leaves.error());
    leaves_ = std::move(*leaves);
  }
  const auto head = offsets_.at(0, 4);
  if (!head) return litdata_fail("the file ends within its head", 0);
  item_count_ = load_le<uint32_t>(head->data());
  const auto last = offsets_.at(4 + 4 * item_count_, 4);
  if (!last) return litdata_fail("the file ends within its table", 0);
  if (load_le<uint32_t>(last->data()) != bodies_.size_bytes()) {
    return litdata_fail("its last item does not end with the file", 4 + 4 * item_count_);
  }
  is_open_ = true;
  return {};
}

std::expected<std::optional<ScannedSample>, ScanFailure> LitDataItems::next() {
  if (!is_open_) {
    if (auto opened = open(); !opened) return std::unexpected(opened.error());
  }
  if (item_index_ >= item_count_) return std::nullopt;
  const auto item = next_item();
  if (!item) return std::unexpected(item.error());
  ScannedSample sample{
      .key = std::to_string(item_index_), .record_offset_bytes = item->offset_bytes, .fields = {}};
  uint64_t at = item->offset_bytes + 4 * leaves_.size();
  const uint64_t end = item->offset_bytes + item->length_bytes;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const auto said = bodies_.at(item->offset_bytes + 4 * i, 4);
    if (!said) return std::unexpected(said.error());
    const uint64_t length_bytes = load_le<uint32_t>(said->data());
    if (at > end || length_bytes > end - at) {
      return litdata_fail("a leaf leaves its item", item->offset_bytes);
    }
    const auto extent = value(leaves_[i], {at, length_bytes});
    if (!extent) return std::unexpected(extent.error());
    if (!insert_field(sample, leaves_[i].name, *extent)) {
      return litdata_fail(fmt::format("two leaves are named {}", leaves_[i].name), 0);
    }
    at += length_bytes;
  }
  if (at != end) return litdata_fail("an item is longer than its leaves", item->offset_bytes);
  ++item_index_;
  return sample;
}

std::expected<LitDataItems::Item, ScanFailure> LitDataItems::next_item() {
  const uint64_t entry = 4 + 4 * item_index_;
  const auto places = offsets_.at(entry, 8);
  if (!places) return std::unexpected(places.error());
  const uint64_t begin = load_le<uint32_t>(places->data());
  const uint64_t end = load_le<uint32_t>(places->data() + 4);
  const uint64_t first = 4 + 4 * (item_count_ + 1);
  const bool is_first = item_index_ == 0;
  if (begin > end || begin < first || (is_first && begin != first) || end > bodies_.size_bytes() ||
      end - begin < 4 * leaves_.size()) {
    return litdata_fail(fmt::format("item {} cannot lie from {} to {}", item_index_, begin, end),
                        entry);
  }
  return Item{begin, end - begin};
}

std::expected<FieldExtent, ScanFailure> LitDataItems::value(const LitDataLeaf& leaf, Item place) {
  FieldExtent extent{.offset_bytes = place.offset_bytes, .length_bytes = place.length_bytes};
  const bool is_integer = leaf.format == "int" || leaf.format == "bool";
  const bool is_array = leaf.format == "numpy" || leaf.format == "tensor";
  const bool is_json = leaf.format == "json";
  if (!is_integer && !is_array && !is_json) return extent;
  const auto refuse = [&] {
    return litdata_fail(
        fmt::format("{} of {} bytes is no {}", leaf.name, place.length_bytes, leaf.format),
        place.offset_bytes);
  };
  const uint64_t wanted_bytes = std::min<uint64_t>(place.length_bytes, is_integer ? 8 : 264);
  const auto begin = bodies_.at(place.offset_bytes, wanted_bytes);
  if (!begin) return std::unexpected(begin.error());
  if (is_integer) {
    if (place.length_bytes != (leaf.format == "int" ? 8 : 1)) return refuse();
    return FieldExtent{.offset_bytes = widened(*begin, true), .length_bytes = k_inline};
  }
  if (is_json && !has_json_head(*begin, place.length_bytes)) return extent;
  const auto head_bytes =
      is_json ? std::optional<uint64_t>(5) : array_head_bytes(*begin, leaf.format == "tensor");
  if (!head_bytes) return refuse();
  extent.offset_bytes += *head_bytes;
  extent.length_bytes -= *head_bytes;
  return extent;
}

}  // namespace headrace::formats
