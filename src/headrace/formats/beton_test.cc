// A file laid out by hand as FFCV does; its own writer's files are read in tests/conformance.
#include "headrace/formats/beton.h"

#include <gmock/gmock.h>

#include "headrace/base/endian.h"
#include "headrace/formats/damage.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

template <typename T>
void put(std::string& text, T value) {
  text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string description(uint8_t type, std::string name) {
  name.resize(16);
  return std::string(1, static_cast<char>(type)) + name + std::string(1024, '\0');
}

// Two samples of an image and a label, and bytes of text; the second one's bytes lie first.
std::string beton() {
  constexpr uint64_t k_records = 24 + 3 * 1041, k_record = 40, k_pages = 4096;
  const std::string second = "JPEG two.second", first = "JPEG one!first text";
  std::string file;
  put<uint16_t>(file, 2), put<uint16_t>(file, 3), put<uint32_t>(file, 4096);
  put<uint64_t>(file, 2), put<uint64_t>(file, k_pages + second.size() + first.size());
  file += description(2, "image") + description(1, "label") + description(3, "text");
  const auto record = [&](uint64_t at, uint64_t image_bytes, int64_t label, uint64_t text_bytes) {
    put<uint8_t>(file, 0), put<uint16_t>(file, 30), put<uint16_t>(file, 20);
    put<uint64_t>(file, at);
    file.append(3, '\0');
    put<int64_t>(file, label);
    put<uint64_t>(file, at + image_bytes), put<uint64_t>(file, text_bytes);
  };
  record(k_pages + second.size(), 9, -1, 10);
  record(k_pages, 9, 5, 6);
  EXPECT_EQ(file.size(), k_records + 2 * k_record);
  file.resize(k_pages);
  file += second + first;
  for (const auto [id, at, size] :
       {std::array<uint64_t, 3>{1, 0, 9}, {1, 9, 6}, {0, 15, 9}, {0, 24, 10}}) {
    put<uint64_t>(file, id), put<uint64_t>(file, k_pages + at), put<uint64_t>(file, size);
  }
  return file;
}

TEST(Beton, fields_are_read_in_place_in_the_order_of_samples) {
  const std::string file = beton();
  const auto [samples, failure] = scan_all(k_beton_format, bytes_of(file));
  ASSERT_FALSE(failure) << failure->what;
  ASSERT_EQ(samples.size(), 2U);
  const auto text = [&](size_t sample, size_t field) {
    const FieldExtent& extent = samples[sample].fields[field].second;
    return file.substr(extent.offset_bytes, extent.length_bytes);
  };
  EXPECT_EQ(text(0, 0), "JPEG one!");
  EXPECT_EQ(text(0, 2), "first text");
  EXPECT_EQ(static_cast<int64_t>(samples[0].fields[1].second.offset_bytes), -1);
  EXPECT_EQ(text(1, 0), "JPEG two.");
  EXPECT_EQ(text(1, 2), "second");
  EXPECT_EQ(recognize(memory_source(bytes_of(file))), &k_beton_format);
  const auto from = k_beton_format.scan(memory_source(bytes_of(file)), {.sample_index = 1});
  EXPECT_EQ((**from->next()).fields, samples[1].fields);
}

TEST(Beton, a_flipped_bit_is_found_or_changes_a_field_its_name_or_a_number_alone) {
  const std::string file = beton();
  const Flips flips = flip_each_bit(
      file, [](std::span<const std::byte> bytes) { return content_of(k_beton_format, bytes); });
  constexpr size_t k_labels[] = {3147 + 16, 3147 + 40 + 16};
  for (const size_t at : flips.silent_at) {
    const bool is_described = at >= 24 && at < 3147 && (at - 24) % 1041 <= 16;  // type and name
    const bool is_label = std::ranges::any_of(
        k_labels, [&](size_t label) { return at >= label && at < label + sizeof(int64_t); });
    const bool is_length = at >= 4130 && (at - 4130) % 24 == 16;  // of an image, said only there
    EXPECT_TRUE(is_described || is_label || is_length || (at >= 4096 && at < 4130)) << at;
  }
  EXPECT_GT(flips.noticed_count, 600U) << "pointers and allocations must fit each other";
}

TEST(Beton, a_file_cut_at_any_byte_is_a_failure) {
  const std::string file = beton();
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_TRUE(scan_all(k_beton_format, bytes_of(file.substr(0, size))).failure) << size;
  }
}

TEST(Beton, numbers_that_lead_outside_are_refused) {
  const auto failure_with = [](size_t at, uint64_t value) {
    std::string file = beton();
    std::memcpy(file.data() + at, &value, sizeof value);
    const auto failure = scan_all(k_beton_format, bytes_of(file)).failure;
    return failure ? failure->what : std::string("none");
  };
  EXPECT_THAT(failure_with(8, UINT64_MAX), HasSubstr("samples leave the file"));
  EXPECT_THAT(failure_with(16, UINT64_MAX), HasSubstr("table of allocations"));
  EXPECT_THAT(failure_with(beton().size() - 16, UINT64_MAX), HasSubstr("leaves the pages"));
  EXPECT_THAT(failure_with(beton().size() - 8, UINT64_MAX), HasSubstr("leaves the pages"));
  EXPECT_THAT(failure_with(24 + 3 * 1041 + 5, 17), HasSubstr("points to byte 17"));
}

}  // namespace
}  // namespace headrace::formats
