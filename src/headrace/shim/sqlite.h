// SQLite, opened at run time: only files of its format need it. Thread safety: a connection and its
// statements belong to one thread. Invariant: all functions of an opened Sqlite are there.
// https://www.sqlite.org/c3ref/intro.html
#pragma once

#include <cstdint>

#include "headrace/shim/library.h"

struct sqlite3;
struct sqlite3_stmt;

namespace headrace::shim {

class Sqlite {
 public:
  static constexpr int k_ok = 0, k_row = 100, k_done = 101;
  static constexpr int k_integer = 1, k_float = 2, k_text = 3, k_blob = 4, k_null = 5;
  static constexpr int k_read_only = 0x1, k_read_write = 0x2, k_create = 0x4, k_uri = 0x40;

  // The error is one sentence, with how to get it.
  static std::expected<std::unique_ptr<Sqlite>, std::string> open(
      const std::string& library = "libsqlite3.so.0");

  int (*connect)(const char* path, sqlite3**, int flags, const char* vfs) = nullptr;
  int (*disconnect)(sqlite3*) = nullptr;
  int (*deserialize)(sqlite3*, const char* schema, unsigned char*, int64_t size_bytes,
                     int64_t buffer_bytes, unsigned flags) = nullptr;
  int (*prepare)(sqlite3*, const char* text, int text_bytes, sqlite3_stmt**,
                 const char** tail) = nullptr;
  int (*step)(sqlite3_stmt*) = nullptr;
  int (*finalize)(sqlite3_stmt*) = nullptr;
  const char* (*message)(sqlite3*) = nullptr;
  int (*column_count)(sqlite3_stmt*) = nullptr;
  const char* (*column_name)(sqlite3_stmt*, int) = nullptr;
  int (*column_type)(sqlite3_stmt*, int) = nullptr;
  int64_t (*column_integer)(sqlite3_stmt*, int) = nullptr;
  double (*column_float)(sqlite3_stmt*, int) = nullptr;
  const void* (*column_blob)(sqlite3_stmt*, int) = nullptr;  // also of a text
  int (*column_bytes)(sqlite3_stmt*, int) = nullptr;

 private:
  explicit Sqlite(Library library) : library_(std::move(library)) {}
  Library library_;
};

}  // namespace headrace::shim
