// Windows change neither with the room for their reads nor with the disks these go to.
#include <gtest/gtest.h>

#include "headrace/loader/feeder.h"
#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

Options windowed(size_t read_buffer_bytes) {
  Options options = small(2);
  options.shuffle = order::Shuffle::window;
  options.window_samples = 100;
  options.read_buffer_bytes = read_buffer_bytes;
  return options;
}

TEST(FeederWindows, too_little_room_for_a_window_changes_how_it_is_read_not_what_comes) {
  const StampedDataset dataset(600, 50);
  const Outcome whole = run_to_the_end(dataset, windowed(4 << 20));
  const Outcome by_rows = run_to_the_end(dataset, windowed(64 << 10));
  EXPECT_EQ(whole.error, "");
  EXPECT_EQ(whole.ids.size(), 600U);
  EXPECT_EQ(whole.ids, by_rows.ids);
}

TEST(FeederWindows, several_disks_bring_the_same_windows) {
  const StampedDataset dataset(600, 50);
  const Outcome one = run_to_the_end(dataset, windowed(4 << 20));
  Options options = windowed(4 << 20);
  options.disk_count = 2;
  options.disk_of = [](const io::File& file) { return uint64_t{1} + file.path().back() % 2; };
  options.depth = 1;
  const Outcome two = run_to_the_end(dataset, options);
  EXPECT_EQ(two.error, "");
  EXPECT_EQ(two.ids, one.ids);
}

}  // namespace
}  // namespace headrace::loader
