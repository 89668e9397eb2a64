// Rows of files that SQLite itself makes, what is refused, and damage.
#include "headrace/formats/sqlite.h"

#include <gmock/gmock.h>

#include "headrace/formats/damage.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

std::string file_of(const std::vector<std::string>& statements) {
  const TempFolder folder;
  const std::string path = folder.path() + "/a.sqlite";
  const auto sqlite = shim::Sqlite::open().value();
  sqlite3* connection = nullptr;
  sqlite->connect(path.c_str(), &connection, shim::Sqlite::k_read_write | shim::Sqlite::k_create,
                  nullptr);
  for (const std::string& text : statements) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite->prepare(connection, text.c_str(), -1, &statement, nullptr), 0) << text;
    while (sqlite->step(statement) == shim::Sqlite::k_row) {
    }
    sqlite->finalize(statement);
  }
  sqlite->disconnect(connection);
  const auto bytes = read_file(real_files(), path, 1 << 24);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const std::vector<std::string> k_three_rows = {
    "pragma page_size = 512", "create table t(jpg blob, label integer, txt text, score real)",
    "insert into t values(x'ffd800', -2, 'one', 0.5), (zeroblob(700), 7, null, -1e300)",
    "insert into t values(x'', null, '', 3.0)", "create index i on t(label, jpg, txt, score)"};

std::optional<std::string> read_sqlite(std::span<const std::byte> bytes) {
  return content_of(k_sqlite_format, bytes);
}

std::string why_refused(const std::string& file) {
  SqliteRows rows(memory_source(bytes_of(file)));
  while (true) {
    const auto row = rows.next();
    if (!row) return row.error().what;
    if (!*row) return "";
  }
}

TEST(SqliteRows, columns_are_fields_in_the_order_of_rows) {
  const std::string file = file_of(k_three_rows);
  EXPECT_EQ(recognize(memory_source(bytes_of(file))), &k_sqlite_format);
  EXPECT_EQ(named_format("a.sqlite3"), &k_sqlite_format);
  EXPECT_EQ(read_sqlite(bytes_of(file)),
            std::string("sample\njpg:\xff\xd8\0label:-2score:0.5txt:one", 38) + "sample\njpg:" +
                std::string(700, '\0') + "label:7score:-1e+300" + "sample\njpg:score:3txt:");
}

TEST(SqliteRows, none_or_several_tables_and_what_lies_in_a_journal_are_refused) {
  EXPECT_THAT(why_refused(file_of({"create table a(x)", "create table b(x)"})),
              HasSubstr("2 tables (a, b)"));
  EXPECT_THAT(why_refused(file_of({"create view v as select 1"})), HasSubstr("0 tables"));
  const TempFolder folder;
  const std::string path = folder.path() + "/odd ?#%.sqlite", file = file_of(k_three_rows);
  write_text(path, file);
  ByteSource source = memory_source(bytes_of(file));
  source.files = &real_files();
  source.path = path;
  SqliteRows whole(source);
  EXPECT_EQ(content_of(whole), read_sqlite(bytes_of(file)));
  write_text(path + "-wal", "x");
  EXPECT_THAT(SqliteRows(source).next().error().what, HasSubstr("-wal"));
}

TEST(SqliteRows, damage_is_told_but_within_a_value_or_a_columns_name_and_no_row_is_lost) {
  const std::string file =
      file_of({"pragma page_size = 512", "create table t(b blob, i integer)",
               "insert into t values(x'ffd8', 300), (zeroblob(600), 7), (x'01', -1)"});
  EXPECT_EQ(file.size(), 3U * 512);
  std::vector<std::string> lost_rows;
  const Flips flips = flip_each_byte(file, {0x01, 0x41}, [&](std::span<const std::byte> bytes) {
    const auto content = read_sqlite(bytes);
    size_t rows = 0;
    for (size_t at = 0; content && (at = content->find("sample\n", at)) != std::string::npos;
         ++at) {
      ++rows;
    }
    if (content && rows != 3) lost_rows.push_back(*content);
    return content;
  });
  EXPECT_GT(flips.noticed_count, 200U) << "it has no checksums";
  // The last bytes of the first page name and type the columns; rows end the second, and the third
  // holds the rest of the long one.
  for (const size_t at : flips.silent_at) EXPECT_TRUE((at > 490 && at < 512) || at > 900) << at;
  EXPECT_THAT(lost_rows, testing::IsEmpty());
  EXPECT_EQ(unnoticed_cuts(file, read_sqlite), 0U);
}

}  // namespace
}  // namespace headrace::formats
