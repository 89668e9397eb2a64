// Our own reader of the two-meta-page B+tree, since liblmdb trusts what it maps. Offsets as in
// lmdb.h's MDB_meta, MDB_db, MDB_page and MDB_node on 64-bit little-endian machines.
#include "headrace/formats/lmdb.h"

#include <algorithm>
#include <bit>

#include "headrace/base/endian.h"

namespace headrace::formats {
namespace {

constexpr uint32_t k_lmdb_magic = 0xbeefc0de, k_lmdb_version = 1;
constexpr uint64_t k_page_head_bytes = 16, k_node_head_bytes = 8, k_tree_bytes = 48;
constexpr uint64_t k_meta_bytes = 136;  // behind the page's head
constexpr unsigned k_branch_page = 1, k_leaf_page = 2, k_overflow_page = 4, k_meta_page = 8;
constexpr unsigned k_big_value = 1, k_tree_value = 2, k_many_values = 4;  // of nodes
constexpr unsigned k_tree_depth_max = 32;
constexpr uint64_t k_no_page = UINT64_MAX;

template <typename T>
T at(std::span<const std::byte> bytes, uint64_t offset_bytes) {
  return load_le<T>(bytes.data() + offset_bytes);
}

std::string_view text_at(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_lmdb_name(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  return name.ends_with(".lmdb") || (name.ends_with(".mdb") && name != "lock.mdb");
}

bool begins_as_lmdb(const ByteSource& source) {
  std::array<std::byte, k_page_head_bytes + 8> head{};
  return read_fully(source, head, 0) && (at<uint16_t>(head, 10) & k_meta_page) != 0 &&
         at<uint32_t>(head, k_page_head_bytes) == k_lmdb_magic;
}

std::unique_ptr<SampleScanner> scan_lmdb(ByteSource source, ScanFrom from) {
  return std::make_unique<LmdbRecords>(std::move(source), from);
}

}  // namespace

const ShardFormat k_lmdb_format = {.name = "lmdb",
                                   .suffix = ".lmdb",
                                   .has_name = is_lmdb_name,
                                   .begins = begins_as_lmdb,
                                   .scan = scan_lmdb,
                                   .in_stored_order = false};

LmdbRecords::LmdbRecords(ByteSource source, const ScanFrom& from)
    : source_(std::move(source)), window_(source_, 4096), from_(from) {}

std::expected<std::optional<ScannedSample>, ScanFailure> LmdbRecords::next() {
  if (!is_open_) {
    if (auto opened = open(); !opened) return std::unexpected(opened.error());
  } else if (!path_.empty()) {
    const auto moved = advance();
    if (!moved) return std::unexpected(moved.error());
  }
  if (path_.empty()) {
    if (from_.sample_index > 0 || sample_index_ == tree_.entry_count) return std::nullopt;
    return fail(fmt::format("it has {} records and says {}", sample_index_, tree_.entry_count), 0);
  }
  const auto leaf = node(path_.back(), true);
  if (!leaf) return std::unexpected(leaf.error());
  const uint64_t key_at = leaf->offset_bytes + k_node_head_bytes;
  const auto key = window_.at(key_at, leaf->key_bytes);
  if (!key) return std::unexpected(key.error());
  const bool is_text =
      std::ranges::all_of(text_at(*key), [](char c) { return c > ' ' && c < 127; });
  ScannedSample sample{.key = is_text ? std::string(text_at(*key)) : std::to_string(sample_index_),
                       .record_offset_bytes = leaf->offset_bytes,
                       .fields = {}};
  insert_field(sample, "key", {.offset_bytes = key_at, .length_bytes = leaf->key_bytes});
  const auto value = value_of(*leaf);
  if (!value) return std::unexpected(value.error());
  insert_field(sample, "value", *value);
  if (++sample_index_ <= tree_.entry_count) return sample;
  return fail(fmt::format("it has more than the {} records that it says", tree_.entry_count), 0);
}

std::expected<void, ScanFailure> LmdbRecords::open() {
  is_open_ = true;
  auto tree = newest_tree();
  if (!tree) return std::unexpected(tree.error());
  tree_ = *tree;
  if (tree_.root == k_no_page) return {};
  if (auto begun = descend(tree_.root); !begun) return begun;
  const auto first =
      path_.empty() ? std::expected<Node, ScanFailure>(Node{}) : node(path_.back(), true);
  if (!first) return std::unexpected(first.error());
  if ((first->flags & k_tree_value) != 0) {
    auto named = lone_named_tree(tree_);
    if (!named) return std::unexpected(named.error());
    tree_ = *named;
    path_.clear();
    if (tree_.root == k_no_page) return {};
    if (auto begun = descend(tree_.root); !begun) return begun;
  }
  return from_.sample_index > 0 ? begin_at(from_.record_offset_bytes)
                                : std::expected<void, ScanFailure>();
}

// Of the two meta pages the one that was written last.
std::expected<LmdbRecords::Tree, ScanFailure> LmdbRecords::newest_tree() {
  std::array<std::byte, k_page_head_bytes + k_meta_bytes> meta{}, other{};
  if (!read_fully(source_, meta, 0)) return fail("the file ends within its first page", 0);
  const auto holds = [](std::span<const std::byte> bytes) {
    return (at<uint16_t>(bytes, 10) & k_meta_page) != 0 &&
           at<uint32_t>(bytes, k_page_head_bytes) == k_lmdb_magic &&
           at<uint32_t>(bytes, k_page_head_bytes + 4) == k_lmdb_version;
  };
  if (!holds(meta)) return fail("its first page is no meta page of version 1", 0);
  page_bytes_ = at<uint32_t>(meta, k_page_head_bytes + 24);
  if (!std::has_single_bit(page_bytes_) || page_bytes_ < 256 || page_bytes_ > 65536) {
    return fail(fmt::format("its pages cannot have {} bytes", page_bytes_), 0);
  }
  page_count_ = source_.size_bytes / page_bytes_;
  visits_left_ = 4 * page_count_ + k_tree_depth_max;
  if (!read_fully(source_, other, page_bytes_) || !holds(other) ||
      at<uint32_t>(other, k_page_head_bytes + 24) != page_bytes_) {
    return fail("its second page is no meta page like the first", 1);
  }
  constexpr uint64_t k_transaction_at = k_page_head_bytes + 128;
  const bool is_other =
      at<uint64_t>(other, k_transaction_at) > at<uint64_t>(meta, k_transaction_at);
  const auto main =
      std::span(is_other ? other : meta).subspan(k_page_head_bytes + 24 + k_tree_bytes);
  return Tree{.flags = at<uint16_t>(main, 4),
              .depth = at<uint16_t>(main, 6),
              .entry_count = at<uint64_t>(main, 32),
              .root = at<uint64_t>(main, 40)};
}

// A file whose main tree holds named ones: the only one of them.
std::expected<LmdbRecords::Tree, ScanFailure> LmdbRecords::lone_named_tree(const Tree& main) {
  const auto leaf = node(path_.back(), true);
  if (!leaf) return std::unexpected(leaf.error());
  if (main.entry_count != 1) {
    return fail(fmt::format("it has {} named databases; one is read", main.entry_count),
                path_.back().page);
  }
  if (leaf->value_bytes != k_tree_bytes || (leaf->flags & k_big_value) != 0) {
    return fail("its named database has no record of its tree", path_.back().page);
  }
  const auto bytes =
      window_.at(leaf->offset_bytes + k_node_head_bytes + leaf->key_bytes, k_tree_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  return Tree{.flags = at<uint16_t>(*bytes, 4),
              .depth = at<uint16_t>(*bytes, 6),
              .entry_count = at<uint64_t>(*bytes, 32),
              .root = at<uint64_t>(*bytes, 40)};
}

std::expected<std::span<const std::byte>, ScanFailure> LmdbRecords::page(uint64_t number) {
  if (number < 2 || number >= page_count_) return fail("the file has no such page", number);
  if (visits_left_ == 0) return fail("its tree leads in circles", number);
  --visits_left_;
  auto bytes = window_.at(number * page_bytes_, page_bytes_);
  if (bytes && at<uint64_t>(*bytes, 0) != number) return fail("it is another page", number);
  return bytes;
}

std::expected<LmdbRecords::Step, ScanFailure> LmdbRecords::step_into(uint64_t number,
                                                                     size_t depth) {
  if (tree_.depth == 0 || tree_.depth > k_tree_depth_max || depth > tree_.depth) {
    return fail(fmt::format("its tree cannot be {} pages deep", tree_.depth), number);
  }
  const auto bytes = page(number);
  if (!bytes) return std::unexpected(bytes.error());
  const unsigned wanted = depth == tree_.depth ? k_leaf_page : k_branch_page;
  const uint64_t lower = at<uint16_t>(*bytes, 12), upper = at<uint16_t>(*bytes, 14);
  const bool is_sound = at<uint16_t>(*bytes, 10) == wanted && lower >= k_page_head_bytes &&
                        lower % 2 == 0 && lower <= upper && upper <= page_bytes_;
  if (!is_sound) return fail("its head is not that of a page of the tree", number);
  const size_t count = (lower - k_page_head_bytes) / 2;
  if (count == 0) return fail("it has no nodes", number);
  return Step{.page = number, .node_index = 0, .node_count = count};
}

std::expected<LmdbRecords::Node, ScanFailure> LmdbRecords::node(const Step& step, bool is_leaf) {
  const auto bytes = window_.at(step.page * page_bytes_, page_bytes_);
  if (!bytes) return std::unexpected(bytes.error());
  const uint64_t begin = at<uint16_t>(*bytes, k_page_head_bytes + 2 * step.node_index);
  const uint64_t least = k_page_head_bytes + 2 * step.node_count;
  if (begin < least || begin + k_node_head_bytes > page_bytes_) {
    return fail("a node leaves its page", step.page);
  }
  const uint64_t low = at<uint32_t>(*bytes, begin), flags = at<uint16_t>(*bytes, begin + 4);
  Node found{.offset_bytes = step.page * page_bytes_ + begin,
             .flags = is_leaf ? static_cast<unsigned>(flags) : 0U,
             .child = low | (flags << 32),
             .key_bytes = at<uint16_t>(*bytes, begin + 6),
             .value_bytes = is_leaf ? low : 0};
  const uint64_t inside = (found.flags & k_big_value) != 0 ? 8 : found.value_bytes;
  const uint64_t room = page_bytes_ - begin - k_node_head_bytes;
  if (found.key_bytes > room || inside > room - found.key_bytes) {
    return fail("a node leaves its page", step.page);
  }
  return found;
}

// To the first leaf below.
std::expected<void, ScanFailure> LmdbRecords::descend(uint64_t number) {
  while (true) {
    const auto step = step_into(number, path_.size() + 1);
    if (!step) return std::unexpected(step.error());
    path_.push_back(*step);
    if (path_.size() == tree_.depth) return {};
    const auto branch = node(*step, false);
    if (!branch) return std::unexpected(branch.error());
    number = branch->child;
  }
}

// To the next record; false and an empty path behind the last.
std::expected<bool, ScanFailure> LmdbRecords::advance() {
  while (!path_.empty() && ++path_.back().node_index == path_.back().node_count) path_.pop_back();
  if (path_.empty()) return false;
  if (path_.size() == tree_.depth) return true;
  const auto branch = node(path_.back(), false);
  if (!branch) return std::unexpected(branch.error());
  if (auto down = descend(branch->child); !down) return std::unexpected(down.error());
  return true;
}

// Finds the branches above a leaf without a look at other leaves. False: it is not below `number`.
std::expected<bool, ScanFailure> LmdbRecords::path_to(uint64_t leaf, uint64_t number) {
  const bool is_leaf = path_.size() + 1 == tree_.depth;
  if (is_leaf && number != leaf) return false;
  const auto step = step_into(number, path_.size() + 1);
  if (!step) return std::unexpected(step.error());
  path_.push_back(*step);
  if (is_leaf) return true;
  for (size_t i = 0; i < step->node_count; ++i) {
    path_.back().node_index = i;
    const auto branch = node(path_.back(), false);
    if (!branch) return std::unexpected(branch.error());
    const auto found = path_to(leaf, branch->child);
    if (!found || *found) return found;
  }
  path_.pop_back();
  return false;
}

std::expected<void, ScanFailure> LmdbRecords::begin_at(uint64_t offset_bytes) {
  path_.clear();
  const auto found = path_to(offset_bytes / page_bytes_, tree_.root);
  if (!found) return std::unexpected(found.error());
  for (size_t i = 0; *found && i < path_.back().node_count; ++i) {
    path_.back().node_index = i;
    const auto leaf = node(path_.back(), true);
    if (leaf && leaf->offset_bytes == offset_bytes) {
      sample_index_ = from_.sample_index;
      return {};
    }
  }
  return fail("there is no record", offset_bytes / page_bytes_);
}

// A large value lies in pages of its own.
std::expected<FieldExtent, ScanFailure> LmdbRecords::value_of(const Node& node) {
  const uint64_t page_number = node.offset_bytes / page_bytes_;
  if ((node.flags & (k_tree_value | k_many_values)) != 0) {
    return fail("a key has several values, or a database of its own", page_number);
  }
  const uint64_t inside_at = node.offset_bytes + k_node_head_bytes + node.key_bytes;
  if ((node.flags & k_big_value) == 0) {
    return FieldExtent{.offset_bytes = inside_at, .length_bytes = node.value_bytes};
  }
  std::array<std::byte, 8> said{};
  std::array<std::byte, k_page_head_bytes> head{};
  if (!read_fully(source_, said, inside_at)) return fail("it cannot be read", page_number);
  const auto first = load_le<uint64_t>(said.data());
  const uint64_t pages = (k_page_head_bytes + node.value_bytes + page_bytes_ - 1) / page_bytes_;
  if (first < 2 || first >= page_count_ || pages > page_count_ - first) {
    return fail(fmt::format("a value of {} bytes cannot lie at page {}", node.value_bytes, first),
                page_number);
  }
  if (!read_fully(source_, head, first * page_bytes_)) return fail("it cannot be read", first);
  if (at<uint64_t>(head, 0) != first || at<uint16_t>(head, 10) != k_overflow_page ||
      at<uint32_t>(head, 12) < pages) {
    return fail("its head is not that of a value's page", first);
  }
  return FieldExtent{.offset_bytes = first * page_bytes_ + k_page_head_bytes,
                     .length_bytes = node.value_bytes};
}

LmdbRecords::Failed LmdbRecords::fail(std::string what, uint64_t page_number) const {
  return Failed(ScanFailure{fmt::format("page {}: {}", page_number, what),
                            std::min(page_number, page_count_) * page_bytes_});
}

}  // namespace headrace::formats
