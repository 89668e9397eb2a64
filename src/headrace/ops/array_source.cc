// JSON's elements are counted by walking them, all others by their size.
#include "headrace/ops/array_source.h"

#include <algorithm>

namespace headrace::ops {
namespace {

namespace dom = simdjson::dom;
using codec::Elements;

std::unexpected<Failure> open_failure(const char* what, uint64_t offset_bytes = 0) {
  return std::unexpected(Failure{.what = what, .offset_bytes = offset_bytes});
}
std::unexpected<Failure> missing_value(const char* what) {
  return std::unexpected(Failure{.what = what, .is_missing = true});
}

// simdjson keeps 24 bits of it.
uint64_t size_of(dom::array array) {
  constexpr size_t k_saturated = 0xffffff;
  if (array.size() < k_saturated) return array.size();
  return static_cast<uint64_t>(std::ranges::distance(array.begin(), array.end()));
}

// How a list's lengths go on behind its first dimension, where it is nested.
bool is_nested_as(dom::array array, std::span<const uint64_t> shape) {
  if (shape.empty()) return true;  // an element that is no number is seen when it is taken
  for (const dom::element one : array) {
    dom::array inner;
    if (one.get(inner) || size_of(inner) != shape[0]) return false;
    if (!is_nested_as(inner, shape.subspan(1))) return false;
  }
  return true;
}

class Opener {
 public:
  Opener(const ArrayOptions& options, ArrayScratch& scratch)
      : options_(options),
        scratch_(scratch),
        // Strings are counted, not their bytes.
        shape_(std::span(options.shape).first(options.shape.size() - options.of_strings)) {}

  std::expected<OpenedArray, Failure> open(std::span<const std::byte> bytes,
                                           const codec::Stored& stored) {
    auto view = view_array(bytes, stored, scratch_.head);
    if (!view) return std::unexpected(view.error());
    OpenedArray opened{.view = *view};
    const auto count =
        opened.view.elements == Elements::text ? open_text(opened) : count_of(opened.view);
    if (!count) return std::unexpected(count.error());
    return measured(opened, *count);
  }

 private:
  std::expected<uint64_t, Failure> count_of(const ArrayView& view) const {
    if ((view.elements == Elements::strings) != options_.of_strings) {
      return open_failure(options_.of_strings ? "numbers where strings are declared"
                                              : "strings where numbers are declared");
    }
    if (view.elements == Elements::strings) return count_strings(view.bytes);
    if (view.elements == Elements::varint) {
      const auto count = count_varints(view.bytes);
      return count ? std::expected<uint64_t, Failure>(*count)
                   : open_failure("its last integer is cut short", view.bytes.size());
    }
    if (view.has_shape && !has_declared_shape(view)) return open_failure("it has another shape");
    return view.bytes.size() / codec::size_of(view.elements);
  }

  bool has_declared_shape(const ArrayView& view) const {
    if (view.dimension_count < 2) return true;
    const size_t leading = options_.length_max ? 1 : 0;
    return std::ranges::equal(std::span(view.lengths).first(view.dimension_count).subspan(leading),
                              shape_);
  }

  static std::expected<uint64_t, Failure> count_strings(std::span<const std::byte> left) {
    const size_t size = left.size();
    uint64_t count = 0;
    for (; !left.empty(); ++count) {
      if (!next_string(left))
        return open_failure("its list of strings is damaged", size - left.size());
    }
    return count;
  }

  std::expected<uint64_t, Failure> open_text(OpenedArray& opened) {
    const auto bytes = opened.view.bytes;
    if (options_.of_strings && !looks_like_a_list(bytes)) {
      opened.is_lone_string = true;
      return 1;
    }
    if (bytes.empty()) return missing_value("there is no value");
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    if (scratch_.parser.parse(text, bytes.size()).get(opened.json)) {
      return open_failure("it is no JSON and no number");
    }
    if (!find_member(opened.json)) return missing_value("it lacks the member");
    return count_json(opened);
  }

  bool looks_like_a_list(std::span<const std::byte> bytes) const {
    return !options_.member.empty() || (!bytes.empty() && bytes[0] == std::byte{'['});
  }

  bool find_member(dom::element& value) const {
    std::string_view rest = options_.member;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('.'), rest.size());
      if (value.at_key(rest.substr(0, end)).get(value)) return false;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return true;
  }

  std::expected<uint64_t, Failure> count_json(OpenedArray& opened) const {
    if (opened.json.is_null()) return missing_value("it is null");
    dom::array array;
    if (opened.json.get(array)) return 1;  // one number or string
    const bool is_nested = array.begin() != array.end() && (*array.begin()).is_array();
    if (!is_nested) return size_of(array);
    std::span<const uint64_t> shape = shape_;
    if (!options_.length_max) {
      if (shape.empty() || size_of(array) != shape[0]) return open_failure("it has another shape");
      shape = shape.subspan(1);
    }
    if (shape.empty() || !is_nested_as(array, shape)) return open_failure("it has another shape");
    uint64_t count = size_of(array);
    for (const uint64_t length : shape) count *= length;
    return count;
  }

  std::expected<OpenedArray, Failure> measured(OpenedArray& opened, uint64_t count) const {
    uint64_t wanted = 1;
    for (const uint64_t length : shape_) wanted *= length;
    if (!options_.length_max) {
      if (count != wanted) {
        return open_failure(count < wanted ? "fewer elements than the shape asks for"
                                           : "more elements than the shape asks for");
      }
      opened.length = 1;
    } else {
      if (count % wanted != 0) return open_failure("its elements do not fill the shape");
      opened.length = count / wanted;
      if (opened.length > *options_.length_max) {
        if (!options_.cut) return open_failure("it is longer than the field's max_length");
        opened.length = *options_.length_max;
      }
    }
    opened.element_count = opened.length * wanted;
    return opened;
  }

  const ArrayOptions& options_;
  ArrayScratch& scratch_;
  std::span<const uint64_t> shape_;
};

}  // namespace

std::expected<OpenedArray, Failure> open_array(std::span<const std::byte> bytes,
                                               const codec::Stored& stored,
                                               const ArrayOptions& options, ArrayScratch& scratch) {
  return Opener(options, scratch).open(bytes, stored);
}

}  // namespace headrace::ops
