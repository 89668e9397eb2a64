// What is held equals what lies in the files, and what cannot be held or read says so.
#include "headrace/loader/resident.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "headrace/base/error.h"
#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

Options in_memory(uint32_t workers) {
  Options options = small(workers);
  options.in_memory = true;
  return options;
}

TEST(Resident, holds_every_file_byte_by_byte) {
  const StampedDataset dataset(3000, 1000);  // files of several pieces
  std::vector<uint64_t> calls;
  const Resident resident(dataset,
                          {.threads = 3, .on_progress = [&](uint64_t done, uint64_t total) {
                             EXPECT_LE(done, total);
                             calls.push_back(done);
                             return true;
                           }});
  uint64_t size_bytes = 0;
  for (uint64_t index = 0; index < dataset.file_count(); ++index) {
    const auto file = read_file(real_files(), dataset.file(index).path, 1 << 30);
    const auto held =
        resident.bytes(index, {.offset_bytes = 0, .length_bytes = file.size(), .checksum = 0});
    EXPECT_TRUE(std::ranges::equal(held, file));
    EXPECT_TRUE(resident.bytes(index, {.offset_bytes = 1, .length_bytes = file.size()}).empty());
    EXPECT_TRUE(resident.bytes(index, {.offset_bytes = file.size(), .length_bytes = 1}).empty());
    EXPECT_TRUE(resident.bytes(index, {.offset_bytes = ~uint64_t{0}, .length_bytes = 2}).empty());
    size_bytes += file.size();
  }
  EXPECT_EQ(resident.read_bytes(), size_bytes);
  ASSERT_FALSE(calls.empty());
  EXPECT_EQ(calls.back(), size_bytes);
}

TEST(Resident, maps_the_same_bytes_without_memory_of_its_own) {
  const StampedDataset dataset(300, 100);
  const Resident read(dataset, {.threads = 1}), mapped(dataset, {.mapped = true});
  EXPECT_EQ(mapped.memory_bytes(), 0U);
  for (uint64_t index = 0; index < dataset.file_count(); ++index) {
    const formats::FieldExtent whole{.length_bytes = dataset.file(index).size_bytes};
    EXPECT_TRUE(std::ranges::equal(read.bytes(index, whole), mapped.bytes(index, whole)));
  }
  ASSERT_TRUE(real_files().remove(dataset.file(1).path));
  const Resident without(dataset, {.mapped = true});
  EXPECT_EQ(without.error_number(1), ENOENT);
  EXPECT_TRUE(without.bytes(1, {.length_bytes = 1}).empty());
}

TEST(Resident, a_map_that_fetches_serves_the_same_samples_and_minds_no_lost_file) {
  const StampedDataset dataset(400, 100);
  const Outcome read = run_to_the_end(dataset, in_memory(2));
  Options options = in_memory(2);
  options.mapped = options.fetches = true;
  const Outcome fetched = run_to_the_end(dataset, options);
  EXPECT_EQ(fetched.error, "");
  EXPECT_EQ(fetched.ids, read.ids);
  ASSERT_TRUE(real_files().remove(dataset.file(1).path));
  options.on_error = pipeline::OnError::skip;
  EXPECT_EQ(run_to_the_end(dataset, options).ids.size(), 300U);
}

TEST(Resident, refuses_what_does_not_fit_with_both_numbers) {
  const StampedDataset dataset(400, 100);
  try {
    const Resident resident(dataset, {.path = "ds", .available_bytes = 4096});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_space);
    EXPECT_THAT(error.what(), HasSubstr("cannot hold in memory ds"));
    EXPECT_THAT(error.what(), HasSubstr("and 4.00 KiB is available"));
    EXPECT_THAT(error.what(), HasSubstr("dataset.cache"));
  }
}

TEST(Resident, stops_when_told) {
  const StampedDataset dataset(400, 100);
  SteadyClock clock;
  const auto make_ring = faulty({.delay_ns = 300'000'000});
  try {
    const Resident resident(
        dataset, {.make_ring = make_ring, .on_progress = [](uint64_t, uint64_t) { return false; }});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::interrupted);
  }
}

TEST(Resident, a_read_that_fails_fails_its_samples_alone) {
  const StampedDataset dataset(400, 100);
  Options options = in_memory(2);
  options.make_ring = faulty({.fail_nth = 1});
  options.workers = 1;  // one reading thread: its first read is the one that fails
  EXPECT_THAT(run_to_the_end(dataset, options).error, HasSubstr("Input/output error"));
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 400;
  const Outcome outcome = run_to_the_end(dataset, options);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.skipped.size(), 100u);
  EXPECT_EQ(outcome.ids.size(), 300u);
}

TEST(Resident, a_file_that_shrank_or_vanished_is_an_error_not_a_crash) {
  const StampedDataset dataset(400, 100);
  ASSERT_EQ(::truncate(dataset.file(2).path.c_str(), 5000), 0);
  EXPECT_THAT(run_to_the_end(dataset, in_memory(2)).error,
              HasSubstr("the file ends before the sample does"));
  ASSERT_EQ(::unlink(dataset.file(1).path.c_str()), 0);
  Options options = in_memory(2);
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 400;
  const Outcome outcome = run_to_the_end(dataset, options);
  EXPECT_EQ(outcome.ids.size() + outcome.skipped.size(), 400u);
  EXPECT_GE(outcome.skipped.size(), 190u);
}

TEST(Resident, a_flipped_byte_is_found_in_the_first_epoch_and_named) {
  const StampedDataset dataset(40, 40);
  const UniqueFd fd = *real_files().open(dataset.file(0).path, O_RDWR);
  const auto at = dataset.locate(17).fields[0].offset_bytes + 9;
  std::array<std::byte, 1> byte;
  ASSERT_TRUE(real_files().read_at(fd.get(), byte, at));
  byte[0] ^= std::byte{1};
  ASSERT_TRUE(real_files().write_at(fd.get(), byte, at));
  EXPECT_THAT(run_to_the_end(dataset, in_memory(1)).error,
              HasSubstr("the bytes differ from their checksum"));
}

TEST(Resident, a_ring_that_cannot_be_made_is_the_makers_error) {
  const StampedDataset dataset(40, 40);
  EXPECT_THROW(Resident(dataset, {.engine = "warp"}), Error);
}

}  // namespace
}  // namespace headrace::loader
