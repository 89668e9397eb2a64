// Buffers that are missing, short or outside; what they say is in arrow_test.
#include "headrace/formats/arrow_batch.h"

#include <gmock/gmock.h>

#include "headrace/base/endian.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/arrow_written.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

// The first record batch of the stream by its messages, or the first dictionary; and the schema.
struct FirstBatch {
  explicit FirstBatch(bool of_dictionary = false) : is_dictionary(of_dictionary) {
    uint64_t at = 0;
    while (true) {
      const uint64_t size_bytes = load_le<uint32_t>(bytes_of(stream).data() + at + 4);
      metadata = stream.substr(at + 8, size_bytes);
      const auto table = FlatTable::root(bytes_of(metadata));
      body_offset_bytes = at + 8 + size_bytes;
      body_bytes = table->number<uint64_t>(3);
      if (at == 0) schema = *arrow_schema(*table->table(2));
      if (table->number<uint8_t>(1) == (is_dictionary ? 2 : 3)) return;
      at = body_offset_bytes + body_bytes;
    }
  }
  std::expected<ArrowBatch, ScanFailure> read(std::span<const ArrowField> fields,
                                              uint64_t body_limit_bytes = UINT64_MAX,
                                              const ArrowDictionaries& dictionaries = {}) {
    return read_arrow_batch(memory_source(bytes_of(stream)),
                            {.batch = batch(),
                             .body_offset_bytes = body_offset_bytes,
                             .body_bytes = std::min(body_bytes, body_limit_bytes)},
                            fields, dictionaries);
  }
  FlatTable batch() const {
    const auto header = *FlatTable::root(bytes_of(metadata))->table(2);
    return is_dictionary ? *header.table(1) : header;
  }
  std::string stream = arrow_stream();
  ArrowSchema schema;
  bool is_dictionary;
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

TEST(ArrowBatch, a_dictionary_that_is_replaced_is_the_new_one_to_columns_read_before) {
  FirstBatch first, dictionary(true);
  const auto& [number, values] = *first.schema.dictionaries.begin();
  ArrowDictionaries dictionaries;
  dictionaries[number] = *dictionary.read(std::span(&values, 1));
  const auto batch = first.read(first.schema.fields, UINT64_MAX, dictionaries);
  ASSERT_TRUE(batch) << batch.error().what;
  const auto kind = std::ranges::find(batch->columns, "kind", &ArrowColumn::name);
  ASSERT_NE(kind, batch->columns.end());
  EXPECT_EQ(kind->value(0)->length_bytes, 3U) << "cat";
  dictionaries[number] = ArrowBatch{};
  EXPECT_THAT(kind->value(0).error(), HasSubstr("its dictionary has 0 values"));
}

}  // namespace
}  // namespace headrace::formats
