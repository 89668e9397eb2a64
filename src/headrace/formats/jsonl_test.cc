// Lines to fields, what is refused, and damage; Python's json reads the same in tests/conformance.
#include "headrace/formats/jsonl.h"

#include <gtest/gtest.h>

#include <map>

#include "headrace/base/temp_folder.h"

namespace headrace::formats {
namespace {

using Fields = std::map<std::string, std::string>;

struct ReadLines {
  std::vector<Fields> samples;
  std::optional<ScanFailure> failure;
};

ReadLines read_lines(std::string_view text) {
  ReadLines read;
  JsonLines lines(memory_source(bytes_of(text)));
  while (true) {
    const auto fields = lines.next();
    if (!fields) read.failure = fields.error();
    if (!fields || !*fields) return read;
    Fields& sample = read.samples.emplace_back();
    for (const FieldBytes& field : **fields) {
      sample[std::string(field.name)] =
          std::string(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
    }
  }
}

TEST(JsonLines, members_are_fields_and_text_loses_its_escapes) {
  const auto [samples, failure] = read_lines(
      "\xef\xbb\xbf{\"text\": \"a\\n\\u00e9\\ud83d\\ude00\", \"label\": -3, \"score\": 1.50e2 }\r\n"
      "\n"
      "{\"ok\":true,\"no\":false,\"none\":null,\"list\":[1, \"b\"],\"meta\":{\"url\":\"u\",\"x\":"
      "{\"y\":18446744073709551615}}}");
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0],
            (Fields{{"text", "a\n\xc3\xa9\xf0\x9f\x98\x80"}, {"label", "-3"}, {"score", "150"}}));
  EXPECT_EQ(samples[1], (Fields{{"ok", "1"},
                                {"no", "0"},
                                {"list", "[1,\"b\"]"},
                                {"meta.url", "u"},
                                {"meta.x.y", "18446744073709551615"}}));
}

TEST(JsonLines, a_broken_line_is_named_with_its_field_and_place) {
  const std::string good = "{\"a\": 1}\n";
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"[1]", "no object"},
      {"{\"a\": 1} x", "line 2"},
      {"{\"a\": 1", "line 2"},
      {"{\"a\": \"\xff\"}", "UTF-8"},
      {"{\"a\": \"\\ud800\"}", "line 2"},
      {"{\"a\": 01}", "line 2"},
      {"{\"a\": tru}", "line 2"},
      {"{\"a\": [1, 2}", "line 2"},
      {"{\"a\": 123456789012345678901234567890}", "line 2"},
      {"{\"a\": 1, \"a\": 2}", "field a is there twice"},
      {"{\"\": 1}", "no field's"}};
  for (const auto& [line, what] : kinds) {
    const auto [samples, failure] = read_lines(good + line + "\n" + good);
    ASSERT_TRUE(failure) << line;
    EXPECT_EQ(samples.size(), 1U) << line;
    EXPECT_EQ(failure->offset_bytes, good.size()) << line;
    EXPECT_TRUE(failure->what.starts_with("line 2: ")) << failure->what;
    EXPECT_TRUE(failure->what.contains(what)) << failure->what;
  }
}

TEST(JsonLines, lines_of_any_length_cross_pieces) {
  std::string text;
  for (size_t i = 0; i < 40; ++i) {
    text += "{\"n\": " + std::to_string(i) + ", \"text\": \"" + std::string(i * 9973 * 7, 'x') +
            "\"}\n";
  }
  const auto [samples, failure] = read_lines(text);
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 40U);
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(samples[i].at("n"), std::to_string(i));
    EXPECT_EQ(samples[i].at("text").size(), i * 9973 * 7);
  }
}

TEST(JsonLines, every_flipped_bit_and_every_cut_ends) {
  const std::string text =
      "{\"text\": \"a\\n\\u00e9\", \"label\": -3, \"l\": [1, {\"m\": 2}]}\n{\"b\": {\"c\": "
      "null}}\n";
  size_t noticed = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      noticed += read_lines(flipped).failure ? 1 : 0;
    }
    (void)read_lines(text.substr(0, at));
  }
  EXPECT_GT(noticed, text.size() * 2);
}

TEST(JsonLines, a_file_is_known_by_its_first_line) {
  const auto known = [](std::string_view text) { return recognize(memory_source(bytes_of(text))); };
  EXPECT_EQ(known("{\"a\": 1}\n"), &k_jsonl_format);
  EXPECT_EQ(known("  {}\r\n{"), &k_jsonl_format);
  EXPECT_EQ(known("{\n \"a\": 1\n}"), nullptr);
  EXPECT_EQ(known("[{\"a\": 1}]\n"), nullptr);
  EXPECT_EQ(named_format("a.jsonl.zst"), &k_jsonl_format);
  EXPECT_EQ(named_format("a.ndjson"), &k_jsonl_format);
  EXPECT_EQ(named_format("a.json"), nullptr);
}

TEST(JsonBlocks, blocks_of_whole_lines_are_the_file) {
  std::string text = "\xef\xbb\xbf";
  for (int i = 0; i < 9000; ++i) {
    const size_t size = i == 4000 ? 6 << 20 : i % 3000;  // one line is longer than a block
    text += fmt::format("{{\"id\":{},\"text\":\"{}\"}}\n", i, std::string(size, 'x'));
  }
  text += "\n{\"id\":-1}";  // and the last line has no end
  JsonBlocks blocks(memory_source(bytes_of(text)));
  std::vector<Fields> samples;
  int part_count = 0;
  while (true) {
    const auto part = blocks.next_part();
    ASSERT_TRUE(part);
    if (!*part) break;
    ++part_count;
    while (true) {
      const auto fields = (*part)->next();
      ASSERT_TRUE(fields) << fields.error().what;
      if (!*fields) break;
      Fields& sample = samples.emplace_back();
      for (const FieldBytes& field : **fields) {
        sample[std::string(field.name)] =
            std::string(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
      }
    }
  }
  EXPECT_GT(part_count, 3);
  EXPECT_EQ(blocks.at_bytes(), text.size());
  EXPECT_TRUE(samples == read_lines(text).samples);
}

TEST(JsonBlocks, a_byte_order_mark_within_the_file_is_no_blank) {
  std::string text((4 << 20) - 100, ' ');  // a block, with the next line's end behind it
  text += "\n\xef\xbb\xbf{\"text\":\"" + std::string(300, 'x') + "\"}\n";
  JsonBlocks blocks(memory_source(bytes_of(text)));
  (void)blocks.next_part().value();
  const auto part = blocks.next_part();
  ASSERT_TRUE(part && *part);
  EXPECT_FALSE((*part)->next());
  EXPECT_TRUE(read_lines(text).failure);
}

}  // namespace
}  // namespace headrace::formats
