// SQLite files as record stores: the rows of the file's only table, by libsqlite3 (shim/sqlite.h).
// Layout: docs/formats/sqlite.md. Thread safety: one owner. Memory: SQLite's page cache and a row.
// Invariants: 1. nothing is written, no code of the file's schema is run; 2. rows come in the order
// of their ids; 3. a file that SQLite's own check finds damaged gives none.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/shard_format.h"
#include "headrace/shim/sqlite.h"

namespace headrace::formats {

extern const ShardFormat k_sqlite_format;  // "sqlite"

class SqliteRows final : public RecordReader {
 public:
  explicit SqliteRows(ByteSource source) : source_(std::move(source)) {}
  ~SqliteRows() override;
  std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override;
  uint64_t at_bytes() const override { return std::min(read_bytes_, source_.size_bytes); }

 private:
  using Done = std::expected<void, ScanFailure>;
  Done open();
  Done check_size();
  Done connect();
  std::expected<std::vector<std::string>, ScanFailure> texts_of(const std::string& query);
  Done prepare(const std::string& query);
  std::expected<bool, ScanFailure> step();  // false behind the last row
  std::span<const std::byte> bytes_of_column(int column, std::string& text);
  std::unexpected<ScanFailure> fail(std::string what) const;

  ByteSource source_;
  std::vector<std::byte> held_;  // a file in memory
  std::unique_ptr<shim::Sqlite> sqlite_;
  sqlite3* connection_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  bool is_open_ = false;
  uint64_t row_count_ = 0;
  uint64_t read_bytes_ = 0;  // of values
  std::vector<std::string> names_;
  std::vector<std::string> texts_;  // of numbers in this row
  std::vector<FieldBytes> fields_;
};

}  // namespace headrace::formats
