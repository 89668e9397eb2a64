// A loop for each pair of stored and declared type; equal ones are copied.
#include "headrace/ops/array.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/ops/array_source.h"
#include "headrace/ops/element_cast.h"

namespace headrace::ops {
namespace {

namespace dom = simdjson::dom;
using codec::Elements;

constexpr uint64_t k_row_bytes_max = uint64_t{1} << 30;
constexpr const char* k_no_fit = "an element is not of the declared type";

using Taken = std::expected<void, Failure>;

std::unexpected<Failure> array_failure(const char* what, uint64_t offset_bytes = 0) {
  return std::unexpected(Failure{.what = what, .offset_bytes = offset_bytes});
}

// Calls visit.operator()<Element>() for the declared type.
template <typename Visit>
auto with_type(Type type, Visit visit) {
  switch (type) {
    case Type::uint8:
      return visit.template operator()<uint8_t>();
    case Type::int32:
      return visit.template operator()<int32_t>();
    case Type::int64:
      return visit.template operator()<int64_t>();
    case Type::float16:
      return visit.template operator()<Float16>();
    case Type::bfloat16:
      return visit.template operator()<BFloat16>();
    case Type::float32:
      break;
  }
  return visit.template operator()<float>();
}

template <typename To>
bool cast_fill(double value, To& to) {
  if constexpr (std::integral<To>) {
    const bool fits = value == std::floor(value) && std::fabs(value) <= 0x1p53 &&
                      std::in_range<To>(static_cast<int64_t>(value));
    to = fits ? static_cast<To>(value) : To{};
    return fits;
  } else {
    return cast_element(value, to);
  }
}

template <typename From, typename To>
Taken take_numbers(const ArrayView& view, std::span<To> to) {
  const std::byte* from = view.bytes.data();
  if constexpr (std::is_same_v<From, To>) {
    if (!to.empty()) std::memcpy(to.data(), from, to.size_bytes());
    return {};
  } else {
    bool fits = true;
    const auto cast = [&](size_t i) {
      From value;
      std::memcpy(&value, from + i * sizeof value, sizeof value);
      return cast_element(value, to[i]);
    };
    for (size_t i = 0; i < to.size(); ++i) fits &= cast(i);
    if (fits) return {};
    size_t at = 0;
    while (cast(at)) ++at;
    return array_failure(k_no_fit, view.offset_bytes + at * sizeof(From));
  }
}

template <typename To>
Taken take_varints(const ArrayView& view, std::span<To> to) {
  const auto* from = reinterpret_cast<const uint8_t*>(view.bytes.data());
  size_t at = 0;  // counted before: the last byte ends a number
  for (To& element : to) {
    const size_t begin = at;
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (shift > 63) return array_failure("an integer has over ten bytes", begin);
      const uint8_t byte = from[at++];
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    if (!cast_element(static_cast<int64_t>(value), element)) return array_failure(k_no_fit, begin);
  }
  return {};
}

template <typename To>
class JsonTaker {
 public:
  JsonTaker(const ArrayOptions& options, std::span<To> to)
      : options_(options),
        depth_max_(options.shape.size() + options.length_max.has_value()),
        left_(to) {}

  // Lists within `depth` others; the innermost that the shape has hold elements alone.
  Taken take(dom::element value, size_t depth = 0) {
    dom::array array;
    if (value.get(array)) return take_one(value);
    const bool is_nested = array.begin() != array.end() && (*array.begin()).is_array();
    if (is_nested && depth + 1 >= depth_max_) return array_failure("it has another shape");
    for (const dom::element one : array) {
      if (left_.empty()) return {};
      if (one.is_array() != is_nested) return array_failure("it has another shape");
      if (auto taken = is_nested ? take(one, depth + 1) : take_one(one); !taken) return taken;
    }
    return {};
  }

 private:
  Taken take_one(dom::element value) {
    To& to = left_[0];
    left_ = left_.subspan(1);
    if (cast(value, to)) return {};
    if (!value.is_null()) return array_failure(k_no_fit);
    if (!options_.fills_nulls) {
      return std::unexpected(Failure{.what = "an element is null", .is_missing = true});
    }
    (void)cast_fill(options_.fill, to);
    return {};
  }

  // JSON has one kind of number, so that 1 is a float where floats are declared.
  static bool cast(dom::element value, To& to) {
    switch (value.type()) {
      case dom::element_type::INT64:
        return cast_number(int64_t{value}, to);
      case dom::element_type::UINT64:
        return cast_number(uint64_t{value}, to);
      case dom::element_type::DOUBLE:
        return cast_element(double{value}, to);
      case dom::element_type::BOOL:
        return cast_element(static_cast<uint8_t>(bool{value}), to);
      default:
        return false;
    }
  }
  template <typename From>
  static bool cast_number(From value, To& to) {
    if constexpr (std::integral<To>) {
      return cast_element(value, to);
    } else {
      return cast_element(static_cast<double>(value), to);
    }
  }

  const ArrayOptions& options_;
  size_t depth_max_;
  std::span<To> left_;
};

template <typename To>
Taken take_elements(const OpenedArray& opened, const ArrayOptions& options, std::span<To> to) {
  const ArrayView& view = opened.view;
  switch (view.elements) {
    case Elements::i8:
      return take_numbers<int8_t>(view, to);
    case Elements::u8:
      return take_numbers<uint8_t>(view, to);
    case Elements::i16:
      return take_numbers<int16_t>(view, to);
    case Elements::u16:
      return take_numbers<uint16_t>(view, to);
    case Elements::i32:
      return take_numbers<int32_t>(view, to);
    case Elements::u32:
      return take_numbers<uint32_t>(view, to);
    case Elements::i64:
      return take_numbers<int64_t>(view, to);
    case Elements::u64:
      return take_numbers<uint64_t>(view, to);
    case Elements::f16:
      return take_numbers<Float16>(view, to);
    case Elements::f32:
      return take_numbers<float>(view, to);
    case Elements::f64:
      return take_numbers<double>(view, to);
    case Elements::varint:
      return take_varints(view, to);
    default:
      return JsonTaker<To>(options, to).take(opened.json);
  }
}

// Each string's bytes, zeros behind them.
class StringTaker {
 public:
  StringTaker(const ArrayOptions& options, std::span<std::byte> to)
      : size_bytes_(options.shape.back()), cut_(options.cut), left_(to) {}

  Taken take(const OpenedArray& opened) {
    if (opened.is_lone_string) return put(opened.view.bytes);
    if (opened.view.elements == Elements::strings) return take_wire(opened.view.bytes);
    dom::array array;
    if (opened.json.get(array)) return take_json(opened.json);
    for (const dom::element one : array) {
      if (left_.empty()) return {};
      if (auto taken = take_json(one); !taken) return taken;
    }
    return {};
  }

 private:
  Taken take_wire(std::span<const std::byte> strings) {
    while (!left_.empty()) {
      if (auto done = put(*next_string(strings)); !done) return done;
    }
    return {};
  }
  Taken take_json(dom::element value) {
    std::string_view text;
    if (value.get(text)) return array_failure("an element is no string");
    return put(std::as_bytes(std::span(text)));
  }
  Taken put(std::span<const std::byte> string) {
    if (string.size() > size_bytes_ && !cut_)
      return array_failure("a string is longer than the shape says");
    const size_t kept = std::min<size_t>(string.size(), size_bytes_);
    if (kept > 0) std::memcpy(left_.data(), string.data(), kept);
    std::memset(left_.data() + kept, 0, size_bytes_ - kept);
    left_ = left_.subspan(size_bytes_);
    return {};
  }

  size_t size_bytes_;
  bool cut_;
  std::span<std::byte> left_;
};

void check_array(const ArrayOptions& options) {
  const auto refuse = [](std::string cause, std::string hint) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot make rows of arrays",
                 .cause = std::move(cause),
                 .hint = std::move(hint)});
  };
  uint64_t size_bytes = size_of(options.type);
  std::vector<uint64_t> lengths = options.shape;
  if (options.length_max) lengths.push_back(*options.length_max);
  for (const uint64_t length : lengths) {
    if (length == 0 || length > k_row_bytes_max / size_bytes) {
      refuse("a row would be empty or beyond 1 GiB", "smaller \"shape\" or \"max_length\"");
    }
    size_bytes *= length;
  }
  if (options.of_strings && (options.shape.empty() || options.type != Type::uint8)) {
    refuse("strings are uint8, and the shape's last number is their bytes",
           "type = \"uint8\" and shape = [64]");
  }
  const bool fits = with_type(options.type, [&]<typename To>() {
    To ignored;
    return cast_fill(options.fill, ignored);
  });
  if (!fits) {
    refuse(fmt::format("{} is no {}", options.fill, name_of(options.type)),
           "\"fill\" of the field's type");
  }
}

}  // namespace

Array::Array(ArrayOptions options) : options_(std::move(options)) { check_array(options_); }

TensorSpec Array::output() const {
  TensorSpec spec{.type = options_.type, .shape = options_.shape};
  if (options_.length_max) spec.shape.insert(spec.shape.begin(), *options_.length_max);
  return spec;
}

std::unique_ptr<Scratch> Array::make_scratch() const { return std::make_unique<ArrayScratch>(); }

std::expected<void, Failure> Array::run(std::span<const std::byte> bytes, const Context& context,
                                        Scratch& scratch, std::span<std::byte> row) const noexcept {
  const auto opened =
      open_array(bytes, context.stored, options_, static_cast<ArrayScratch&>(scratch));
  if (!opened) return std::unexpected(opened.error());
  const uint64_t taken_bytes =
      opened->element_count *
      (options_.of_strings ? options_.shape.back() : size_of(options_.type));
  HR_CHECK(taken_bytes <= row.size(), "{} of {} bytes", taken_bytes, row.size());
  fill(row.subspan(taken_bytes));
  if (options_.of_strings) return StringTaker(options_, row.first(taken_bytes)).take(*opened);
  return with_type(options_.type, [&]<typename To>() {
    return take_elements<To>(*opened, options_,
                             {reinterpret_cast<To*>(row.data()), opened->element_count});
  });
}

void Array::fill(std::span<std::byte> row) const {
  if (options_.fill == 0 || options_.of_strings) {
    if (!row.empty()) std::memset(row.data(), 0, row.size());
    return;
  }
  with_type(options_.type, [&]<typename To>() {
    To value;
    (void)cast_fill(options_.fill, value);
    std::fill_n(reinterpret_cast<To*>(row.data()), row.size() / sizeof value, value);
  });
}

std::unique_ptr<Scratch> ArrayLength::make_scratch() const {
  return std::make_unique<ArrayScratch>();
}

std::expected<void, Failure> ArrayLength::run(std::span<const std::byte> bytes,
                                              const Context& context, Scratch& scratch,
                                              std::span<std::byte> row) const noexcept {
  const auto opened =
      open_array(bytes, context.stored, options_, static_cast<ArrayScratch&>(scratch));
  if (!opened) return std::unexpected(opened.error());
  const auto length = static_cast<int64_t>(opened->length);
  std::memcpy(row.data(), &length, sizeof length);
  return {};
}

}  // namespace headrace::ops
