// What only the plain reference promises: it reads when waited for, in order, and one at a time.
#include "headrace/io/psync.h"

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

TEST(Psync, reads_in_order_and_only_when_waited_for) {
  const TempFolder folder;
  write_file(folder / "data", 10'000);
  const auto file = File::open(real_files(), folder / "data", Caching::page);
  const memory::Arena arena({.size_bytes = 16384});
  PsyncRing ring({.engine = "psync", .depth = 4});
  std::vector<Read> reads;
  for (uint64_t tag = 0; tag < 4; ++tag) {
    reads.push_back({.file = file.get(),
                     .offset_bytes = tag,
                     .length_bytes = 100,
                     .target = arena.bytes().subspan(tag * 4096, 4096),
                     .tag = tag});
  }
  ASSERT_EQ(ring.submit(reads), 4u);
  EXPECT_EQ(ring.counts().read_bytes, 0u);
  std::array<Done, 4> done;
  EXPECT_EQ(ring.wait(done, 2, k_no_deadline), 2u);
  EXPECT_EQ(ring.counts().read_bytes, 200u);
  EXPECT_EQ(done[0].tag, 0u);
  EXPECT_EQ(done[1].tag, 1u);
  EXPECT_EQ(ring.in_flight(), 2u);
}

TEST(Psync, answers_a_bad_descriptor_with_its_errno) {
  std::array<std::byte, 8> room;
  EXPECT_EQ(serve_piece({.fd = -1, .target = room}), -EBADF);
}

}  // namespace
}  // namespace headrace::io
