// Streams keep order, wait for events of others, and end when the device is lost.
#include "headrace/device/stream.h"

#include <gmock/gmock.h>

#include <vector>

#include "headrace/device/fixture.h"

namespace headrace::device {
namespace {

using testing::HasSubstr;
using StreamTest = StandInDevice;

// Appends its number to a list when the stream gets there.
struct Step {
  std::vector<int>* done;
  int number;
  void add(const Device& device, const Stream& stream) {
    device.check(device.driver().launch_host(
                     stream.handle(),
                     [](void* step) {
                       auto* self = static_cast<Step*>(step);
                       self->done->push_back(self->number);
                     },
                     this),
                 "cannot call");
  }
};

TEST_F(StreamTest, waits_on_the_device_for_what_another_stream_has_done) {
  Stream first(device()), second(device());
  Event mark(device());
  Gate gate;
  std::vector<int> done;
  Step one{&done, 1}, two{&done, 2};
  gate.close(device(), first.handle());
  one.add(device(), first);
  mark.record(first.handle());
  second.wait_for(mark);
  two.add(device(), second);
  EXPECT_FALSE(mark.has_passed());
  gate.open();
  second.synchronize();
  EXPECT_TRUE(mark.has_passed());
  EXPECT_EQ(done, (std::vector{1, 2}));
}

TEST_F(StreamTest, does_not_wait_for_an_event_that_was_never_recorded) {
  Stream stream(device());
  const Event never(device());
  stream.wait_for(never);
  stream.synchronize();
  never.wait();
  EXPECT_TRUE(never.has_passed());
}

TEST_F(StreamTest, is_timed_between_two_events) {
  Stream stream(device());
  Event from(device(), Event::Kind::timed), to(device(), Event::Kind::timed);
  from.record(stream.handle());
  to.record(stream.handle());
  to.wait();
  EXPECT_GE(to.seconds_since(from), 0);
}

TEST_F(StreamTest, ends_when_the_device_is_lost_and_says_so_until_then) {
  Stream stream(device());
  Event mark(device());
  faults_.lost = 719;
  for (const std::string& error :
       {error_of([&] { stream.synchronize(); }), error_of([&] { stream.wait_for(mark); }),
        error_of([&] { mark.record(stream.handle()); }), error_of([&] { mark.wait(); }),
        error_of([&] { mark.has_passed(); }), error_of([&] { const Stream none(device()); })}) {
    EXPECT_THAT(error, HasSubstr("CUDA_ERROR_LAUNCH_FAILED; hint: restart the process"));
  }
}

}  // namespace
}  // namespace headrace::device
