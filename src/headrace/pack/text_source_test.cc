// Lines belong to the piece in which they begin, wherever pieces are cut.
#include "headrace/pack/text_pieces.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TextPiecesTest : public testing::Test {
 protected:
  std::vector<std::string> texts(const std::string& input, bool line_is_text,
                                 uint64_t piece_bytes) {
    const auto files = text_files(*files_, input, line_is_text);
    std::vector<std::string> found;
    offsets_.clear();
    std::string buffer;
    for (const TextPiece& piece : text_pieces(files, piece_bytes)) {
      for_each_text(*files_, files[piece.file_index], piece, buffer,
                    [&](std::string_view text, uint64_t offset_bytes) {
                      found.emplace_back(text);
                      offsets_.push_back(offset_bytes);
                    });
    }
    return found;
  }
  std::string text_failure(const std::string& input) {
    try {
      texts(input, true, 16);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  TempFolder folder_;
  Files* files_ = &real_files();
  std::vector<uint64_t> offsets_;
};

TEST_F(TextPiecesTest, wherever_pieces_are_cut_the_lines_are_the_same) {
  const std::string content =
      "one\n\ntwo words\r\n \t\r\nthree\n" + std::string(40, 'x') + "\nlast";
  write_text(folder_ / "a.txt", content);
  for (uint64_t piece_bytes = 1; piece_bytes <= content.size() + 1; ++piece_bytes) {
    EXPECT_THAT(texts(folder_ / "a.txt", true, piece_bytes),
                ElementsAre("one", "two words", "three", std::string(40, 'x'), "last"))
        << piece_bytes;
    EXPECT_THAT(offsets_, ElementsAre(0, 5, 20, 26, 67)) << piece_bytes;
  }
}

TEST_F(TextPiecesTest, a_line_longer_than_many_reads_comes_once) {
  const std::string line(1'000'000, 'y');
  write_text(folder_ / "a.txt", line + "\nb\n");
  EXPECT_THAT(texts(folder_ / "a.txt", true, 4096), ElementsAre(line, "b"));
}

TEST_F(TextPiecesTest, a_file_is_a_text_as_it_is_even_an_empty_one) {
  write_text(folder_ / "b.txt", "x\n\ny\r\n");
  write_text(folder_ / "a.txt", "");
  EXPECT_THAT(texts(folder_.path(), false, 2), ElementsAre("", "x\n\ny\r\n"));
}

TEST_F(TextPiecesTest, of_a_folder_texts_and_json_lines_are_taken_by_name) {
  write_text(folder_ / "c.md", "no");
  write_text(folder_ / "b.txt", "whole\ntext");
  write_text(folder_ / "a.jsonl", "{}\n{}");
  EXPECT_THAT(texts(folder_.path(), false, 100), ElementsAre("{}", "{}", "whole\ntext"));
  EXPECT_THAT(texts(folder_ / "c.md", false, 100), ElementsAre("no"));
}

TEST_F(TextPiecesTest, says_what_is_not_there) {
  EXPECT_THAT(text_failure(folder_ / "none"), HasSubstr("cannot open " + (folder_ / "none")));
  EXPECT_THAT(text_failure(folder_.path()), HasSubstr("no files *.txt or *.jsonl"));
}

TEST_F(TextPiecesTest, each_call_that_fails_is_named_with_its_file) {
  write_text(folder_ / "a.txt", "some lines\nof text\n");
  FaultyFiles files;
  files_ = &files;
  files.fail(FileCall::open, 1, EACCES);
  EXPECT_THAT(text_failure(folder_ / "a.txt"), HasSubstr("cannot open " + (folder_ / "a.txt")));
  files.fail(FileCall::read, 2, EIO);
  EXPECT_THAT(text_failure(folder_ / "a.txt"), HasSubstr("a.txt at byte 16: Input/output error"));
}

}  // namespace
}  // namespace headrace::pack
