// The inner loop: one look-up yields up to two coefficients, one refill of the bit reader serves
// two look-ups. Compiled for each instruction set because variable shifts want BMI2.
#include "headrace/jpeg/entropy.h"

#include "headrace/jpeg/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/jpeg/entropy.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "headrace/jpeg/entropy-inl.h"

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg {
namespace HWY_NAMESPACE {
// One block's coefficients after the first; returns how many places were used, 0 when corrupt.
// The reader has 31 bits: enough for one look-up, as what two leave of a refill is for the next.
template <bool k_store>
HWY_INLINE uint32_t decode_rest(BitReader& reader, const AcTable& table, int16_t* block) {
  constexpr uint64_t k_last = k_block_size - 1;
  Progress place{reader, 0, 0};
  uint64_t entry;
  for (;;) {
    entry = look_up<k_store>(place, table, block);
    if (place.last >= k_last) break;
    refill(place.reader);
    entry = look_up<k_store>(place, table, block);
    if (place.last >= k_last) break;
  }
  const uint32_t used = end_block(place, entry, table);
  reader = place.reader;
  return used;
}

template <bool k_store>
HWY_INLINE bool decode_run(EntropyState& state, const McuLayout& layout, uint64_t mcu_count) {
  int16_t junk[k_block_size];
  BitReader reader = state.reader;
  uint32_t range = 0;
  for (uint64_t mcu_index = 0; mcu_index < mcu_count; ++mcu_index) {
    for (uint32_t index = 0; index < layout.block_count; ++index) {
      const McuBlock& target = layout.blocks[index];
      const size_t place = mcu_index * target.step;
      int16_t* block = k_store ? target.coefficients + place * k_block_size : junk;
      if constexpr (k_store) clear_block(block);
      refill(reader);
      int32_t difference;
      if (!decode_difference(reader, *target.dc, difference)) return false;
      int32_t& prediction = state.predictions[target.component_index];
      prediction += difference;
      range |= static_cast<uint32_t>(prediction + 0x8000) >> 16;
      const uint32_t used = decode_rest<k_store>(reader, *target.ac, block);
      if (used == 0) return false;
      block[0] = static_cast<int16_t>(prediction);
      if constexpr (k_store) target.used_counts[place] = static_cast<uint8_t>(used);
    }
    if (reader.next > state.limit + sizeof(uint64_t)) return false;
    // A first coefficient outside 16 bits: no encoder's, and the sum would overflow in the end.
    if (range != 0) return false;
  }
  state.reader = reader;
  return true;
}

bool decode_mcus(EntropyState& state, const McuLayout& layout, uint64_t mcu_count) {
  return decode_run<true>(state, layout, mcu_count);
}
bool skip_mcus(EntropyState& state, const McuLayout& layout, uint64_t mcu_count) {
  return decode_run<false>(state, layout, mcu_count);
}

}  // namespace HWY_NAMESPACE
}  // namespace headrace::jpeg
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::jpeg {

HWY_EXPORT(decode_mcus);
HWY_EXPORT(skip_mcus);

bool decode_mcus(EntropyState& state, const McuLayout& layout, uint64_t mcu_count) {
  return HWY_DYNAMIC_DISPATCH(decode_mcus)(state, layout, mcu_count);
}
bool skip_mcus(EntropyState& state, const McuLayout& layout, uint64_t mcu_count) {
  return HWY_DYNAMIC_DISPATCH(skip_mcus)(state, layout, mcu_count);
}

}  // namespace headrace::jpeg
#endif
