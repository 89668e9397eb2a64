// By simdjson's tree of a line, which checks all of it and runs on the best instructions that the
// processor has; its on-demand reader is bound to those that we are compiled for.
#include "headrace/formats/jsonl.h"

#include <algorithm>
#include <cstring>

#include "headrace/codec/codec.h"
#include "headrace/formats/index.h"

namespace headrace::formats {
namespace {

namespace dom = simdjson::dom;

constexpr size_t k_json_piece_bytes = size_t{1} << 20;
constexpr size_t k_json_block_bytes = size_t{4} << 20;
constexpr size_t k_line_limit_bytes = size_t{1} << 30;
constexpr unsigned k_json_depth_limit = 8;  // of objects within objects; deeper ones stay text
constexpr std::string_view k_blanks = " \t\r";

bool is_jsonl_name(std::string_view name) {
  name = codec::packed_name(name).name;
  return name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

// Its first line is an object, as far as a look at it says.
bool begins_as_jsonl(const ByteSource& source) {
  std::array<std::byte, 4096> bytes;
  const auto got = open_stream(source)->read(bytes);
  if (!got) return false;
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), *got);
  const size_t end = text.find('\n');
  text = text.substr(0, end);
  const size_t first = text.find_first_not_of(k_blanks);
  if (first == std::string_view::npos || text[first] != '{') return false;
  const size_t last = text.find_last_not_of(k_blanks);
  return end == std::string_view::npos ? text.find('"') != std::string_view::npos
                                       : text[last] == '}';
}

std::unique_ptr<RecordReader> unpack_jsonl(ByteSource source) {
  return std::make_unique<JsonLines>(std::move(source));
}

std::unique_ptr<RecordParts> parts_of_jsonl(ByteSource source) {
  return std::make_unique<JsonBlocks>(std::move(source));
}

}  // namespace

const ShardFormat k_jsonl_format = {.name = "jsonl",
                                    .suffix = ".jsonl",
                                    .has_name = is_jsonl_name,
                                    .begins = begins_as_jsonl,
                                    .scan = nullptr,
                                    .unpack = unpack_jsonl,
                                    .parts = parts_of_jsonl};

std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> JsonLines::next() {
  while (true) {
    const auto line = next_line();
    if (!line) return std::unexpected(line.error());
    if (!*line) return std::nullopt;
    if ((*line)->find_first_not_of(k_blanks) == std::string_view::npos) continue;
    kept_.clear();
    fields_.clear();
    auto taken = take_line(**line);
    if (taken) taken = sort_fields();
    if (taken) return fields_;
    return std::unexpected(
        ScanFailure{fmt::format("line {}: {}", line_number_, taken.error()), line_offset_bytes_});
  }
}

std::expected<std::optional<std::string_view>, ScanFailure> JsonLines::next_line() {
  while (true) {
    const char* text = reinterpret_cast<const char*>(buffer_.data());
    const auto* found = static_cast<const char*>(
        end_ > searched_ ? std::memchr(text + searched_, '\n', end_ - searched_) : nullptr);
    searched_ = end_;
    if (found == nullptr) {
      const auto filled = fill();
      if (!filled) return std::unexpected(filled.error());
      if (*filled) continue;
      if (begin_ == end_) return std::nullopt;
    }
    const size_t line_begin = begin_;
    const size_t line_end = found != nullptr ? static_cast<size_t>(found - text) : end_;
    begin_ = found != nullptr ? line_end + 1 : end_;
    searched_ = begin_;
    line_offset_bytes_ = next_offset_bytes_;
    next_offset_bytes_ += begin_ - line_begin;
    std::string_view line(text + line_begin, line_end - line_begin);
    if (++line_number_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    return line;
  }
}

std::expected<bool, ScanFailure> JsonLines::fill() {
  if (at_end_) return false;
  if (end_ - begin_ > k_line_limit_bytes) {
    return std::unexpected(
        ScanFailure{fmt::format("line {} has over {} bytes", line_number_ + 1, k_line_limit_bytes),
                    next_offset_bytes_});
  }
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    searched_ -= begin_;
    begin_ = 0;
  }
  const size_t wanted = std::max(2 * end_, k_json_piece_bytes) + simdjson::SIMDJSON_PADDING;
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  const auto room =
      std::span(buffer_).subspan(end_, buffer_.size() - simdjson::SIMDJSON_PADDING - end_);
  const auto moved = stream_->read(room);
  if (!moved) return std::unexpected(moved.error());
  end_ += *moved;
  at_end_ = *moved == 0;
  return !at_end_;
}

JsonLines::Done JsonLines::take_line(std::string_view line) {
  dom::element element;
  if (const auto error = parser_.parse(line.data(), line.size(), false).get(element)) {
    return std::unexpected(std::string(simdjson::error_message(error)));
  }
  dom::object object;
  if (element.get(object)) return std::unexpected("it is no object, { ... }");
  return take_object(object, "", 0);
}

JsonLines::Done JsonLines::take_object(dom::object object, const std::string& prefix,
                                       unsigned depth) {
  for (const auto& [key, value] : object) {
    const std::string_view name = prefix.empty() ? key : kept(prefix + std::string(key));
    if (name.empty() || name.size() > k_field_name_limit_bytes || name.contains('\0')) {
      return std::unexpected(fmt::format("a name of {} bytes is no field's", name.size()));
    }
    if (value.is_object() && depth < k_json_depth_limit) {
      auto taken = take_object(dom::object(value), std::string(name) + ".", depth + 1);
      if (!taken) return taken;
    } else if (!value.is_null()) {
      fields_.push_back({name, std::as_bytes(std::span(text_of_value(value)))});
    }
  }
  return {};
}

std::string_view JsonLines::text_of_value(dom::element value) {
  switch (value.type()) {
    case dom::element_type::STRING:
      return std::string_view(value);
    case dom::element_type::INT64:
      return kept(std::to_string(int64_t{value}));
    case dom::element_type::UINT64:
      return kept(std::to_string(uint64_t{value}));
    case dom::element_type::DOUBLE:
      return kept(fmt::format("{}", double{value}));
    case dom::element_type::BOOL:
      return bool{value} ? "1" : "0";
    default:
      return kept(simdjson::minify(value));
  }
}

JsonLines::Done JsonLines::sort_fields() {
  if (!std::ranges::is_sorted(fields_, {}, &FieldBytes::name)) {
    std::ranges::sort(fields_, {}, &FieldBytes::name);
  }
  const auto twice = std::ranges::adjacent_find(fields_, {}, &FieldBytes::name);
  if (twice == fields_.end()) return {};
  return std::unexpected(fmt::format("field {} is there twice", twice->name));
}

uint64_t JsonBlocks::part_bytes() const { return 4 * k_json_block_bytes; }

std::expected<std::unique_ptr<RecordReader>, ScanFailure> JsonBlocks::next_part() {
  JsonLines::Block block{.is_first = std::exchange(is_first_, false)};
  if (auto filled = fill(block); !filled) return std::unexpected(filled.error());
  if (block.size_bytes == 0) return nullptr;
  return std::make_unique<JsonLines>(std::move(block));
}

// To behind the last line's end that is in it; longer lines make a longer block.
std::expected<void, ScanFailure> JsonBlocks::fill(JsonLines::Block& block) {
  std::vector<std::byte>& bytes = block.bytes;
  bytes = std::move(begun_);
  begun_.clear();
  size_t filled = bytes.size();
  while (!at_end_) {
    bytes.resize(std::max(2 * filled, k_json_block_bytes) + simdjson::SIMDJSON_PADDING);
    while (!at_end_ && filled + simdjson::SIMDJSON_PADDING < bytes.size()) {
      const auto room = std::span(bytes).subspan(filled);
      const auto moved = stream_->read(room.first(room.size() - simdjson::SIMDJSON_PADDING));
      if (!moved) return std::unexpected(moved.error());
      filled += *moved;
      at_end_ = *moved == 0;
    }
    const auto* last = static_cast<const std::byte*>(::memrchr(bytes.data(), '\n', filled));
    if (at_end_ || last == nullptr) {
      if (filled <= k_line_limit_bytes) continue;
      return std::unexpected(ScanFailure{"a line is too long", stream_->at_bytes()});
    }
    block.size_bytes = static_cast<size_t>(last - bytes.data()) + 1;
    begun_.assign(last + 1, std::as_const(bytes).data() + filled);
    return {};
  }
  block.size_bytes = filled;
  bytes.resize(filled + simdjson::SIMDJSON_PADDING);
  return {};
}

}  // namespace headrace::formats
