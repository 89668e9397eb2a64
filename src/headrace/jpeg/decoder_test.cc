// The face that operators use, on made pictures and, where there are some, on photographs.
#include "headrace/jpeg/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "headrace/base/files.h"
#include "headrace/base/random.h"
#include "headrace/jpeg/recode.h"
#include "headrace/jpeg/sample_pictures.h"

namespace headrace::jpeg {
namespace {

// Random boxes of one file against the plain full decode; "" when all are equal.
std::string check(Decoder& decoder, std::span<const std::byte> bytes, int box_count) {
  const auto header = parse_header(bytes);
  if (!header.has_value()) return header.error().what;
  const Oracle oracle = decode_whole(bytes);
  if (!oracle.whole()) return "the plain decoder refuses it";
  Draws draws({.seed = bytes.size()});
  Box box{0, 0, header->width, header->height};
  for (int turn = 0; turn < box_count; ++turn) {
    const auto view = decoder.decode(bytes, *header, box, 1);
    if (!view.has_value()) return view.error().what;
    if (view->width() != box.width || view->height() != box.height) return "size differs";
    if (const auto text = difference(*view, oracle, box.x, box.y); !text.empty()) return text;
    box = random_box(draws, header->width, header->height);
  }
  return "";
}

TEST(Decoder, gives_the_pixels_of_a_full_decode_for_every_kind_of_picture) {
  Decoder decoder;
  for (const SampleOptions& options : all_samples()) {
    EXPECT_EQ(check(decoder, make_sample(options), 8), "") << name_of(options);
  }
}

TEST(Decoder, gives_the_same_pixels_before_and_after_recoding) {
  Decoder decoder;
  for (const SampleOptions& options : all_samples()) {
    const auto recoded = recode(make_sample(options));
    if (!recoded.has_value()) continue;
    EXPECT_EQ(check(decoder, *recoded, 8), "") << name_of(options);
  }
}

TEST(Decoder, refuses_a_file_cut_off_anywhere_behind_its_header) {
  Decoder decoder;
  const auto plain = make_sample({.width = 40, .height = 24});
  const auto recoded = recode(plain);
  ASSERT_TRUE(recoded.has_value());
  for (const auto& bytes : {plain, *recoded}) {
    const auto header = parse_header(bytes);
    for (uint64_t end = header->scan.offset_bytes; end < bytes.size(); ++end) {
      const auto cut = std::span(bytes).first(end);
      for (const Box& box : {Box{0, 0, 40, 24}, Box{0, 0, 1, 1}}) {
        EXPECT_FALSE(decoder.decode(cut, *header, box, 1).has_value()) << end;
      }
    }
  }
}

TEST(Decoder, agrees_with_the_plain_decoder_or_refuses_after_any_flipped_bit) {
  Decoder decoder;
  const auto good = make_sample({.width = 40, .height = 24, .restart_interval_mcus = 1});
  for (size_t at = 2; at < good.size(); ++at) {
    auto bytes = good;
    bytes[at] ^= std::byte{0x41};
    const auto header = parse_header(bytes);
    if (!header.has_value() || header->width > 200 || header->height > 200) continue;
    const auto view = decoder.decode(bytes, *header, {0, 0, header->width, header->height}, 1);
    if (!view.has_value()) continue;
    const Oracle oracle = decode_whole(bytes);
    if (!oracle.whole()) continue;
    ASSERT_EQ(difference(*view, oracle, 0, 0), "") << "byte " << at;
  }
}

TEST(Decoder, scales_by_the_denominator) {
  Decoder decoder;
  const auto bytes = make_sample({.width = 500, .height = 375});
  const auto header = parse_header(bytes);
  for (const uint32_t by : {2u, 4u, 8u}) {
    const auto view = decoder.decode(bytes, *header, {100, 50, 301, 200}, by);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(difference(*view, decode_whole(bytes, by), 100 / by, 50 / by), "");
  }
}

std::filesystem::path photos_folder() {
  if (const char* named = std::getenv("HEADRACE_PHOTOS")) return named;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "/" : home) / ".cache/headrace/photos-v1";
}

constexpr size_t k_photo_count = 60;
constexpr uint64_t k_photo_limit_bytes = 64 << 20;

std::vector<std::string> some_photos() {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(photos_folder(), ignored)) {
    const auto extension = entry.path().extension();
    if (extension == ".jpg" || extension == ".jpeg") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> chosen;
  const size_t step = std::max<size_t>(1, paths.size() / k_photo_count);
  for (size_t index = 0; index < paths.size(); index += step) chosen.push_back(paths[index]);
  return chosen;
}

TEST(Decoder, gives_the_pixels_of_a_full_decode_of_photographs_plain_and_recoded) {
  const auto paths = some_photos();
  if (paths.empty()) GTEST_SKIP() << "no photographs in " << photos_folder();
  Decoder decoder;
  for (const std::string& path : paths) {
    const auto bytes = read_file(real_files(), path, k_photo_limit_bytes);
    EXPECT_EQ(check(decoder, bytes, 3), "") << path;
    const auto recoded = recode(bytes);
    if (recoded.has_value()) {
      EXPECT_EQ(check(decoder, *recoded, 3), "") << path;
    }
  }
}

}  // namespace
}  // namespace headrace::jpeg
