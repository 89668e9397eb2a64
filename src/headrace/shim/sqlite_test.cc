// The system's libsqlite3 by its symbols, and what is said without it.
#include "headrace/shim/sqlite.h"

#include <gtest/gtest.h>

namespace headrace::shim {
namespace {

TEST(Sqlite, opens_and_answers) {
  const auto sqlite = Sqlite::open();
  ASSERT_TRUE(sqlite) << sqlite.error();
  sqlite3* connection = nullptr;
  ASSERT_EQ(
      (*sqlite)->connect(":memory:", &connection, Sqlite::k_read_write | Sqlite::k_create, nullptr),
      Sqlite::k_ok);
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ((*sqlite)->prepare(connection, "select 6 * 7", -1, &statement, nullptr), Sqlite::k_ok);
  ASSERT_EQ((*sqlite)->step(statement), Sqlite::k_row);
  EXPECT_EQ((*sqlite)->column_integer(statement, 0), 42);
  (*sqlite)->finalize(statement);
  (*sqlite)->disconnect(connection);
}

TEST(Sqlite, says_how_to_get_a_library_that_is_not_there_or_is_another) {
  EXPECT_NE(Sqlite::open("libnowhere.so").error().find("apt-get install"), std::string::npos);
  EXPECT_NE(Sqlite::open("libc.so.6").error().find("lacks calls"), std::string::npos);
}

}  // namespace
}  // namespace headrace::shim
