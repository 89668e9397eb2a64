// Handles and buffers known to cuFile: taken once, given back always, bounded.
#include "headrace/io/cufile_files.h"

#include <fcntl.h>

#include "headrace/io/ring_contract.h"

namespace headrace::io {
namespace {

class CuFileFilesTest : public ::testing::Test {
 public:
  void SetUp() override {
    auto library = shim::CuFile::open(shim::stand_in_path("cufile"));
    ASSERT_TRUE(library) << library.error();
    library_ = std::move(*library);
  }
  void TearDown() override {
    faults_.reset();
    EXPECT_EQ(faults_.handles, 0);
    EXPECT_EQ(faults_.buffers, 0);
  }
  Piece piece(uint64_t fd_key) const { return {.fd_key = fd_key, .fd = null_.get()}; }

 protected:
  std::unique_ptr<shim::CuFile> library_;
  memory::Arena arena_{{.size_bytes = 65536}};
  UniqueFd null_{::open("/dev/null", O_RDONLY)};
  shim::StandInFaults& faults_ = shim::faults_of_stand_in("cufile");
};

TEST_F(CuFileFilesTest, registers_a_file_once_and_outlives_its_descriptor) {
  CuFileFiles files(*library_, arena_.bytes());
  const auto first = files.acquire(piece(7));
  null_ = UniqueFd();
  EXPECT_EQ(first.value(), files.acquire(piece(7)).value());
  EXPECT_EQ(faults_.handles, 1);
  EXPECT_EQ(files.acquire(piece(8)).error(), EBADF);
}

TEST_F(CuFileFilesTest, forgets_idle_files_when_there_are_many_but_none_in_use) {
  CuFileFiles files(*library_, {});
  const auto used = files.acquire(piece(1));
  for (uint64_t fd_key = 2; fd_key <= 3 * CuFileFiles::k_most_idle; ++fd_key) {
    ASSERT_TRUE(files.acquire(piece(fd_key)));
    files.release(piece(fd_key));
    ASSERT_LE(faults_.handles, static_cast<int>(CuFileFiles::k_most_idle));
  }
  EXPECT_EQ(used.value(), files.acquire(piece(1)).value());
}

TEST_F(CuFileFilesTest, answers_a_file_system_that_cufile_refuses) {
  faults_.register_error = 5007;
  CuFileFiles files(*library_, {});
  EXPECT_EQ(files.acquire(piece(1)).error(), ENOTSUP);
}

TEST_F(CuFileFilesTest, names_registered_memory_by_its_base_and_other_memory_by_itself) {
  const CuFileFiles files(*library_, arena_.bytes());
  const CuPlace inside = files.place_of(arena_.bytes().subspan(4096, 100));
  EXPECT_EQ(inside.base, arena_.bytes().data());
  EXPECT_EQ(inside.offset_bytes, 4096);
  std::array<std::byte, 8> other;
  EXPECT_EQ(files.place_of(other).base, other.data());
  EXPECT_EQ(files.place_of(other).offset_bytes, 0);
}

}  // namespace
}  // namespace headrace::io
