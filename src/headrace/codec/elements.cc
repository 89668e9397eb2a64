// Tables of names.
#include "headrace/codec/elements.h"

#include <array>

namespace headrace::codec {
namespace {

struct ElementFacts {
  std::string_view ending, numpy;
  size_t size_bytes;
};

// In the enumeration's order.
constexpr std::array<ElementFacts, 15> k_elements = {{{"", "", 0},
                                                      {"i8", "int8", 1},
                                                      {"u8", "uint8", 1},
                                                      {"i16", "int16", 2},
                                                      {"u16", "uint16", 2},
                                                      {"i32", "int32", 4},
                                                      {"u32", "uint32", 4},
                                                      {"i64", "int64", 8},
                                                      {"u64", "uint64", 8},
                                                      {"f16", "float16", 2},
                                                      {"f32", "float32", 4},
                                                      {"f64", "float64", 8},
                                                      {"varint", "", 0},
                                                      {"strings", "", 0},
                                                      {"ndarray", "", 0}}};
constexpr std::string_view k_shaped = "nd";  // "ndf32"

}  // namespace

TypedName typed_name(std::string_view field_name) {
  const size_t dot = field_name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {field_name};
  const std::string_view ending = field_name.substr(dot + 1);
  for (size_t i = 1; i < k_elements.size(); ++i) {
    const Stored stored{.elements = static_cast<Elements>(i)};
    if (ending == k_elements[i].ending) return {field_name.substr(0, dot), stored};
    if (k_elements[i].size_bytes > 0 && ending.starts_with(k_shaped) &&
        ending.substr(k_shaped.size()) == k_elements[i].ending) {
      return {field_name.substr(0, dot), {.elements = stored.elements, .is_shaped = true}};
    }
  }
  return {field_name};
}

std::string typed(std::string_view name, const Stored& stored) {
  std::string made(name);
  if (stored.elements == Elements::text) return made;
  made += '.';
  if (stored.is_shaped) made += k_shaped;
  made += k_elements[static_cast<size_t>(stored.elements)].ending;
  return made;
}

size_t size_of(Elements elements) { return k_elements[static_cast<size_t>(elements)].size_bytes; }

Elements elements_of(std::string_view numpy_name) {
  for (size_t i = 1; i < k_elements.size(); ++i) {
    if (!numpy_name.empty() && numpy_name == k_elements[i].numpy) return static_cast<Elements>(i);
  }
  return Elements::text;
}

}  // namespace headrace::codec
