// Slots on the device: copies start after the reader before, readers after the copy, and every slot
// comes back whatever fails.
#include "headrace/device/slots.h"

#include <gmock/gmock.h>

#include "headrace/device/fixture.h"

namespace headrace::device {
namespace {

using testing::HasSubstr;

class SlotsTest : public StandInDevice {
 protected:
  static std::vector<std::byte> filled(int value) {
    return std::vector<std::byte>(1000, static_cast<std::byte>(value));
  }
  // The stand-in's device memory is host memory.
  static int first_byte(const DeviceSlots& slots, uint32_t slot_index) {
    return static_cast<int>(*reinterpret_cast<std::byte*>(slots.address(slot_index)));
  }
};

TEST_F(SlotsTest, have_addresses_of_their_own_that_stay) {
  DeviceSlots slots(device(), {.slot_count = 3, .slot_bytes = 1000});
  EXPECT_EQ(slots.address(1) - slots.address(0), 1024u);
  EXPECT_EQ(slots.take(), 0u);
  EXPECT_EQ(slots.take(), 1u);
  EXPECT_EQ(slots.take(), 2u);
  EXPECT_EQ(slots.take(), std::nullopt);
  slots.give_back_unread(1);
  EXPECT_EQ(slots.take(), 1u);
}

TEST_F(SlotsTest, are_copied_into_only_after_the_reader_before) {
  DeviceSlots slots(device(), {.slot_count = 1, .slot_bytes = 1000});
  Stream reader(device());
  Gate gate;
  const auto first = filled(1), second = filled(2);
  slots.send(*slots.take(), first);
  slots.wait_for_copy(0);
  slots.hold_up(reader.handle(), 0);
  gate.close(device(), reader.handle());
  slots.give_back(0, reader.handle());
  slots.send(*slots.take(), second);
  EXPECT_FALSE(slots.has_arrived(0));
  EXPECT_EQ(first_byte(slots, 0), 1);
  gate.open();
  slots.wait_for_copy(0);
  EXPECT_EQ(first_byte(slots, 0), 2);
}

TEST_F(SlotsTest, are_copied_into_while_a_reader_works_on_another) {
  DeviceSlots slots(device(), {.slot_count = 2, .slot_bytes = 1000});
  Stream reader(device());
  Gate gate;
  const auto first = filled(1), second = filled(2);
  slots.send(*slots.take(), first);
  slots.hold_up(reader.handle(), 0);
  gate.close(device(), reader.handle());
  slots.send(*slots.take(), second);
  slots.wait_for_copy(1);
  EXPECT_EQ(first_byte(slots, 1), 2);
  gate.open();
}

TEST_F(SlotsTest, are_taken_in_the_order_in_which_their_readers_end) {
  DeviceSlots slots(device(), {.slot_count = 3, .slot_bytes = 1000});
  for (int count = 0; count < 3; ++count) slots.take();
  for (const uint32_t slot : {2u, 0u, 1u}) slots.give_back_unread(slot);
  EXPECT_EQ(slots.take(), 2u);
  EXPECT_EQ(slots.take(), 0u);
  EXPECT_EQ(slots.take(), 1u);
}

TEST_F(SlotsTest, are_copied_into_only_after_each_of_several_readers) {
  DeviceSlots slots(device(), {.slot_count = 1, .slot_bytes = 1000});
  Stream first_reader(device()), second_reader(device());
  const auto first = filled(1), second = filled(2);
  slots.send(*slots.take(), first);
  Gate gate;
  gate.close(device(), second_reader.handle());
  const shim::CuStream readers[] = {first_reader.handle(), second_reader.handle()};
  slots.give_back(0, readers);
  slots.give_back_unread(*slots.take());  // as when the run ends before there is a batch for it
  slots.send(*slots.take(), second);
  first_reader.synchronize();
  EXPECT_FALSE(slots.has_arrived(0));
  gate.open();
  slots.wait_for_copy(0);
  EXPECT_EQ(first_byte(slots, 0), 2);
}

TEST_F(SlotsTest, time_their_copies_without_the_wait_for_readers) {
  DeviceSlots slots(device(), {.slot_count = 1, .slot_bytes = 1000});
  Stream reader(device());
  const auto bytes = filled(1);
  Gate gate;
  gate.close(device(), reader.handle());
  slots.give_back(*slots.take(), reader.handle());
  faults_.copy_delay_us = 3000;
  slots.send(*slots.take(), bytes);
  Event before(device(), Event::Kind::timed), after(device(), Event::Kind::timed);
  before.record(reader.handle());
  gate.open();
  slots.wait_for_copy(0);
  after.record(reader.handle());
  after.wait();
  EXPECT_GE(slots.copy_seconds(0), 0.003);
  EXPECT_LE(slots.copy_seconds(0), after.seconds_since(before) + 0.001);
}

TEST_F(SlotsTest, hold_their_reader_up_until_the_copy_is_done) {
  DeviceSlots slots(device(), {.slot_count = 1, .slot_bytes = 1000});
  Stream before(device()), reader(device());
  Gate gate;
  const auto bytes = filled(1);
  gate.close(device(), before.handle());
  slots.give_back(*slots.take(), before.handle());  // so that the copy has to wait
  slots.send(*slots.take(), bytes);
  slots.hold_up(reader.handle(), 0);
  Event passed(device());
  passed.record(reader.handle());
  EXPECT_FALSE(passed.has_passed());
  gate.open();
  passed.wait();
  EXPECT_EQ(first_byte(slots, 0), 1);
}

TEST_F(SlotsTest, come_back_when_a_copy_is_refused) {
  DeviceSlots slots(device(), {.slot_count = 2, .slot_bytes = 1000});
  const auto bytes = filled(1);
  faults_.fail_nth = 1;
  const uint32_t slot = *slots.take();
  EXPECT_THAT(error_of([&] { slots.send(slot, bytes); }),
              HasSubstr("cannot copy a batch to cuda:0 (stand-in): CUDA_ERROR_ILLEGAL_ADDRESS"));
  slots.finish();
  slots.give_back_unread(slot);
  EXPECT_EQ(slots.free_count(), 2u);
}

TEST_F(SlotsTest, are_not_overwritten_when_a_readers_end_could_not_be_marked) {
  DeviceSlots slots(device(), {.slot_count = 1, .slot_bytes = 1000});
  Stream reader(device());
  faults_.event_error = 999;
  slots.give_back(*slots.take(), reader.handle());
  EXPECT_EQ(slots.free_count(), 1u);
  faults_.event_error = 0;
  const auto bytes = filled(1);
  EXPECT_THAT(error_of([&] { slots.send(*slots.take(), bytes); }),
              HasSubstr("cannot mark the reader's work"));
}

TEST_F(SlotsTest, end_when_the_device_is_lost) {
  DeviceSlots slots(device(), {.slot_count = 2, .slot_bytes = 1000});
  Stream reader(device());
  const auto bytes = filled(1);
  slots.send(*slots.take(), bytes);
  slots.hold_up(reader.handle(), 0);
  faults_.lost = 719;
  EXPECT_THAT(error_of([&] { slots.send(*slots.take(), bytes); }), HasSubstr("LAUNCH_FAILED"));
  slots.give_back(0, reader.handle());
  slots.give_back_unread(1);
  EXPECT_EQ(slots.free_count(), 2u);
}

TEST_F(SlotsTest, say_that_the_device_has_no_room_for_them) {
  faults_.memory_error = shim::k_cu_out_of_memory;
  EXPECT_THAT(
      error_of([&] { const DeviceSlots none(device(), {.slot_count = 4, .slot_bytes = 1 << 20}); }),
      HasSubstr("cannot take 4.00 MiB"));
}

}  // namespace
}  // namespace headrace::device
