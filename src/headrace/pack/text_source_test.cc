// Blocks hold whole lines, wherever they end and however the file is compressed.
#include "headrace/pack/text_source.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TextSourceTest : public testing::Test {
 protected:
  std::vector<std::string> texts(const std::string& input, bool line_is_text, uint64_t block_bytes,
                                 const TextPlace& from = {}) {
    const auto files = text_files(*files_, input, line_is_text);
    std::vector<std::string> found;
    offsets_.clear();
    places_.clear();
    TextSource source(*files_, files, block_bytes);
    source.skip_to(from);
    for (TextBlock block; source.next(block);) {
      source.load(block);
      for_each_text(files[block.begin.file_index], block,
                    [&](std::string_view text, uint64_t offset_bytes) {
                      found.emplace_back(text);
                      offsets_.push_back(offset_bytes);
                    });
      places_.emplace_back(block.next, found.size());
      done_bytes_ = block.done_bytes;
    }
    return found;
  }
  std::string text_failure(const std::string& input, bool line_is_text = true) {
    try {
      texts(input, line_is_text, 16);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  void write_packed(const std::string& name, codec::Kind kind, std::string_view text) {
    const auto packed = codec::compressed(kind, bytes_of(text), 3);
    write_text(folder_ / name, {reinterpret_cast<const char*>(packed.data()), packed.size()});
  }
  TempFolder folder_;
  Files* files_ = &real_files();
  std::vector<uint64_t> offsets_;
  std::vector<std::pair<TextPlace, size_t>> places_;  // behind each block, and the texts before
  uint64_t done_bytes_ = 0;
};

TEST_F(TextSourceTest, wherever_blocks_end_the_lines_are_the_same) {
  const std::string content =
      "one\n\ntwo words\r\n \t\r\nthree\n" + std::string(40, 'x') + "\nlast";
  write_text(folder_ / "a.txt", content);
  for (uint64_t block_bytes = 1; block_bytes <= content.size() + 1; ++block_bytes) {
    EXPECT_THAT(texts(folder_ / "a.txt", true, block_bytes),
                ElementsAre("one", "two words", "three", std::string(40, 'x'), "last"))
        << block_bytes;
    EXPECT_THAT(offsets_, ElementsAre(0, 5, 20, 26, 67)) << block_bytes;
    EXPECT_EQ(done_bytes_, content.size());
  }
}

TEST_F(TextSourceTest, goes_on_behind_any_block_also_in_a_compressed_file) {
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += "line " + std::to_string(i) + "\n";
  write_text(folder_ / "a.txt", lines);
  write_packed("b.txt.zst", codec::Kind::zstd, lines + lines);
  write_text(folder_ / "c.txt", "end");
  const auto all = texts(folder_.path(), true, 1000);
  ASSERT_EQ(all.size(), 601u);
  for (const auto& [place, before] : std::vector(places_)) {
    const std::vector<std::string> rest(all.begin() + static_cast<ptrdiff_t>(before), all.end());
    EXPECT_EQ(texts(folder_.path(), true, 1000, place), rest) << place.offset_bytes;
  }
  EXPECT_THAT(texts(folder_.path(), true, 1000, {.file_index = 2, .offset_bytes = 99}),
              ElementsAre());
  EXPECT_THAT(texts(folder_.path(), true, 1000, {.file_index = 9}), ElementsAre());
}

TEST_F(TextSourceTest, compressed_files_are_unpacked_by_their_bytes) {
  const std::string text = "one\ntwo " + std::string(5000, 'x');
  write_packed("a.txt.gz", codec::Kind::gzip, text);
  write_packed("b.txt.zst", codec::Kind::zstd, text);
  write_packed("c.txt", codec::Kind::lz4, text);
  write_packed("d.md.gz", codec::Kind::gzip, "no");
  EXPECT_THAT(texts(folder_.path(), false, 100), ElementsAre(text, text, text));
  write_packed("a.jsonl.gz", codec::Kind::gzip, "{}\n[]\n");
  EXPECT_EQ(text_files(*files_, folder_ / "a.jsonl.gz", false)[0].texts,
            TextFile::Texts::a_json_line);
  EXPECT_THAT(texts(folder_ / "a.jsonl.gz", false, 100), ElementsAre("{}", "[]"));
}

TEST_F(TextSourceTest, a_compressed_file_that_is_cut_or_damaged_is_told) {
  write_packed("a.txt.gz", codec::Kind::gzip, "some text, and then some more of it");
  std::string packed = read_text(folder_ / "a.txt.gz");
  packed[packed.size() - 6] ^= 1;
  write_text(folder_ / "a.txt.gz", packed);
  EXPECT_THAT(text_failure(folder_ / "a.txt.gz", false), HasSubstr("cannot be decompressed"));
  for (const bool is_line : {false, true}) {
    write_text(folder_ / "a.txt.gz", packed.substr(0, packed.size() - 9));
    EXPECT_THAT(text_failure(folder_ / "a.txt.gz", is_line), HasSubstr("it is cut short"));
  }
}

TEST_F(TextSourceTest, a_line_longer_than_many_reads_comes_once) {
  const std::string line(1'000'000, 'y');
  write_text(folder_ / "a.txt", line + "\nb\n");
  EXPECT_THAT(texts(folder_ / "a.txt", true, 4096), ElementsAre(line, "b"));
}

TEST_F(TextSourceTest, a_file_is_a_text_as_it_is_even_an_empty_one) {
  write_text(folder_ / "b.txt", "x\n\ny\r\n");
  write_text(folder_ / "a.txt", "");
  EXPECT_THAT(texts(folder_.path(), false, 2), ElementsAre("", "x\n\ny\r\n"));
}

TEST_F(TextSourceTest, of_a_folder_texts_and_json_lines_are_taken_by_name) {
  write_text(folder_ / "c.md", "no");
  write_text(folder_ / "b.txt", "whole\ntext");
  write_text(folder_ / "a.jsonl", "{}\n{}");
  EXPECT_THAT(texts(folder_.path(), false, 100), ElementsAre("{}", "{}", "whole\ntext"));
  EXPECT_THAT(texts(folder_ / "c.md", false, 100), ElementsAre("no"));
}

TEST_F(TextSourceTest, says_what_is_not_there) {
  EXPECT_THAT(text_failure(folder_ / "none"), HasSubstr("cannot open " + (folder_ / "none")));
  EXPECT_THAT(text_failure(folder_.path()), HasSubstr("no files *.txt or *.jsonl"));
}

TEST_F(TextSourceTest, each_call_that_fails_is_named_with_its_file) {
  write_text(folder_ / "a.txt", "some lines\nof text\n");
  FaultyFiles files;
  files_ = &files;
  files.fail(FileCall::open, 1, EACCES);
  EXPECT_THAT(text_failure(folder_ / "a.txt"), HasSubstr("cannot open " + (folder_ / "a.txt")));
  files.fail(FileCall::read, 2, EIO);
  EXPECT_THAT(text_failure(folder_ / "a.txt"),
              HasSubstr("a.txt at byte 0: cannot be read: Input/output error"));
}

}  // namespace
}  // namespace headrace::pack
