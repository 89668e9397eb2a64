// Two intervals in turn. The inner loop keeps both readers in registers; what begins and ends
// blocks works on lanes in memory.
#include "headrace/jpeg/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/jpeg/entropy_pair.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "headrace/jpeg/entropy-inl.h"

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg {
namespace HWY_NAMESPACE {
namespace {

constexpr uint64_t k_last_place = k_block_size - 1;

struct Hot {
  Progress place;
  const AcTable* table = nullptr;
  int16_t* block = nullptr;
};
struct Lane {
  const McuRun& run;
  Hot hot = {};
  uint64_t mcu_index = 0;
  uint32_t block_index = 0;  // in the MCU
  uint32_t range = 0;
};
enum class Turn { next, done, corrupt };

// Begins the block where the lane stands. Leaves the reader enough for one look-up.
HWY_INLINE bool begin_block(Lane& lane) {
  const McuBlock& target = lane.run.layout->blocks[lane.block_index];
  Hot& hot = lane.hot;
  hot.table = target.ac;
  hot.block = target.coefficients + lane.mcu_index * target.step * k_block_size;
  hot.place.last = hot.place.first = 0;
  clear_block(hot.block);
  refill(hot.place.reader);
  int32_t difference;
  if (!decode_difference(hot.place.reader, *target.dc, difference)) return false;
  int32_t& prediction = lane.run.state->predictions[target.component_index];
  prediction += difference;
  // Outside 16 bits: no encoder's, and the sum would overflow in the end.
  lane.range |= static_cast<uint32_t>(prediction + 0x8000) >> 16;
  return true;
}

// Ends the block whose last look-up gave `entry` and begins the next.
HWY_NOINLINE Turn turn_block(Lane& lane, uint64_t entry) {
  Hot& hot = lane.hot;
  const McuBlock& target = lane.run.layout->blocks[lane.block_index];
  const uint32_t used = end_block(hot.place, entry, *hot.table);
  if (used == 0) return Turn::corrupt;
  EntropyState& state = *lane.run.state;
  hot.block[0] = static_cast<int16_t>(state.predictions[target.component_index]);
  target.used_counts[lane.mcu_index * target.step] = static_cast<uint8_t>(used);
  if (++lane.block_index == lane.run.layout->block_count) {
    lane.block_index = 0;
    if (hot.place.reader.next > state.limit + sizeof(uint64_t)) return Turn::corrupt;
    if (lane.range != 0) return Turn::corrupt;
    if (++lane.mcu_index == lane.run.mcu_count) return Turn::done;
  }
  return begin_block(lane) ? Turn::next : Turn::corrupt;
}

// One look-up; false where the lane has come to its end, as `turn` says.
HWY_INLINE bool step(Hot& hot, Lane& lane, Turn& turn) {
  const uint64_t entry = look_up<true>(hot.place, *hot.table, hot.block);
  if (hot.place.last < k_last_place) return true;
  lane.hot = hot;
  turn = turn_block(lane, entry);
  hot = lane.hot;
  return turn == Turn::next;
}

// The rest of a lane whose partner is done.
HWY_NOINLINE bool finish(Lane& lane) {
  if (lane.mcu_index == lane.run.mcu_count) return true;
  Turn turn = Turn::next;
  Hot hot = lane.hot;
  for (;;) {
    refill(hot.place.reader);
    if (!step(hot, lane, turn)) break;
    if (!step(hot, lane, turn)) break;
  }
  return turn == Turn::done;
}

}  // namespace

// Of a refill's 56 bits two look-ups take at most 25 each, and leave the second 31.
bool decode_both(const McuRun& first, const McuRun& second) {
  Lane a{first}, b{second};
  a.hot.place.reader = first.state->reader;
  b.hot.place.reader = second.state->reader;
  if (!begin_block(a) || !begin_block(b)) return false;
  Turn turn = Turn::next;
  Hot hot_a = a.hot, hot_b = b.hot;
  for (;;) {
    if (!step(hot_a, a, turn)) break;
    if (!step(hot_b, b, turn)) break;
    refill(hot_a.place.reader);
    refill(hot_b.place.reader);
    if (!step(hot_a, a, turn)) break;
    if (!step(hot_b, b, turn)) break;
  }
  if (turn == Turn::corrupt) return false;
  a.hot = hot_a;
  b.hot = hot_b;
  if (!finish(a) || !finish(b)) return false;
  first.state->reader = a.hot.place.reader;
  second.state->reader = b.hot.place.reader;
  return true;
}

}  // namespace HWY_NAMESPACE
}  // namespace headrace::jpeg
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::jpeg {

HWY_EXPORT(decode_both);

bool decode_two(const McuRun& first, const McuRun& second) {
  return HWY_DYNAMIC_DISPATCH(decode_both)(first, second);
}

}  // namespace headrace::jpeg
#endif
