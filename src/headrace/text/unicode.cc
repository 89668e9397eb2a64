// Look-ups in the generated tables, and the check of foreign bytes.
#include "headrace/text/unicode.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace headrace::text {
namespace {

struct Combining {
  uint32_t code_point;
  uint8_t combining_class;
};
struct Decomposition {
  uint32_t code_point, first, second;
};
struct Composition {
  uint32_t first, second, code_point;
};
#include "headrace/text/unicode_data.inc"

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";

struct Step {
  uint32_t size_bytes = 0;
  bool is_valid = false;
};

// The character at `at`, or the longest beginning of one.
Step step_at(const uint8_t* at, const uint8_t* end) {
  const uint8_t lead = *at;
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte's range keeps out long forms, surrogates and what is beyond U+10FFFF.
  const uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at + 1 == end || at[1] < least || at[1] > most) return {1, false};
  for (uint32_t i = 2; i < length; ++i) {
    if (at + i == end || (at[i] & 0xC0) != 0x80) return {i, false};
  }
  return {length, true};
}

const uint8_t* skip_ascii(const uint8_t* at, const uint8_t* end) {
  for (; end - at >= 8; at += 8) {
    uint64_t eight;
    std::memcpy(&eight, at, 8);
    if ((eight & 0x8080808080808080) != 0) break;
  }
  while (at < end && *at < 0x80) ++at;
  return at;
}

const uint8_t* first_invalid(const uint8_t* at, const uint8_t* end) {
  while ((at = skip_ascii(at, end)) < end) {
    const Step step = step_at(at, end);
    if (!step.is_valid) return at;
    at += step.size_bytes;
  }
  return end;
}

constexpr auto ascii_entries() {
  std::array<uint8_t, 128> entries{};
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i] = k_entries[size_t{k_block_of[0]} * 256 + i] & k_class_bits;
  }
  return entries;
}

template <typename Row, size_t count, typename Key, typename KeyOf>
const Row* find(const Row (&rows)[count], const Key& key, KeyOf key_of) {
  const Row* found = std::ranges::lower_bound(rows, key, {}, key_of);
  return found != std::end(rows) && key_of(*found) == key ? found : nullptr;
}

}  // namespace

constinit const std::array<uint8_t, 128> k_ascii_entries = ascii_entries();

uint8_t entry_of(uint32_t code_point) {
  return k_entries[size_t{k_block_of[code_point >> 8]} * 256 + (code_point & 255)];
}

void append_utf8(uint32_t code_point, std::string& target) {
  const auto put = [&](uint32_t byte) { target.push_back(static_cast<char>(byte)); };
  const auto put_tail = [&](uint32_t shift) { put(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put_tail(6);
  } else {
    put(0xF0 | code_point >> 18);
    put_tail(12);
    put_tail(6);
  }
  put_tail(0);
}

std::string_view repair_utf8(std::string_view bytes, std::string& scratch) {
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const end = at + bytes.size();
  const uint8_t* bad = first_invalid(at, end);
  if (bad == end) return bytes;
  scratch.clear();
  while (at < end) {
    scratch.append(reinterpret_cast<const char*>(at), static_cast<size_t>(bad - at));
    if (bad == end) break;
    scratch.append(k_replacement);
    at = bad + step_at(bad, end).size_bytes;
    bad = first_invalid(at, end);
  }
  return scratch;
}

uint8_t combining_class_of(uint32_t code_point) {
  const Combining* found =
      find(k_combining, code_point, [](const Combining& row) { return row.code_point; });
  return found ? found->combining_class : 0;
}

Pair decomposition_of(uint32_t code_point) {
  const Decomposition* found =
      find(k_decompositions, code_point, [](const Decomposition& row) { return row.code_point; });
  return found ? Pair{found->first, found->second} : Pair{};
}

uint32_t composition_of(Pair pair) {
  const Composition* found =
      find(k_compositions, std::tuple(pair.first, pair.second),
           [](const Composition& row) { return std::tuple(row.first, row.second); });
  return found ? found->code_point : 0;
}

}  // namespace headrace::text
