// Windows from opening to release.
#include "headrace/loader/window_stream.h"

#include <algorithm>
#include <numeric>

#include "headrace/loader/wanted_bytes.h"

namespace headrace::loader {
namespace {

constexpr size_t k_looked_up_at_once = 256;

}  // namespace

WindowStream::WindowStream(Core& core) : core_(core) {
  for (Window& window : windows_) {
    window.pieces.reserve(core.options.read_count_max / k_window_count);
    window.by_id.reserve(core.options.read_count_max / k_window_count);
    window.waiting.reserve(size_t{core.slots.count()} * core.options.batch_size);
  }
  ids_.reserve(k_looked_up_at_once);
  locations_.resize(k_looked_up_at_once);
}

bool WindowStream::open(const order::EpochOrder& order, uint64_t epoch, uint64_t position) {
  for (Window& window : windows_) {
    if (window.epoch != epoch || window.end <= position) window.passed = true;
  }
  return window_of(epoch, position) != nullptr || start(order, epoch, position);
}

void WindowStream::pass_all() {
  for (Window& window : windows_) window.passed = true;
}

// Not while rows are read one by one: they need room that a window ahead of its turn would take.
void WindowStream::open_next(const order::EpochOrder& order, uint64_t epoch) {
  uint64_t end = 0;
  for (const Window& window : windows_) {
    if (window.in_use && window.epoch == epoch) end = std::max(end, window.end);
    const bool unsent = window.sent_count < window.pieces.size();  // one at a time
    if (window.in_use && !window.passed && (unsent || window.pieces.empty())) return;
  }
  if (end > 0 && end < order.sample_count()) (void)start(order, epoch, end);
}

bool WindowStream::start(const order::EpochOrder& order, uint64_t epoch, uint64_t position) {
  Window* window = free_window();
  if (window == nullptr) return false;
  const auto [begin, end] = order.window_of(position);
  window->in_use = true;
  window->passed = false;
  window->epoch = epoch;
  window->begin = begin;
  window->end = end;
  window->sent_count = window->came_count = 0;
  window->pieces.clear();
  window->by_id.clear();
  cut_pieces(order, *window);
  if (!worth_streaming(*window)) window->pieces.clear();
  window->by_id.resize(window->pieces.size());
  std::iota(window->by_id.begin(), window->by_id.end(), 0U);
  std::ranges::sort(window->by_id, {}, [&](uint32_t i) { return window->pieces[i].first_id; });
  return true;
}

// Neighbors on the store make a piece, up to what one read is worth.
void WindowStream::cut_pieces(const order::EpochOrder& order, Window& window) {
  for (uint64_t place = window.begin; place < window.end;) {
    ids_.clear();
    for (; place < window.end && ids_.size() < k_looked_up_at_once; ++place) {
      ids_.push_back(order.stored_at(place));
    }
    core_.dataset.locate_all(ids_, locations_);
    for (size_t i = 0; i < ids_.size(); ++i) {
      const Span span = wanted_span(core_.plan, locations_[i]);
      if (span.empty()) continue;
      Piece* last = window.pieces.empty() ? nullptr : &window.pieces.back();
      const bool next = last != nullptr && last->file_index == locations_[i].file_index &&
                        last->first_id + last->sample_count == ids_[i];
      Span all = next ? Span{last->offset_bytes, last->offset_bytes + last->length_bytes} : Span{};
      if (next && all.join(span)) {
        ++last->sample_count;
        last->length_bytes = all.end_bytes - all.begin_bytes;
      } else {
        if (window.pieces.size() == window.pieces.capacity()) return window.pieces.clear();
        window.pieces.push_back({.first_id = ids_[i],
                                 .sample_count = 1,
                                 .file_index = locations_[i].file_index,
                                 .offset_bytes = span.begin_bytes,
                                 .length_bytes = span.end_bytes - span.begin_bytes});
      }
    }
  }
}

// Blocks do not wrap, which costs less than the largest of them twice. Other ranks' samples come
// along; that pays while they are no larger than a gap that a read would close.
bool WindowStream::worth_streaming(const Window& window) const {
  constexpr uint64_t k_skew_bytes = 2 * io::k_target_alignment;
  uint64_t total_bytes = 0, largest_bytes = 0;
  for (const Piece& piece : window.pieces) {
    total_bytes += piece.length_bytes + k_skew_bytes;
    largest_bytes = std::max(largest_bytes, piece.length_bytes + k_skew_bytes);
  }
  const uint64_t foreign_bytes =
      total_bytes / (window.end - window.begin) * (core_.options.world_size - 1);
  return total_bytes + 2 * largest_bytes <= core_.buffer.block_bytes_max() &&
         foreign_bytes <= k_gap_bytes_max;
}

const WindowStream::Window* WindowStream::oldest_unsent() const {
  const Window* oldest = nullptr;
  for (const Window& window : windows_) {
    if (!window.in_use || window.sent_count == window.pieces.size()) continue;
    const bool older = oldest == nullptr || std::pair(window.epoch, window.begin) <
                                                std::pair(oldest->epoch, oldest->begin);
    if (older) oldest = &window;
  }
  return oldest;
}

const WindowStream::Piece* WindowStream::next_piece() const {
  const Window* window = oldest_unsent();
  return window == nullptr ? nullptr : &window->pieces[window->sent_count];
}

Entry& WindowStream::send_next(uint32_t block_index) {
  Window& window = windows_[index_of(*oldest_unsent())];
  Piece& piece = window.pieces[window.sent_count++];
  piece.entry_index = block_index;
  Entry& entry = core_.entries[block_index];
  entry = {.window_index = index_of(window),
           .file_index = piece.file_index,
           .offset_bytes = piece.offset_bytes,
           .length_bytes = piece.length_bytes};
  return entry;
}

bool WindowStream::under_way(uint64_t epoch, uint64_t position) const {
  const Window* window = window_of(epoch, position);
  return window != nullptr && window->sent_count == window->pieces.size();
}

std::optional<WindowPlace> WindowStream::find(uint64_t epoch, uint64_t position,
                                              uint64_t sample_id) const {
  const Window* window = window_of(epoch, position);
  if (window == nullptr || window->pieces.empty()) return std::nullopt;
  const auto after = std::ranges::upper_bound(
      window->by_id, sample_id, {}, [&](uint32_t i) { return window->pieces[i].first_id; });
  if (after == window->by_id.begin()) return std::nullopt;
  const Piece& piece = window->pieces[*std::prev(after)];
  if (sample_id - piece.first_id >= piece.sample_count) return std::nullopt;
  return WindowPlace{piece.entry_index, index_of(*window)};
}

void WindowStream::hand_over(uint32_t window_index, uint32_t entry_index,
                             std::vector<uint32_t>& ready) {
  Window& window = windows_[window_index];
  const bool came = window.came_count == window.pieces.size();
  (came ? ready : window.waiting).push_back(entry_index);
}

bool WindowStream::take(uint32_t entry_index, std::vector<uint32_t>& ready) {
  const uint32_t window_index = core_.entries[entry_index].window_index;
  if (window_index == k_no_window) return false;
  Window& window = windows_[window_index];
  if (++window.came_count == window.pieces.size()) {
    ready.insert(ready.end(), window.waiting.begin(), window.waiting.end());
    window.waiting.clear();
  }
  return true;
}

uint64_t WindowStream::release() {
  uint64_t block_count = 0;
  for (Window& window : windows_) {
    const bool done = window.in_use && window.passed && window.came_count == window.sent_count &&
                      window.waiting.empty() &&
                      core_.window_rows[index_of(window)].load(std::memory_order_acquire) == 0;
    if (!done) continue;
    for (const Piece& piece : std::span(window.pieces).first(window.sent_count)) {
      core_.buffer.hand_back(piece.entry_index);
    }
    block_count += window.sent_count;
    window.in_use = false;
  }
  return block_count;
}

const WindowStream::Window* WindowStream::window_of(uint64_t epoch, uint64_t position) const {
  for (const Window& window : windows_) {
    if (window.in_use && window.epoch == epoch && window.begin <= position &&
        position < window.end) {
      return &window;
    }
  }
  return nullptr;
}

WindowStream::Window* WindowStream::free_window() {
  const auto found = std::ranges::find(windows_, false, &Window::in_use);
  return found == windows_.end() ? nullptr : &*found;
}

}  // namespace headrace::loader
