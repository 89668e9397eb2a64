// One pass; a quote within quotes is doubled.
#include "headrace/formats/csv_table.h"

namespace headrace::formats {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  bool at_end() const { return at_ >= text_.size(); }
  size_t at_bytes() const { return at_; }

  std::expected<std::vector<std::string>, ScanFailure> row() {
    const size_t begin = at_;
    std::vector<std::string> cells;
    while (true) {
      auto cell = next_is('"') ? quoted() : plain();
      if (!cell) return std::unexpected(ScanFailure{cell.error(), begin});
      cells.push_back(std::move(*cell));
      if (take(',')) continue;
      take('\r');
      if (at_end() || take('\n')) return cells;
      return std::unexpected(ScanFailure{"there is something behind a closing quote", begin});
    }
  }

 private:
  bool next_is(char letter) const { return !at_end() && text_[at_] == letter; }
  bool take(char letter) {
    if (!next_is(letter)) return false;
    ++at_;
    return true;
  }
  std::expected<std::string, std::string> plain() {
    const size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string cell(text_.substr(at_, end - at_));
    at_ = end;
    return cell;
  }
  std::expected<std::string, std::string> quoted() {
    std::string cell;
    ++at_;
    while (true) {
      const size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return std::unexpected("a quote is not closed");
      cell += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (!take('"')) return cell;
      cell += '"';
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::expected<CsvTable, ScanFailure> parse_csv(std::string_view text) {
  CsvReader reader(text);
  CsvTable table;
  while (!reader.at_end()) {
    const uint64_t begin = reader.at_bytes();
    auto row = reader.row();
    if (!row) return std::unexpected(row.error());
    if (row->size() == 1 && row->front().empty()) continue;  // an empty line
    if (table.names.empty()) {
      table.names = std::move(*row);
      continue;
    }
    if (row->size() != table.names.size()) {
      return std::unexpected(
          ScanFailure{fmt::format("row {} has {} cells for {} columns", table.rows.size() + 1,
                                  row->size(), table.names.size()),
                      begin});
    }
    table.rows.push_back(std::move(*row));
    table.row_offsets_bytes.push_back(begin);
  }
  if (table.names.empty()) return std::unexpected(ScanFailure{"it is empty", 0});
  return table;
}

}  // namespace headrace::formats
