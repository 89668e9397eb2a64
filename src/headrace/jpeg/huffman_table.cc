// Builds look-up tables from the lengths of the codes (ITU T.81, annexes C and F.2.2.3).
#include "headrace/jpeg/huffman_table.h"

#include <algorithm>

namespace headrace::jpeg {
namespace {

constexpr uint32_t k_pair_entry_count = 1u << k_pair_index_bits;

// By the next bits of the stream: bits 0-7 length of the code, 8-15 the symbol; 0 = longer or none.
using Singles = uint16_t[k_pair_entry_count];

// Codes of one length follow each other, so a table indexed by leading bits fills from its start.
void fill_singles(std::span<const std::byte> segment, uint32_t index_bits, uint16_t* entries) {
  uint16_t* next = entries;
  size_t symbol_index = 16;
  for (uint32_t length = 1; length <= index_bits; ++length) {
    for (auto left = static_cast<uint32_t>(segment[length - 1]); left > 0; --left) {
      const auto symbol = static_cast<uint32_t>(segment[symbol_index++]);
      const uint32_t repeat = 1u << (index_bits - length);
      std::fill_n(next, repeat, static_cast<uint16_t>(length | symbol << 8));
      next += repeat;
    }
  }
  std::fill(next, entries + (1u << index_bits), uint16_t{0});
}

struct Pair {
  uint32_t all_bits = 0, bits_before = 0, extra_bits = 0;
  uint32_t first_skip = 0, second_skip = 0;
  int32_t first_value = 0;
};
uint64_t pack_entry(const Pair& pair) {
  return pair.all_bits | pair.first_skip << 8 | ((64 - pair.extra_bits) & 63) << 16 |
         pair.bits_before << 24 | uint64_t{static_cast<uint16_t>(pair.first_value)} << 40 |
         uint64_t{pair.second_skip} << 56;
}

bool ends_block(uint32_t symbol) { return (symbol & 15) == 0; }

uint64_t pair_entry(uint32_t index, const Singles& singles) {
  const uint32_t first = singles[index], length = first & 255, symbol = first >> 8;
  if (length == 0 || symbol == k_zero_run_symbol) return 0;
  const uint32_t size_bits = symbol & 15, used_bits = length + size_bits;
  const uint32_t skip = ends_block(symbol) ? k_end_skip : (symbol >> 4) + 1;
  const Pair alone{used_bits, length, size_bits, skip, skip, 0};
  if (ends_block(symbol) || used_bits >= k_pair_index_bits) return pack_entry(alone);
  const uint32_t rest = (index << used_bits) & (k_pair_entry_count - 1);
  const uint32_t second = singles[rest], second_length = second & 255, second_symbol = second >> 8;
  if (second_length == 0 || used_bits + second_length > k_pair_index_bits ||
      second_symbol == k_zero_run_symbol) {
    return pack_entry(alone);
  }
  const uint32_t extra = (index >> (k_pair_index_bits - used_bits)) & ((1u << size_bits) - 1);
  const uint32_t second_size = second_symbol & 15, before = used_bits + second_length;
  const uint32_t second_skip = ends_block(second_symbol) ? k_end_skip : (second_symbol >> 4) + 1;
  return pack_entry({before + second_size, before, second_size, skip, skip + second_skip,
                     extend(extra, size_bits)});
}

}  // namespace

std::expected<void, Failure> build_code(std::span<const std::byte> segment, CanonicalCode& code) {
  if (segment.size() < 16) return std::unexpected(Failure{"Huffman table is cut off"});
  uint32_t next_code = 0, symbol_count = 0;
  for (uint32_t length = 1; length <= 16; ++length) {
    const auto count = static_cast<uint32_t>(segment[length - 1]);
    code.offsets[length] = static_cast<int32_t>(symbol_count) - static_cast<int32_t>(next_code);
    next_code += count;
    symbol_count += count;
    // As in libjpeg, the code of ones alone is never given out.
    if (count > 0 && next_code >= (1u << length)) {
      return std::unexpected(Failure{"Huffman table has more codes than bits allow"});
    }
    code.limits[length] = next_code << (16 - length);
    next_code <<= 1;
  }
  if (symbol_count > 256 || segment.size() < 16 + symbol_count) {
    return std::unexpected(Failure{"Huffman table is cut off"});
  }
  std::transform(segment.begin() + 16, segment.begin() + 16 + symbol_count, code.symbols,
                 [](std::byte symbol) { return static_cast<uint8_t>(symbol); });
  return {};
}

Symbol CanonicalCode::find(uint32_t top_bits, uint32_t least_bits) const {
  for (uint32_t length = least_bits; length <= 16; ++length) {
    if (top_bits >= limits[length]) continue;
    const int32_t place = offsets[length] + static_cast<int32_t>(top_bits >> (16 - length));
    return {symbols[place & 255], length};
  }
  return {};
}

std::expected<void, Failure> build_table(std::span<const std::byte> segment, DcTable& table) {
  if (auto built = build_code(segment, table.code); !built) return built;
  fill_singles(segment, k_dc_index_bits, table.entries);
  for (size_t index = 16; index < segment.size(); ++index) {
    // 8-bit samples have differences of at most 11 bits (T.81, table F.1).
    if (static_cast<uint32_t>(segment[index]) > 11) {
      return std::unexpected(Failure{"Huffman table has a DC symbol above 11"});
    }
  }
  return {};
}

std::expected<void, Failure> build_table(std::span<const std::byte> segment, AcTable& table) {
  if (auto built = build_code(segment, table.code); !built) return built;
  Singles singles;
  fill_singles(segment, k_pair_index_bits, singles);
  for (uint32_t index = 0; index < k_pair_entry_count; ++index) {
    table.entries[index] = pair_entry(index, singles);
  }
  return {};
}

}  // namespace headrace::jpeg
