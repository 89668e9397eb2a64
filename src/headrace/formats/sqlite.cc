// A file is opened as one that nobody changes, so that no lock and no journal is left beside it.
#include "headrace/formats/sqlite.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "headrace/base/endian.h"
#include "headrace/formats/index.h"

namespace headrace::formats {
namespace {

constexpr std::string_view k_sqlite_magic("SQLite format 3\0", 16);
constexpr uint64_t k_sqlite_memory_limit_bytes = uint64_t{1} << 30;

bool is_sqlite_name(std::string_view name) {
  return name.ends_with(".sqlite") || name.ends_with(".sqlite3");  // not .db: Thumbs.db
}

bool begins_as_sqlite(const ByteSource& source) {
  std::array<std::byte, k_sqlite_magic.size()> head{};
  return read_fully(source, head, 0) &&
         std::memcmp(head.data(), k_sqlite_magic.data(), head.size()) == 0;
}

std::unique_ptr<RecordReader> unpack_sqlite(ByteSource source) {
  return std::make_unique<SqliteRows>(std::move(source));
}

std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char letter : path) {
    const bool is_plain = letter != '?' && letter != '#' && letter != '%';
    uri += is_plain ? std::string(1, letter) : fmt::format("%{:02x}", letter);
  }
  return uri + "?mode=ro&immutable=1";
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char letter : name) text += letter == '"' ? "\"\"" : std::string(1, letter);
  return text + "\"";
}

}  // namespace

const ShardFormat k_sqlite_format = {.name = "sqlite",
                                     .suffix = ".sqlite",
                                     .has_name = is_sqlite_name,
                                     .begins = begins_as_sqlite,
                                     .scan = nullptr,
                                     .unpack = unpack_sqlite};

SqliteRows::~SqliteRows() {
  if (statement_ != nullptr) sqlite_->finalize(statement_);
  if (connection_ != nullptr) sqlite_->disconnect(connection_);
}

std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> SqliteRows::next() {
  if (!is_open_) {
    if (auto opened = open(); !opened) return std::unexpected(opened.error());
  }
  const auto moved = step();
  if (!moved) return std::unexpected(moved.error());
  if (!*moved) return std::nullopt;
  fields_.clear();
  texts_.assign(names_.size(), {});
  for (size_t i = 0; i < names_.size(); ++i) {
    const int column = static_cast<int>(i);
    if (sqlite_->column_type(statement_, column) == shim::Sqlite::k_null) continue;
    fields_.push_back({names_[i], bytes_of_column(column, texts_[i])});
    read_bytes_ += fields_.back().bytes.size();
  }
  std::ranges::sort(fields_, {}, &FieldBytes::name);
  ++row_count_;
  return fields_;
}

SqliteRows::Done SqliteRows::open() {
  is_open_ = true;
  auto sqlite = shim::Sqlite::open();
  if (!sqlite) return fail("reading it takes SQLite's library: " + sqlite.error());
  sqlite_ = std::move(*sqlite);
  if (auto whole = check_size(); !whole) return whole;
  if (auto connected = connect(); !connected) return connected;
  for (const char* pragma : {"pragma trusted_schema = off", "pragma cell_size_check = on"}) {
    if (auto set = texts_of(pragma); !set) return std::unexpected(set.error());
  }
  const auto check = texts_of("pragma quick_check(1)");
  if (!check) return std::unexpected(check.error());
  if (*check != std::vector<std::string>{"ok"}) {
    return fail(fmt::format("it is damaged: {}", fmt::join(*check, "; ")));
  }
  const auto tables = texts_of(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape "
      "'\\' and sql not like 'create virtual%'");
  if (!tables) return std::unexpected(tables.error());
  if (tables->size() != 1) {
    return fail(fmt::format("it has {} tables ({}); of one, the rows are samples", tables->size(),
                            fmt::join(*tables, ", ")));
  }
  // Without it, an index that holds all columns would give rows in its own order.
  if (auto made = prepare("select * from " + quoted(tables->front()) + " not indexed"); !made) {
    return made;
  }
  for (int i = 0; i < sqlite_->column_count(statement_); ++i) {
    names_.emplace_back(sqlite_->column_name(statement_, i));
    const std::string& name = names_.back();
    if (name.empty() || name.size() > k_field_name_limit_bytes) {
      return fail(fmt::format("a column's name of {} bytes is no field's", name.size()));
    }
  }
  if (names_.size() <= k_field_limit) return {};
  return fail(fmt::format("it has {} columns; {} are read", names_.size(), k_field_limit));
}

// SQLite takes pages behind the end for empty ones.
SqliteRows::Done SqliteRows::check_size() {
  std::array<std::byte, 32> head{};
  if (auto read = read_fully(source_, head, 0); !read) return read;
  const uint64_t said = __builtin_bswap16(load_le<uint16_t>(head.data() + 16));
  const uint64_t page_bytes = said == 1 ? 65536 : said;
  const uint64_t page_count = __builtin_bswap32(load_le<uint32_t>(head.data() + 28));
  if (page_count * page_bytes <= source_.size_bytes) return {};
  return fail(fmt::format("it is cut short: it has {} bytes, and {} pages of {} by its head",
                          source_.size_bytes, page_count, page_bytes));
}

SqliteRows::Done SqliteRows::connect() {
  constexpr int k_flags = shim::Sqlite::k_read_only | shim::Sqlite::k_uri;
  constexpr unsigned k_not_changed = 4;
  if (source_.files != nullptr) {
    for (const char* ending : {"-wal", "-journal"}) {
      const auto stat = source_.files->stat(source_.path + ending);
      if (!stat || stat->size_bytes == 0) continue;
      return fail(
          fmt::format("what was written last lies in {}{}; open it with sqlite3 once, and "
                      "close it",
                      source_.path, ending));
    }
    const std::string uri = uri_of(source_.path);
    if (sqlite_->connect(uri.c_str(), &connection_, k_flags, nullptr) == shim::Sqlite::k_ok) {
      return {};
    }
    return fail("it cannot be opened");
  }
  if (source_.size_bytes > k_sqlite_memory_limit_bytes) return fail("it is too large for memory");
  held_.resize(source_.size_bytes);
  if (auto read = read_fully(source_, held_, 0); !read) return read;
  const auto size_bytes = static_cast<int64_t>(held_.size());
  auto* bytes = reinterpret_cast<unsigned char*>(held_.data());
  const int in_memory = shim::Sqlite::k_read_write | shim::Sqlite::k_create;
  if (sqlite_->connect(":memory:", &connection_, in_memory, nullptr) == shim::Sqlite::k_ok &&
      sqlite_->deserialize(connection_, "main", bytes, size_bytes, size_bytes, k_not_changed) ==
          shim::Sqlite::k_ok) {
    return {};
  }
  return fail("it cannot be opened");
}

std::expected<std::vector<std::string>, ScanFailure> SqliteRows::texts_of(
    const std::string& query) {
  if (auto made = prepare(query); !made) return std::unexpected(made.error());
  std::vector<std::string> texts;
  while (true) {
    const auto moved = step();
    if (!moved) return std::unexpected(moved.error());
    if (!*moved) return texts;
    std::string number;
    const auto bytes = bytes_of_column(0, number);
    texts.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
}

SqliteRows::Done SqliteRows::prepare(const std::string& query) {
  if (statement_ != nullptr) sqlite_->finalize(std::exchange(statement_, nullptr));
  if (sqlite_->prepare(connection_, query.c_str(), -1, &statement_, nullptr) ==
      shim::Sqlite::k_ok) {
    return {};
  }
  return fail(sqlite_->message(connection_));
}

std::expected<bool, ScanFailure> SqliteRows::step() {
  const int stepped = sqlite_->step(statement_);
  if (stepped == shim::Sqlite::k_row) return true;
  if (stepped == shim::Sqlite::k_done) return false;
  return fail(sqlite_->message(connection_));
}

std::span<const std::byte> SqliteRows::bytes_of_column(int column, std::string& text) {
  const int type = sqlite_->column_type(statement_, column);
  if (type == shim::Sqlite::k_integer) {
    text = std::to_string(sqlite_->column_integer(statement_, column));
    return std::as_bytes(std::span(text));
  }
  if (type == shim::Sqlite::k_float) {
    text = fmt::format("{}", sqlite_->column_float(statement_, column));
    return std::as_bytes(std::span(text));
  }
  const auto* bytes = static_cast<const std::byte*>(sqlite_->column_blob(statement_, column));
  return {bytes, static_cast<size_t>(sqlite_->column_bytes(statement_, column))};
}

std::unexpected<ScanFailure> SqliteRows::fail(std::string what) const {
  return std::unexpected(
      ScanFailure{fmt::format("after row {}: {}", row_count_, what), at_bytes()});
}

}  // namespace headrace::formats
