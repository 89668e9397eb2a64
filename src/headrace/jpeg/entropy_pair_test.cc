// Two intervals at once against each alone: the same coefficients, places and refusals, whatever
// their lengths, whatever damage.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <memory>

#include "headrace/base/random.h"
#include "headrace/jpeg/region_decoder.h"
#include "headrace/jpeg/sample_pictures.h"
#include "headrace/jpeg/unstuff.h"

namespace headrace::jpeg {
namespace {

constexpr size_t k_most_mcus = 16;

// One interval of a 4:2:0 picture and what it is decoded into.
struct Subject {
  std::vector<uint8_t> plain;
  size_t size_bytes = 0;
  uint64_t mcu_count = 0;
  std::vector<int16_t> coefficients = std::vector<int16_t>(6 * k_most_mcus * k_block_size, 77);
  std::vector<uint8_t> used_counts = std::vector<uint8_t>(6 * k_most_mcus);
  EntropyState state = {};
  McuLayout layout = {};

  void prepare(const TableCache& tables, const Header& header) {
    state = {};
    state.reader.next = plain.data();
    state.limit = plain.data() + size_bytes;
    layout.block_count = 6;
    for (uint32_t block = 0; block < 6; ++block) {
      const uint32_t component = block < 4 ? 0 : block - 3;
      layout.blocks[block] = {&tables.dc(header.components[component].dc_index),
                              &tables.ac(header.components[component].ac_index),
                              component,
                              1,
                              coefficients.data() + block * k_most_mcus * k_block_size,
                              used_counts.data() + block * k_most_mcus};
    }
  }
  bool operator==(const Subject& other) const {
    return coefficients == other.coefficients && used_counts == other.used_counts &&
           state.unread_bits() == other.state.unread_bits();
  }
};

class EntropyPair : public ::testing::Test {
 protected:
  explicit EntropyPair(uint32_t interval_mcus = 5) {
    const auto bytes =
        make_sample({.width = 401, .height = 160, .restart_interval_mcus = interval_mcus});
    header = parse_header(bytes).value();
    EXPECT_TRUE(tables->load(bytes, header));
    size_t offset = header.scan.offset_bytes;
    while (const auto marker = find_marker(bytes, offset)) {
      const auto coded = std::span(bytes).subspan(offset, *marker - offset);
      Subject subject;
      subject.plain.resize(coded.size() + k_unstuff_slack_bytes + k_entropy_slack_bytes);
      subject.size_bytes = unstuff(coded, subject.plain.data());
      subjects.push_back(subject);
      offset = *marker + 2;
    }
  }

  // Both ways from copies; true when both lanes are sound, their ends included: how far a reader
  // runs over the end before it is stopped depends on its refills.
  bool check(Subject first, Subject second) {
    Subject alone[2] = {first, second};
    bool is_sound = true;
    for (Subject& subject : alone) {
      subject.prepare(*tables, header);
      is_sound &= decode_mcus(subject.state, subject.layout, subject.mcu_count) &&
                  subject.state.unread_bits() >= 0;
    }
    first.prepare(*tables, header);
    second.prepare(*tables, header);
    const bool is_pair_sound = decode_two({&first.state, &first.layout, first.mcu_count},
                                          {&second.state, &second.layout, second.mcu_count}) &&
                               first.state.unread_bits() >= 0 && second.state.unread_bits() >= 0;
    EXPECT_EQ(is_pair_sound, is_sound);
    if (is_sound) {
      EXPECT_TRUE(first == alone[0]);
      EXPECT_TRUE(second == alone[1]);
    }
    return is_sound;
  }

  Header header;
  std::unique_ptr<TableCache> tables = std::make_unique<TableCache>();
  std::vector<Subject> subjects;
};

TEST_F(EntropyPair, equals_each_interval_alone_for_every_pair_of_lengths) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    for (size_t index = 0; index + 1 < subjects.size(); ++index) {
      for (uint64_t lengths = 0; lengths < 25; ++lengths) {
        subjects[index].mcu_count = 1 + lengths / 5;
        subjects[index + 1].mcu_count = 1 + lengths % 5;
        ASSERT_TRUE(check(subjects[index], subjects[index + 1])) << index << " " << lengths;
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST_F(EntropyPair, refuses_what_either_alone_refuses) {
  Draws draws({.seed = 9});
  int sound = 0, refused = 0;
  for (int turn = 0; turn < 4000; ++turn) {
    const auto index = draws.below(static_cast<uint32_t>(subjects.size() - 1));
    Subject first = subjects[index], second = subjects[index + 1];
    first.mcu_count = 1 + draws.below(k_most_mcus);
    second.mcu_count = 1 + draws.below(k_most_mcus);
    for (Subject* damaged : {&first, &second}) {
      for (uint32_t left = draws.below(3); left > 0; --left) {
        const auto place = draws.below(static_cast<uint32_t>(damaged->size_bytes));
        damaged->plain[place] = static_cast<uint8_t>(draws.below(256));
      }
    }
    ++(check(first, second) ? sound : refused);
  }
  EXPECT_GT(sound, 300);
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace headrace::jpeg
