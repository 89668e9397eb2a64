// Numbers of the whole to numbers of a part, and what does not fit together.
#include "headrace/formats/joined_dataset.h"

#include <algorithm>
#include <array>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/base/hash.h"

namespace headrace::formats {
namespace {

[[noreturn]] void refuse(const Dataset& part, std::string cause, std::string hint) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot join data sets",
               .object = part.file(0).path,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

std::string text_of(const std::optional<TokenFacts>& facts) {
  if (!facts) return "no tokens";
  return fmt::format("{} tokens of {} {} bytes a sample", facts->sequence_tokens,
                     facts->is_signed ? "signed" : "unsigned", facts->token_bytes);
}

void refuse_double(const Dataset& part, const std::vector<std::unique_ptr<Dataset>>& before) {
  for (const auto& other : before) {
    if (other->file(0).path != part.file(0).path) continue;
    refuse(part, "it is in two of the data sets", "name each of them once");
  }
}

}  // namespace

std::unique_ptr<Dataset> open_all(const std::vector<std::string>& paths,
                                  const OpenOptions& options) {
  if (paths.size() < 2) return Dataset::open(paths.empty() ? "" : paths.front(), options);
  std::vector<std::unique_ptr<Dataset>> parts;
  for (const std::string& path : paths) {
    auto part = Dataset::open(path, options);
    refuse_double(*part, parts);
    parts.push_back(std::move(part));
  }
  return std::make_unique<JoinedDataset>(std::move(parts));
}

JoinedDataset::JoinedDataset(std::vector<std::unique_ptr<Dataset>> parts, Copies copies)
    : parts_(std::move(parts)), copies_(copies) {
  HR_CHECK(!parts_.empty());
  for (const auto& part : parts_) {
    check_fit(*part);
    first_samples_.push_back(first_samples_.back() + part->sample_count());
    first_files_.push_back(first_files_.back() + part->file_count());
    if (format_.find(part->format()) == std::string::npos) {
      format_ += (format_.empty() ? "" : " and ") + part->format();
    }
  }
  join_names();
}

void JoinedDataset::check_fit(const Dataset& part) const {
  const Dataset& first = *parts_.front();
  if (part.tokens() != first.tokens() || part.in_pieces() != first.in_pieces()) {
    refuse(
        part,
        fmt::format("it has {}, the first has {}", text_of(part.tokens()), text_of(first.tokens())),
        "one job takes one kind of sample");
  }
  const std::vector<std::string> here = part.class_names(), there = first.class_names();
  const auto [mine, its] = std::ranges::mismatch(here, there);
  if (mine == here.end() && its == there.end()) return;
  const auto name = [](const auto& at, const auto& names) {
    return at == names.end() ? std::string("no class") : fmt::format("\"{}\"", *at);
  };
  if (here.empty() || there.empty()) return;  // shards need not say what their numbers mean
  refuse(part,
         fmt::format("class {} is {} here and {} in the first", mine - here.begin(),
                     name(mine, here), name(its, there)),
         "give all the same class folders, or pack each with labels that agree");
}

void JoinedDataset::join_names() {
  for (const auto& part : parts_) {
    names_.insert(names_.end(), part->field_names().begin(), part->field_names().end());
  }
  std::ranges::sort(names_);
  const auto doubles = std::ranges::unique(names_);
  names_.erase(doubles.begin(), doubles.end());
  field_places_.resize(parts_.size());
  for (size_t index = 0; index < parts_.size(); ++index) {
    const std::vector<std::string>& own = parts_[index]->field_names();
    if (own == names_) continue;
    for (const std::string& name : names_) {
      const auto at = std::ranges::find(own, name);
      field_places_[index].push_back(at == own.end() ? Location::k_no_place
                                                     : static_cast<uint16_t>(at - own.begin()));
    }
  }
}

// Parts without samples or files are passed over: the last that begins there holds it.
JoinedDataset::Place JoinedDataset::place_in(const std::vector<uint64_t>& firsts, uint64_t index) {
  HR_CHECK(index < firsts.back(), "{} of {}", index, firsts.back());
  const auto part_index =
      static_cast<size_t>(std::ranges::upper_bound(firsts, index) - firsts.begin()) - 1;
  return {part_index, index - firsts[part_index]};
}

FileInfo JoinedDataset::file(uint64_t file_index) const {
  const Place place = place_in(first_files_, file_index);
  return parts_[place.part_index]->file(place.index);
}

Location JoinedDataset::locate(uint64_t sample_id) const {
  const Place place = place_in(first_samples_, sample_id);
  return of_part(place.part_index, parts_[place.part_index]->locate(place.index));
}

Location JoinedDataset::of_part(size_t part_index, Location location) const {
  location.file_index += static_cast<uint32_t>(first_files_[part_index]);
  location.places = field_places_[part_index];
  return location;
}

// Each part's samples together, so that a part can fetch its records side by side.
void JoinedDataset::locate_all(std::span<const uint64_t> sample_ids,
                               std::span<Location> locations) const {
  constexpr size_t k_together = 64;
  std::array<uint64_t, k_together> ids;
  std::array<size_t, k_together> rows;
  std::array<Location, k_together> found;
  for (size_t part_index = 0; part_index < parts_.size(); ++part_index) {
    const uint64_t first = first_samples_[part_index];
    const uint64_t count = first_samples_[part_index + 1] - first;
    size_t taken = 0;
    for (size_t row = 0; row <= sample_ids.size(); ++row) {
      if (taken == k_together || (row == sample_ids.size() && taken > 0)) {
        parts_[part_index]->locate_all(std::span(ids).first(taken), found);
        for (size_t i = 0; i < taken; ++i) locations[rows[i]] = of_part(part_index, found[i]);
        taken = 0;
      }
      if (row == sample_ids.size() || sample_ids[row] - first >= count) continue;
      ids[taken] = sample_ids[row] - first;
      rows[taken++] = row;
    }
  }
}

uint32_t JoinedDataset::file_of_pieces(uint64_t sample_id) const {
  const Place place = place_in(first_samples_, sample_id);
  return static_cast<uint32_t>(first_files_[place.part_index]) +
         parts_[place.part_index]->file_of_pieces(place.index);
}

void JoinedDataset::append_pieces(uint64_t sample_id, std::vector<FieldExtent>& pieces) const {
  const Place place = place_in(first_samples_, sample_id);
  parts_[place.part_index]->append_pieces(place.index, pieces);
}

std::string JoinedDataset::key(uint64_t sample_id) const {
  const Place place = place_in(first_samples_, sample_id);
  return parts_[place.part_index]->key(place.index);
}

std::string JoinedDataset::origin(uint64_t sample_id) const {
  const Place place = place_in(first_samples_, sample_id);
  return parts_[place.part_index]->origin(place.index);
}

uint64_t JoinedDataset::size_bytes() const {
  uint64_t size_bytes = 0;
  for (const auto& part : parts_) size_bytes += part->size_bytes();
  return size_bytes;
}

uint64_t JoinedDataset::fingerprint() const {
  uint64_t hash = parts_.size();
  for (const auto& part : parts_) hash = mix64(hash, part->fingerprint());
  return hash;
}

uint64_t JoinedDataset::first_sample(uint64_t file_index) const {
  if (file_index == file_count()) return sample_count();
  const Place place = place_in(first_files_, file_index);
  return first_samples_[place.part_index] + parts_[place.part_index]->first_sample(place.index);
}

std::vector<std::string> JoinedDataset::notes() const {
  std::vector<std::string> notes;
  for (const auto& part : parts_) {
    for (std::string& note : part->notes()) notes.push_back(std::move(note));
  }
  return notes;
}

std::vector<std::string> JoinedDataset::class_names() const {
  for (const auto& part : parts_) {
    if (auto names = part->class_names(); !names.empty()) return names;
  }
  return {};
}

}  // namespace headrace::formats
