// Texts become documents of tokens, the same with any number of threads, or nothing at all.
#include "headrace/pack/token_texts.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/base/faulty_files.h"
#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"
#include "headrace/text/small_tokenizer.h"

namespace headrace::pack {
namespace {

using formats::TokenType;
using testing::ElementsAre;
using testing::HasSubstr;

class TokenTextsTest : public testing::Test {
 protected:
  TokenTextsTest() {
    write_text(folder_ / "tokenizer.json", text::small_tokenizer().dump());
    make_folders(real_files(), folder_ / "texts");
  }
  TokenTextsOptions asked(const std::string& name) {
    return {.input = folder_ / ("texts/" + name),
            .output = folder_ / "out",
            .tokenizer = folder_ / "tokenizer.json",
            .end_token = "<|end|>"};
  }
  std::vector<std::vector<int>> documents(const TokenTextsOptions& options) {
    packed_ = pack_token_texts(options);
    const auto bin = read_file(real_files(), folder_ / "out.bin", 1 << 30);
    const auto index = formats::TokenIndex::open(real_files(), folder_ / "out.idx").value();
    EXPECT_TRUE(index.check(bin.size()));
    std::vector<std::vector<int>> found;
    for (uint64_t i = 0; i < index.document_count(); ++i) {
      std::vector<int> tokens;
      for (uint64_t at = index.first_sequence(i); at < index.first_sequence(i + 1); ++at) {
        const auto extent = index.extent(at, bin.size()).value();
        for (uint64_t byte = 0; byte < extent.length_bytes; byte += size_of(index.type())) {
          const std::byte* const token = bin.data() + extent.offset_bytes + byte;
          tokens.push_back(index.type() == TokenType::uint16 ? load_le<uint16_t>(token)
                                                             : load_le<int32_t>(token));
        }
      }
      found.push_back(tokens);
    }
    return found;
  }
  std::string refusal(const TokenTextsOptions& options) {
    try {
      (void)pack_token_texts(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  // Names in the folder of the output that are no input.
  std::vector<std::string> left_over() {
    std::vector<std::string> names;
    const auto entries = real_files().list(folder_.path());
    for (const FolderEntry& entry : *entries) {
      if (entry.name != "texts" && entry.name != "tokenizer.json") names.push_back(entry.name);
    }
    return names;
  }
  TempFolder folder_;
  PackedTokens packed_;
};

TEST_F(TokenTextsTest, a_file_is_a_document_and_a_line_of_jsonl_is_one) {
  write_text(folder_ / "texts/a.txt", "hello\nhello");
  write_text(folder_ / "texts/b.jsonl", "{\"text\": \" hello\"}\n\n{\"text\": \"lo\"}\n");
  EXPECT_THAT(documents(asked("")), ElementsAre(ElementsAre(259, '\n', 259, 300),
                                                ElementsAre(260, 300), ElementsAre(258, 300)));
  EXPECT_EQ(packed_.type, TokenType::uint16);
  EXPECT_EQ(packed_.file_count, 2U);
  EXPECT_EQ(packed_.token_count, 8U);
}

TEST_F(TokenTextsTest, a_line_is_a_document_where_asked) {
  write_text(folder_ / "texts/a.txt", "hello\n\nlo\n");
  TokenTextsOptions options = asked("a.txt");
  options.line_is_text = true;
  options.end_token = "7";
  options.type = TokenType::int32;
  EXPECT_THAT(documents(options), ElementsAre(ElementsAre(259, 7), ElementsAre(258, 7)));
}

TEST_F(TokenTextsTest, an_empty_text_is_a_document_without_tokens_as_megatron_writes_it) {
  write_text(folder_ / "texts/a.jsonl", "{\"text\": \"\"}\n{\"text\": \"lo\"}\n{\"text\": \"\"}\n");
  EXPECT_THAT(documents(asked("a.jsonl")),
              ElementsAre(ElementsAre(), ElementsAre(258, 300), ElementsAre()));
}

TEST_F(TokenTextsTest, any_number_of_threads_writes_the_same) {
  std::string lines;
  for (int i = 0; i < 400'000; ++i) lines += "hello " + std::to_string(i) + " hello\n";
  write_text(folder_ / "texts/a.txt", lines);
  TokenTextsOptions options = asked("a.txt");
  options.line_is_text = true;
  std::vector<std::vector<std::byte>> written;
  for (const size_t jobs : {1, 4}) {
    options.job_count = jobs;
    EXPECT_EQ(pack_token_texts(options).document_count, 400'000U);
    for (const char* name : {"out.bin", "out.idx"}) {
      written.push_back(read_file(real_files(), folder_ / name, 1 << 30));
    }
  }
  EXPECT_EQ(written[0], written[2]);
  EXPECT_EQ(written[1], written[3]);
}

TEST_F(TokenTextsTest, after_kill_9_the_next_run_goes_on_from_what_was_saved_and_ends_the_same) {
  std::string lines;
  for (int i = 0; i < 1'100'000; ++i) lines += "hello " + std::to_string(i) + "\n";
  write_text(folder_ / "texts/a.txt", lines);
  TokenTextsOptions options = asked("a.txt");
  options.line_is_text = true;
  (void)pack_token_texts(options);
  const std::string bin = read_text(folder_ / "out.bin"), idx = read_text(folder_ / "out.idx");
  options.save_bytes = 4 << 20;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    (void)pack_token_texts(options, [](uint64_t done_bytes, uint64_t) {
      if (done_bytes >= 8 << 20) ::raise(SIGKILL);
    });
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  uint64_t first_bytes = 0;
  const auto packed = pack_token_texts(options, [&](uint64_t done_bytes, uint64_t) {
    if (first_bytes == 0) first_bytes = done_bytes;
  });
  EXPECT_EQ(packed.document_count, 1'100'000u);
  EXPECT_GT(first_bytes, uint64_t{8} << 20) << "8 MiB were there";
  EXPECT_EQ(read_text(folder_ / "out.bin"), bin);
  EXPECT_EQ(read_text(folder_ / "out.idx"), idx);
  EXPECT_THAT(left_over(), ElementsAre("out.bin", "out.idx"));
}

TEST_F(TokenTextsTest, what_was_saved_of_other_options_is_not_gone_on_with) {
  std::string lines;
  for (int i = 0; i < 700'000; ++i) lines += "hello " + std::to_string(i) + "\n";
  write_text(folder_ / "texts/a.txt", lines);
  TokenTextsOptions options = asked("a.txt");
  options.line_is_text = true;
  options.save_bytes = 1;
  const auto stop_early = [](uint64_t, uint64_t) { throw std::runtime_error("killed"); };
  EXPECT_THROW((void)pack_token_texts(options, stop_early), std::runtime_error);
  EXPECT_EQ(left_over().size(), 4u) << "three files and where to go on";
  options.end_token = "7";
  options.save_bytes = UINT64_MAX;
  EXPECT_THROW((void)pack_token_texts(options, stop_early), std::runtime_error);
  EXPECT_THAT(left_over(), ElementsAre()) << "the first run's files are written over";
  const auto found = documents(options);
  EXPECT_EQ(found.size(), 700'000u);
  EXPECT_EQ(found[0].back(), 7);
  EXPECT_THAT(left_over(), ElementsAre("out.bin", "out.idx"));
}

TEST_F(TokenTextsTest, compressed_texts_are_those_in_them) {
  const auto packed = codec::compressed(codec::Kind::gzip, bytes_of("{\"text\": \"lo\"}\n"), 3);
  write_text(folder_ / "texts/a.jsonl.gz",
             {reinterpret_cast<const char*>(packed.data()), packed.size()});
  EXPECT_THAT(documents(asked("")), ElementsAre(ElementsAre(258, 300)));
}

TEST_F(TokenTextsTest, a_bad_line_ends_the_run_with_its_place_and_leaves_nothing) {
  write_text(folder_ / "texts/a.jsonl", "{\"text\": \"lo\"}\n{\"body\": \"lo\"}\n");
  EXPECT_THAT(refusal(asked("a.jsonl")), HasSubstr("a.jsonl at byte 15: it has no key \"text\""));
  EXPECT_THAT(left_over(), ElementsAre());
}

TEST_F(TokenTextsTest, what_tokenizer_and_type_cannot_do_is_said_before_anything_is_read) {
  write_text(folder_ / "texts/a.txt", "hello");
  TokenTextsOptions options = asked("a.txt");
  options.end_token = "<|none|>";
  EXPECT_THAT(refusal(options), HasSubstr("it has no token <|none|>"));
  options.end_token = "302";
  EXPECT_THAT(refusal(options), HasSubstr("it has no token 302"));
  options = asked("a.txt");
  options.type = TokenType::uint8;
  EXPECT_THAT(refusal(options), HasSubstr("its tokens go to 301, uint8 to 255"));
  EXPECT_THAT(left_over(), ElementsAre());
}

TEST_F(TokenTextsTest, a_read_that_fails_and_a_stop_leave_nothing) {
  write_text(folder_ / "texts/a.txt", "hello");
  TokenTextsOptions options = asked("a.txt");
  FaultyFiles files;
  files.fail(FileCall::read, 2, EIO);  // the first is the tokenizer's
  options.files = &files;
  EXPECT_THAT(refusal(options), HasSubstr("Input/output error"));
  options.files = &real_files();
  std::stop_source stop;
  stop.request_stop();
  options.stop = stop.get_token();
  EXPECT_THAT(refusal(options), HasSubstr("stopped while packing"));
  EXPECT_THAT(left_over(), ElementsAre());
}

}  // namespace
}  // namespace headrace::pack
