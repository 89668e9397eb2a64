// Looking symbols up.
#include "headrace/shim/sqlite.h"

#include <fmt/format.h>

namespace headrace::shim {

std::expected<std::unique_ptr<Sqlite>, std::string> Sqlite::open(const std::string& library) {
  constexpr const char* k_how_to_get_sqlite = "on Debian: apt-get install libsqlite3-0";
  auto opened = Library::open(library);
  if (!opened) return std::unexpected(fmt::format("{}; {}", opened.error(), k_how_to_get_sqlite));
  std::unique_ptr<Sqlite> made(new Sqlite(std::move(*opened)));
  const Library& from = made->library_;
  const bool whole =
      from.find("sqlite3_open_v2", made->connect) &&
      from.find("sqlite3_close_v2", made->disconnect) &&
      from.find("sqlite3_deserialize", made->deserialize) &&
      from.find("sqlite3_prepare_v2", made->prepare) && from.find("sqlite3_step", made->step) &&
      from.find("sqlite3_finalize", made->finalize) && from.find("sqlite3_errmsg", made->message) &&
      from.find("sqlite3_column_count", made->column_count) &&
      from.find("sqlite3_column_name", made->column_name) &&
      from.find("sqlite3_column_type", made->column_type) &&
      from.find("sqlite3_column_int64", made->column_integer) &&
      from.find("sqlite3_column_double", made->column_float) &&
      from.find("sqlite3_column_blob", made->column_blob) &&
      from.find("sqlite3_column_bytes", made->column_bytes);
  if (!whole) {
    return std::unexpected(
        fmt::format("{} lacks calls of SQLite 3.23 or later; {}", library, k_how_to_get_sqlite));
  }
  return made;
}

}  // namespace headrace::shim
