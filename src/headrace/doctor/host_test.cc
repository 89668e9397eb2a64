// Bounded readings of what is there, what is not, and what is not to be read.
#include "headrace/doctor/host.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "headrace/base/faulty_files.h"
#include "headrace/doctor/fixture_tree.h"

namespace headrace::doctor {
namespace {

TEST(Host, reads_texts_numbers_and_names_below_its_root) {
  FixtureTree tree("proc/a: one\\ntwo\nsys/n: 42\nsys/list/b: 1\nsys/list/a: 2");
  const Host host = tree.host();
  EXPECT_EQ(host.text("/proc/a"), "one\ntwo");
  EXPECT_EQ(host.number("/sys/n"), 42u);
  EXPECT_EQ(host.number("/proc/a"), std::nullopt);
  EXPECT_EQ(host.names("/sys/list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(host.has("/sys/list"));
}

TEST(Host, finds_what_is_absent_empty) {
  FixtureTree tree("a: 1");
  const Host host = tree.host();
  EXPECT_EQ(host.text("/b"), "");
  EXPECT_EQ(host.number("/b"), std::nullopt);
  EXPECT_TRUE(host.names("/b").empty());
  EXPECT_FALSE(host.has("/b"));
  EXPECT_EQ(host.text("/"), "");  // a folder
}

TEST(Host, reads_no_more_than_a_mebibyte_and_waits_for_no_pipe) {
  FixtureTree tree("long: " + std::string(3 << 20, 'x'));
  ASSERT_EQ(::mkfifo((tree.root() + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(tree.host().text("/long").size(), size_t{1} << 20);
  EXPECT_EQ(tree.host().text("/pipe"), "");
}

TEST(Host, takes_each_failing_call_as_absence) {
  FixtureTree tree("a: 1");
  FaultyFiles files;
  const Host host(files, tree.kernel, tree.root());
  for (const FileCall call : {FileCall::open, FileCall::read}) {
    files.fail(call, 1, EIO);
    EXPECT_EQ(host.text("/a"), "");
    EXPECT_EQ(files.seen(), 1);
  }
  files.fail(FileCall::list, 1, EIO);
  EXPECT_TRUE(host.names("/").empty());
  files.fail(FileCall::stat, 1, EIO);
  EXPECT_FALSE(host.has("/a"));
}

TEST(Host, asks_the_real_kernel) {
  Kernel& kernel = real_kernel();
  const auto space = kernel.space("/");
  ASSERT_TRUE(space);
  EXPECT_GT(space->size_bytes, 0u);
  EXPECT_EQ(kernel.space("/no/such/folder").error(), ENOENT);
  EXPECT_FALSE(kernel.attribute("/", "user.headrace.none"));
  EXPECT_EQ(kernel.variable("HEADRACE_NO_SUCH_VARIABLE"), "");
  EXPECT_GT(kernel.now_s(), 1'700'000'000);
  const auto uring = kernel.try_uring();
  EXPECT_TRUE(uring || !uring.error().empty());
}

TEST(Host, takes_only_whole_numbers) {
  EXPECT_EQ(number_in("17"), 17u);
  for (const char* text : {"", "-1", "1x", " 1", "99999999999999999999"}) {
    EXPECT_EQ(number_in(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace headrace::doctor
