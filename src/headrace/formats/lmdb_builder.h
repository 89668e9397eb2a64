// For tests: LMDB files of small pages, put together by hand; liblmdb's own are read in
// tests/conformance. Thread safety: values.
#pragma once

#include <cstring>
#include <string>
#include <vector>

namespace headrace::formats {

class LmdbBuilder {
 public:
  static constexpr size_t k_page = 256;

  LmdbBuilder() : file_(2 * k_page, '\0') {}

  struct Record {
    std::string key, value;
    unsigned flags = 0;
  };
  // A leaf, and pages of its own for each value of over 100 bytes. Returns its number.
  uint64_t leaf(const std::vector<Record>& records) {
    std::vector<std::string> nodes;
    for (const Record& record : records) {
      const bool is_big = record.value.size() > 100;
      const uint64_t place = is_big ? overflow(record.value) : 0;
      const std::string inside =
          is_big ? std::string(reinterpret_cast<const char*>(&place), 8) : record.value;
      nodes.push_back(node(static_cast<uint32_t>(record.value.size()),
                           record.flags | (is_big ? 1U : 0U), record.key, inside));
    }
    return page_of(2, nodes);
  }
  uint64_t branch(const std::vector<uint64_t>& children) {
    std::vector<std::string> nodes;
    for (const uint64_t child : children) {
      nodes.push_back(node(static_cast<uint32_t>(child), 0, nodes.empty() ? "" : "k", ""));
    }
    return page_of(1, nodes);
  }
  static std::string tree(uint64_t root, unsigned depth, uint64_t count) {
    std::string record(48, '\0');
    put(record, 6, depth, 2);
    put(record, 32, count, 8);
    put(record, 40, root, 8);
    return record;
  }
  // The second meta page is the newer one; the first says that nothing is there.
  std::string finished(const std::string& main_tree) {
    for (size_t number = 0; number < 2; ++number) {
      std::string meta(k_page, '\0');
      put(meta, 0, number, 8);
      put(meta, 10, 8, 2);
      put(meta, 16, 0xbeefc0de, 4);
      put(meta, 20, 1, 4);
      put(meta, 40, k_page, 4);
      meta.replace(88, 48, number == 1 ? main_tree : tree(~uint64_t{0}, 0, 0));
      put(meta, 144, number, 8);
      file_.replace(number * k_page, k_page, meta);
    }
    return file_;
  }

 private:
  static void put(std::string& bytes, size_t at, uint64_t value, size_t size) {
    std::memcpy(bytes.data() + at, &value, size);
  }
  static std::string node(uint32_t low, unsigned flags, const std::string& key,
                          const std::string& inside) {
    std::string bytes(8, '\0');
    put(bytes, 0, low, 4);
    put(bytes, 4, flags, 2);
    put(bytes, 6, key.size(), 2);
    return bytes + key + inside;
  }
  uint64_t page_of(unsigned flags, const std::vector<std::string>& nodes) {
    std::string page(k_page, '\0');
    const uint64_t number = file_.size() / k_page;
    put(page, 0, number, 8);
    put(page, 10, flags, 2);
    put(page, 12, 16 + 2 * nodes.size(), 2);
    size_t end = k_page;
    for (size_t i = 0; i < nodes.size(); ++i) {
      end -= nodes[i].size();
      page.replace(end, nodes[i].size(), nodes[i]);
      put(page, 16 + 2 * i, end, 2);
    }
    put(page, 14, end, 2);
    file_ += page;
    return number;
  }
  uint64_t overflow(const std::string& value) {
    const uint64_t number = file_.size() / k_page;
    const size_t pages = (16 + value.size() + k_page - 1) / k_page;
    std::string bytes(pages * k_page, '\0');
    put(bytes, 0, number, 8);
    put(bytes, 10, 4, 2);
    put(bytes, 12, pages, 4);
    bytes.replace(16, value.size(), value);
    file_ += bytes;
    return number;
  }

  std::string file_;
};

// Five records in three leaves, one with a value of several pages.
inline std::string small_lmdb() {
  LmdbBuilder builder;
  const uint64_t first = builder.leaf({{"a", "1"}, {"b", std::string(600, 'B')}});
  const uint64_t second = builder.leaf({{"c", ""}});
  const uint64_t third = builder.leaf({{"d", "4"}, {"e", "55"}});
  const uint64_t root = builder.branch({first, second, third});
  return builder.finished(LmdbBuilder::tree(root, 2, 5));
}

}  // namespace headrace::formats
