// The schema that pyarrow wrote, and its flipped bits; all types are in tests/conformance.
#include "headrace/formats/arrow_schema.h"

#include <gtest/gtest.h>

#include "headrace/base/endian.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/arrow_written.h"

namespace headrace::formats {
namespace {

// The metadata of a stream's first message.
std::string schema_bytes() {
  const std::string stream = arrow_stream();
  return stream.substr(8, load_le<uint32_t>(bytes_of(stream).data() + 4));
}

std::expected<ArrowSchema, std::string> schema_of(std::span<const std::byte> bytes) {
  const auto message = FlatTable::root(bytes);
  const auto header = message ? message->table(2) : std::nullopt;
  if (!header) return std::unexpected("no header");
  return arrow_schema(*header);
}

TEST(ArrowSchema, columns_are_a_tree_and_dictionaries_stand_apart) {
  const std::string bytes = schema_bytes();
  const auto schema = schema_of(bytes_of(bytes));
  ASSERT_TRUE(schema) << schema.error();
  ASSERT_EQ(schema->fields.size(), 4U);
  EXPECT_EQ(schema->fields[0].kind, ArrowKind::structure);
  EXPECT_EQ(schema->fields[0].children.at(1).name, "path");
  EXPECT_EQ(schema->fields[1].width_bytes, 1U);
  EXPECT_TRUE(schema->fields[1].is_signed);
  EXPECT_EQ(schema->fields[2].children.at(0).width_bytes, 2U);
  ASSERT_TRUE(schema->fields[3].dictionary);
  EXPECT_EQ(schema->dictionaries.at(*schema->fields[3].dictionary).kind, ArrowKind::variable);
}

TEST(ArrowSchema, any_byte_may_be_any_other) {
  const std::string bytes = schema_bytes();
  size_t refused_count = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[at] = value;
      refused_count += schema_of(bytes_of(changed)) ? 0 : 1;
    }
    (void)schema_of(bytes_of(bytes).first(at));
  }
  EXPECT_GT(refused_count, 20U);
}

}  // namespace
}  // namespace headrace::formats
