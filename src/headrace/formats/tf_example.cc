// The messages: Example { Features features = 1 }, SequenceExample { Features context = 1,
// FeatureLists feature_lists = 2 }; both of the latter are maps of name to Feature or FeatureList.
#include "headrace/formats/tf_example.h"

#include "headrace/base/hash.h"
#include "headrace/base/protobuf_wire.h"
#include "headrace/codec/elements.h"
#include "headrace/formats/index.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {
namespace {

using Bytes = std::span<const std::byte>;
using WireType = WireField::Type;
using Failed = std::unexpected<std::string>;

constexpr size_t k_ending_bytes_max = 16;  // of a name that says how a list lies
constexpr uint32_t k_bytes_list = 1, k_float_list = 2, k_int64_list = 3;

using codec::Elements;

// What a feature holds: `bytes` are its one value, or all of its packed list.
struct Value {
  uint32_t kind = 0;         // 0: nothing, as against an empty list
  uint64_t count = 0;        // of values
  uint64_t piece_count = 0;  // that they lie in
  Bytes bytes;
  uint64_t integer = 0;  // the last one
};

// Calls visit(field) for each field of the message.
template <typename Visit>
std::expected<void, std::string> each_field(Bytes message, Visit visit) {
  WireReader reader(message);
  while (true) {
    const auto field = reader.next();
    if (!field) return Failed(field.error());
    if (!*field) return {};
    if (auto visited = visit(**field); !visited) return visited;
  }
}

std::expected<void, std::string> expect_bytes(const WireField& field) {
  if (field.type == WireType::bytes) return {};
  return Failed("a message has a number where it wants bytes");
}

std::expected<void, std::string> take_integers(const WireField& field, Value& value) {
  ++value.piece_count;
  if (field.type == WireType::varint) {
    value.integer = field.value;
    ++value.count;
    return {};
  }
  if (field.type != WireType::bytes) return Failed("an integer has the wrong wire type");
  value.bytes = field.bytes;
  WireReader packed(field.bytes);
  while (!packed.at_end()) {
    const auto integer = packed.varint();
    if (!integer) return Failed("an integer is cut short");
    value.integer = *integer;
    ++value.count;
  }
  return {};
}

std::expected<void, std::string> take_floats(const WireField& field, Value& value) {
  const bool packed = field.type == WireType::bytes;
  if (!packed && field.type != WireType::fixed32) return Failed("a float has the wrong wire type");
  if (field.bytes.size() % 4 != 0) return Failed("a list of floats is cut short");
  ++value.piece_count;
  value.count += field.bytes.size() / 4;
  value.bytes = field.bytes;
  return {};
}

std::expected<void, std::string> take_list(uint32_t kind, Bytes list, Value& value) {
  const auto taken =
      each_field(list, [&](const WireField& field) -> std::expected<void, std::string> {
        if (field.number != 1) return {};
        if (kind == k_int64_list) return take_integers(field, value);
        if (kind == k_float_list) return take_floats(field, value);
        if (auto is = expect_bytes(field); !is) return is;
        value.bytes = field.bytes;
        ++value.count;
        return {};
      });
  if (kind == k_bytes_list && value.count != 1) value.bytes = list;
  if (value.count == 0) value.bytes = list.first(0);
  return taken;
}

std::expected<Value, std::string> value_of(Bytes feature) {
  Value value;
  const auto read = each_field(feature, [&](const WireField& field) {
    if (field.number < k_bytes_list || field.number > k_int64_list) {
      return std::expected<void, std::string>();
    }
    if (auto is = expect_bytes(field); !is) return is;
    value = {.kind = field.number};  // of a oneof, the last one counts
    return take_list(field.number, field.bytes, value);
  });
  if (!read) return Failed(read.error());
  return value;
}

class Reader {
 public:
  Reader(Bytes record, uint64_t record_offset_bytes, ScannedSample& sample)
      : record_(record), record_offset_bytes_(record_offset_bytes), sample_(sample) {}

  std::expected<void, std::string> run() {
    return each_field(record_, [&](const WireField& field) {
      if (field.number > 2) return std::expected<void, std::string>();
      if (auto is = expect_bytes(field); !is) return is;
      return each_entry(field.bytes, field.number == 2);
    });
  }

 private:
  std::expected<void, std::string> each_entry(Bytes map, bool of_lists) {
    return each_field(map, [&](const WireField& field) {
      if (field.number != 1) return std::expected<void, std::string>();
      if (auto is = expect_bytes(field); !is) return is;
      return take_entry(field.bytes, of_lists);
    });
  }

  std::expected<void, std::string> take_entry(Bytes entry, bool of_list) {
    Bytes name, feature;
    const auto read = each_field(entry, [&](const WireField& field) {
      if (field.number > 2) return std::expected<void, std::string>();
      if (auto is = expect_bytes(field); !is) return is;
      (field.number == 1 ? name : feature) = field.bytes;
      return std::expected<void, std::string>();
    });
    if (!read) return read;
    if (of_list) {
      const auto step = only_step(feature);
      if (!step) return Failed(step.error());
      if (!*step) return {};
      feature = **step;
    }
    const auto value = value_of(feature);
    if (!value) return Failed(value.error());
    return add({reinterpret_cast<const char*>(name.data()), name.size()}, *value);
  }

  // The only Feature of a FeatureList, or nothing when it has none or several.
  static std::expected<std::optional<Bytes>, std::string> only_step(Bytes list) {
    uint64_t count = 0;
    Bytes last;
    const auto read = each_field(list, [&](const WireField& field) {
      if (field.number != 1) return std::expected<void, std::string>();
      if (auto is = expect_bytes(field); !is) return is;
      last = field.bytes;
      ++count;
      return std::expected<void, std::string>();
    });
    if (!read) return Failed(read.error());
    return count == 1 ? std::optional(last) : std::nullopt;
  }

  // Nothing: it makes no field.
  static std::optional<codec::Stored> stored_as(const Value& value) {
    const bool in_one_piece = value.piece_count <= 1;
    switch (value.kind) {
      case k_bytes_list:
        return codec::Stored{value.count == 1 ? Elements::text : Elements::strings};
      case k_float_list:
        return in_one_piece ? std::optional(codec::Stored{Elements::f32}) : std::nullopt;
      case k_int64_list:
        if (value.count == 1) return codec::Stored{};
        return in_one_piece ? std::optional(codec::Stored{Elements::varint}) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  std::expected<void, std::string> add(std::string_view name, const Value& value) {
    if (name.empty() || name.size() > k_field_name_limit_bytes - k_ending_bytes_max ||
        name.contains('\0')) {
      return Failed(fmt::format("a feature's name has {} bytes or a NUL", name.size()));
    }
    const auto stored = stored_as(value);
    if (!stored) return {};
    if (sample_.fields.size() == k_field_limit) {
      return Failed(fmt::format("it has more than {} features", k_field_limit));
    }
    FieldExtent extent{.offset_bytes = value.integer, .length_bytes = k_inline};
    if (value.kind != k_int64_list || value.count != 1) {
      const auto within = static_cast<uint64_t>(value.bytes.data() - record_.data());
      extent = {.offset_bytes = record_offset_bytes_ + within,
                .length_bytes = value.bytes.size(),
                .checksum = xxh3(value.bytes)};
    }
    const bool has_ending = stored->elements != Elements::text;
    if (has_ending) typed_name_ = codec::typed(name, *stored);
    if (insert_field(sample_, has_ending ? std::string_view(typed_name_) : name, extent)) return {};
    return Failed(fmt::format("it has two features {}", shown_name(name)));
  }

  Bytes record_;
  uint64_t record_offset_bytes_;
  ScannedSample& sample_;
  std::string typed_name_;
};

}  // namespace

std::expected<void, std::string> add_features(std::span<const std::byte> record,
                                              uint64_t record_offset_bytes, ScannedSample& sample) {
  return Reader(record, record_offset_bytes, sample).run();
}

}  // namespace headrace::formats
