// Buffers that are missing, short or outside; what they say is in arrow_test.
#include "headrace/formats/arrow_batch.h"

#include <gmock/gmock.h>

#include "headrace/base/endian.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/arrow_written.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

// The first record batch of the stream, by its messages.
struct FirstBatch {
  FirstBatch() {
    uint64_t at = 0;
    while (true) {
      const uint64_t size_bytes = load_le<uint32_t>(bytes_of(stream).data() + at + 4);
      metadata = stream.substr(at + 8, size_bytes);
      const auto table = FlatTable::root(bytes_of(metadata));
      body_offset_bytes = at + 8 + size_bytes;
      body_bytes = table->number<uint64_t>(3);
      if (table->number<uint8_t>(1) == 3) return;
      at = body_offset_bytes + body_bytes;
    }
  }
  std::expected<ArrowBatch, ScanFailure> read(std::span<const ArrowField> fields,
                                              uint64_t body_limit_bytes = UINT64_MAX) {
    return read_arrow_batch(memory_source(bytes_of(stream)),
                            {.batch = *FlatTable::root(bytes_of(metadata))->table(2),
                             .body_offset_bytes = body_offset_bytes,
                             .body_bytes = std::min(body_bytes, body_limit_bytes)},
                            fields, {});
  }
  std::string stream = arrow_stream();
  std::string metadata;
  uint64_t body_offset_bytes = 0, body_bytes = 0;
};

const ArrowField k_bytes{.kind = ArrowKind::variable, .width_bytes = 4, .buffer_count = 3};
const ArrowField k_image{.name = "image", .kind = ArrowKind::structure, .buffer_count = 1};

TEST(ArrowBatch, a_schema_that_is_not_the_batchs_is_refused) {
  FirstBatch first;
  EXPECT_THAT(first.read({}).error().what, HasSubstr("more columns"));
  const std::vector<ArrowField> many(9, k_bytes);
  EXPECT_THAT(first.read(many).error().what, HasSubstr("fewer"));
}

TEST(ArrowBatch, buffers_outside_their_message_and_unknown_dictionaries_are_refused) {
  FirstBatch first;
  ArrowField image = k_image;
  image.children = {k_bytes, k_bytes};
  EXPECT_THAT(first.read(std::span(&image, 1), 8).error().what, HasSubstr("leaves its message"));
  const ArrowField number{.name = "n",
                          .kind = ArrowKind::integer,
                          .width_bytes = 1,
                          .buffer_count = 2,
                          .dictionary = 7};
  EXPECT_THAT(first.read(std::span(&number, 1)).error().what, HasSubstr("before its dictionary"));
}

}  // namespace
}  // namespace headrace::formats
