// Pieces of any size come out in order, and nothing shows before its time.
#include "headrace/pack/shard_file.h"

#include <gtest/gtest.h>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::pack {
namespace {

TEST(ShardFile, pieces_of_any_size_come_out_in_order_with_their_checksum) {
  const TempFolder folder;
  std::string all;
  ShardFile file(real_files(), folder / "s");
  for (const size_t size : {1UL, 1UL << 20, 5UL, 3UL << 20, 0UL, (1UL << 20) - 1, 2UL}) {
    const std::string piece(size, static_cast<char>('a' + size % 7));
    file.append(bytes_of(piece));
    all += piece;
  }
  EXPECT_FALSE(real_files().stat(folder / "s"));
  EXPECT_EQ(file.publish(), xxh3(all));
  EXPECT_EQ(read_text(folder / "s") == all, true);
}

TEST(ShardFile, a_full_disk_is_an_error_and_leaves_nothing) {
  const TempFolder folder;
  FaultyFiles faulty;
  faulty.fail(FileCall::write, 1, ENOSPC);
  {
    ShardFile file(faulty, folder / "s");
    file.append(bytes_of(std::string_view("x")));
    EXPECT_THROW(file.publish(), Error);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace headrace::pack
