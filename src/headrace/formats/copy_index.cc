// Records mostly have the names of the record before, which is the quick way.
#include "headrace/formats/copy_index.h"

#include <algorithm>

namespace headrace::formats {
namespace {

// Below what any format's scan may refuse.
constexpr size_t k_surely_taken_bytes = k_field_name_limit_bytes - 64;

bool is_surely_taken(std::string_view name) {
  return !name.empty() && name.size() <= k_surely_taken_bytes && !name.contains('\0');
}

// Where each of `names` stands in `all`, which holds them; both are sorted.
std::vector<size_t> places_in(std::span<const std::string> names,
                              std::span<const std::string> all) {
  std::vector<size_t> places;
  for (const std::string& name : names) {
    places.push_back(static_cast<size_t>(std::ranges::lower_bound(all, name) - all.begin()));
  }
  return places;
}

}  // namespace

void RecordPlaces::add(uint64_t record_offset_bytes, std::span<const FieldBytes> fields,
                       std::span<const FieldExtent> extents) {
  if (!usable_) return;
  if (!has_the_names_of(fields) && !take_names(fields)) {
    *this = {};
    usable_ = false;
    return;
  }
  offsets_.push_back(record_offset_bytes);
  size_t next = 0;
  for (const std::string& name : names_) {
    const bool here = next < fields.size() && fields[next].name == name;
    slots_.push_back(here ? extents[next++] : FieldExtent{});
  }
}

bool RecordPlaces::has_the_names_of(std::span<const FieldBytes> fields) const {
  return std::ranges::equal(fields, names_, {}, &FieldBytes::name);
}

bool RecordPlaces::take_names(std::span<const FieldBytes> fields) {
  const auto twice =
      std::ranges::adjacent_find(fields, std::ranges::greater_equal(), &FieldBytes::name);
  if (twice != fields.end()) return false;
  std::vector<std::string> all = names_;
  for (const FieldBytes& field : fields) {
    if (!is_surely_taken(field.name)) return false;
    const auto at = std::ranges::lower_bound(all, field.name);
    if (at == all.end() || *at != field.name) all.emplace(at, field.name);
    if (all.size() > k_field_limit) return false;
  }
  if (all.size() == names_.size()) return true;
  const std::vector<size_t> places = places_in(names_, all);
  std::vector<FieldExtent> slots(offsets_.size() * all.size());
  for (size_t record = 0; record < offsets_.size(); ++record) {
    for (size_t i = 0; i < places.size(); ++i) {
      slots[record * all.size() + places[i]] = slots_[record * places.size() + i];
    }
  }
  slots_ = std::move(slots);
  names_ = std::move(all);
  return true;
}

void CopyIndex::add(const RecordPlaces& places, uint64_t begin_bytes) {
  if (!given_up_ && !writer_ && places.usable_ && !places.offsets_.empty()) {
    names_ = places.names_;
    writer_.emplace(files_, path_, names_);
  }
  if (given_up_ || !places.usable_ || !std::ranges::includes(names_, places.names_)) {
    given_up_ = true;
    writer_.reset();
    return;
  }
  const std::vector<size_t> at = places_in(places.names_, names_);
  std::vector<FieldExtent> slots(names_.size());
  for (size_t record = 0; record < places.offsets_.size(); ++record) {
    std::ranges::fill(slots, FieldExtent{});
    for (size_t i = 0; i < at.size(); ++i) {
      FieldExtent extent = places.slots_[record * at.size() + i];
      if (extent.length_bytes < k_inline) extent.offset_bytes += begin_bytes;
      slots[at[i]] = extent;
    }
    writer_->append(begin_bytes + places.offsets_[record], slots);
  }
}

void CopyIndex::show(uint64_t file_size_bytes) {
  if (!writer_) return;
  writer_->publish({.source_size_bytes = file_size_bytes});
  writer_.reset();
}

}  // namespace headrace::formats
