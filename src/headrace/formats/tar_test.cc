// Archives round-trip; every truncation, flip and lie is a failure with its byte offset, never a
// wrong member.
#include "headrace/formats/tar.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Walked {
  std::vector<Member> members;
  std::optional<ScanFailure> failure;
};
Walked walk(const std::string& archive) {
  TarScanner scanner(memory_source(bytes_of(archive)));
  Walked walked;
  while (true) {
    auto member = scanner.next();
    if (!member) walked.failure = member.error();
    if (!member || !*member) return walked;
    walked.members.push_back(**member);
  }
}
std::vector<std::string> names_of(const Walked& walked) {
  std::vector<std::string> names;
  for (const Member& member : walked.members) names.push_back(member.name);
  return names;
}
std::string pax_record(const std::string& text) {
  size_t length = text.size() + 2;
  while (std::to_string(length).size() + 1 + text.size() + 1 != length) ++length;
  return std::to_string(length) + " " + text + "\n";
}

TEST(Tar, reads_back_members_of_all_sizes_around_a_block) {
  TarBuilder tar;
  std::vector<std::string> bodies;
  for (const size_t size : {0, 1, 511, 512, 513, 9000}) {
    bodies.emplace_back(size, static_cast<char>('a' + size % 26));
    tar.add(std::to_string(size) + ".bin", bodies.back());
  }
  const std::string archive = tar.finished();
  const Walked walked = walk(archive);
  ASSERT_FALSE(walked.failure) << walked.failure->what;
  ASSERT_EQ(walked.members.size(), bodies.size());
  for (size_t i = 0; i < bodies.size(); ++i) {
    const Member& member = walked.members[i];
    EXPECT_TRUE(member.is_regular);
    EXPECT_EQ(archive.substr(member.data_offset_bytes, member.size_bytes), bodies[i]);
  }
}

TEST(Tar, long_names_take_a_gnu_header_and_come_back_whole) {
  for (const size_t length : {99, 100, 101, 255, 511, 512, 5000}) {
    const std::string name = std::string(length - 4, 'n') + ".jpg";
    const std::string archive = TarBuilder().add(name, "x").add("b.jpg", "y").finished();
    const Walked walked = walk(archive);
    EXPECT_THAT(names_of(walked), ElementsAre(name, "b.jpg"));
    EXPECT_EQ(walked.members[0].header_offset_bytes, 0U);
    EXPECT_EQ(archive[walked.members[0].data_offset_bytes], 'x');
    EXPECT_EQ(archive.size(), TarWriter::stored_size_bytes(name, 1) + 1024 + 1024);
  }
}

TEST(Tar, every_truncation_is_a_failure_and_gives_a_prefix_of_the_members) {
  const std::string long_name = std::string(150, 'd') + "/x.jpg";
  const std::string archive =
      TarBuilder().add("a.cls", "7").add(long_name, std::string(700, 'j')).finished();
  for (size_t size = 0; size < archive.size() - 1024 + 512; ++size) {
    const Walked walked = walk(archive.substr(0, size));
    ASSERT_TRUE(walked.failure) << size;
    EXPECT_LE(walked.failure->offset_bytes, size);
    EXPECT_LE(walked.members.size(), 2U);
    for (const Member& member : walked.members) {
      EXPECT_LE(member.data_offset_bytes + member.size_bytes, size);
    }
  }
}

TEST(Tar, one_zero_block_ends_an_archive_and_what_follows_is_not_read) {
  const std::string one = TarBuilder().add("a.jpg", "x").finished();
  EXPECT_FALSE(walk(one.substr(0, one.size() - 512)).failure);
  EXPECT_THAT(names_of(walk(one + one)), ElementsAre("a.jpg"));
}

TEST(Tar, a_size_that_leaves_the_file_is_refused_at_its_header) {
  const std::string archive =
      TarBuilder().add("a.jpg", "x").add_raw("big.jpg", "y", '0', 1 << 20).finished();
  const Walked walked = walk(archive);
  ASSERT_TRUE(walked.failure);
  EXPECT_EQ(walked.failure->offset_bytes, 1024U);
  EXPECT_THAT(walked.failure->what, HasSubstr("'big.jpg' claims 1048576 bytes"));
  EXPECT_TRUE(walk(TarBuilder().add_raw("a", "", '0', INT64_MAX).finished()).failure);
}

TEST(Tar, pax_path_and_size_override_the_header) {
  const std::string path = "deep/" + std::string(300, 'p') + ".jpg";
  const std::string records =
      pax_record("path=" + path) + pax_record("size=3") + pax_record("mtime=1.5");
  const std::string archive =
      TarBuilder().add_raw("pax", records, 'x').add_raw("short", "abc", '0', 0).finished();
  const Walked walked = walk(archive);
  ASSERT_FALSE(walked.failure) << walked.failure->what;
  ASSERT_THAT(names_of(walked), ElementsAre(path));
  EXPECT_EQ(walked.members[0].size_bytes, 3U);
}

TEST(Tar, malformed_pax_records_are_failures) {
  for (const std::string records :
       {"9999999999999999999999 path=a\n", "5 a\n", "11 path=a.b", "3 \n", "x path=a\n",
        "100 path=a\n", "0 path=a\n", "10 path a\n"}) {
    EXPECT_TRUE(walk(TarBuilder().add_raw("p", records, 'x').add("a", "b").finished()).failure)
        << records;
  }
  EXPECT_TRUE(walk(TarBuilder()
                       .add_raw("p", pax_record("size=99999999999999999999"), 'x')
                       .add("a", "b")
                       .finished())
                  .failure);
}

TEST(Tar, sparse_members_are_refused_in_both_spellings) {
  EXPECT_TRUE(walk(TarBuilder().add_raw("s", "x", 'S').finished()).failure);
  const std::string records = pax_record("GNU.sparse.major=1");
  EXPECT_TRUE(walk(TarBuilder().add_raw("p", records, 'x').add("a", "b").finished()).failure);
}

TEST(Tar, a_long_name_header_of_absurd_size_is_refused_before_it_is_read) {
  TarBuilder tar;
  tar.add_raw("L", std::string(1 << 20, 'n'), 'L').add("a.jpg", "x");
  const Walked walked = walk(tar.finished());
  ASSERT_TRUE(walked.failure);
  EXPECT_THAT(walked.failure->what, HasSubstr("limit"));
}

TEST(Tar, links_folders_and_unknown_types_are_passed_over_as_python_does) {
  const std::string archive = TarBuilder()
                                  .add_raw("folder/", "", '5', 77)  // claims data that is not there
                                  .add_raw("link", "", '2', 5)
                                  .add_raw("K", "target", 'K')
                                  .add_raw("unknown", "data", 'Z')
                                  .add_raw("global", pax_record("comment=x"), 'g')
                                  .add("a.jpg", "x")
                                  .finished();
  const Walked walked = walk(archive);
  ASSERT_FALSE(walked.failure) << walked.failure->what;
  EXPECT_THAT(names_of(walked), ElementsAre("folder/", "link", "unknown", "global", "a.jpg"));
  EXPECT_FALSE(walked.members[2].is_regular);
  EXPECT_TRUE(walked.members[4].is_regular);
}

TEST(Tar, a_failing_read_is_a_failure_with_its_place) {
  ByteSource source = memory_source({});
  source.size_bytes = 4096;
  source.read_at = [](auto, uint64_t) -> OrErrno<size_t> { return std::unexpected(EIO); };
  const auto member = TarScanner(source).next();
  ASSERT_FALSE(member);
  EXPECT_THAT(member.error().what, HasSubstr("Input/output error"));
  source.read_at = [](auto, uint64_t) -> OrErrno<size_t> { return size_t{100}; };
  EXPECT_THAT(TarScanner(source).next().error().what, HasSubstr("shrank"));
}

TEST(Tar, writing_refuses_names_that_leave_their_folder) {
  for (const std::string name : {"../x.jpg", "/etc/x", "a/../b", "", "a//b", "./a", "a\nb", "a/"}) {
    EXPECT_FALSE(is_safe_name(name)) << name;
    EXPECT_THROW(TarBuilder().add(name, "x"), Error) << name;
  }
  EXPECT_TRUE(is_safe_name("a/b..c/.d"));
}

TEST(Tar, names_in_messages_show_control_characters) {
  EXPECT_EQ(shown_name("a\x1b[31m'\n"), "'a\\x1b[31m\\'\\x0a'");
  EXPECT_LT(shown_name(std::string(10'000, 'a')).size(), 300U);
}

}  // namespace
}  // namespace headrace::formats
