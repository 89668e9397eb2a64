// The feeder's side of a window shuffle: windows opened ahead of their rows, their reads sent as
// there is room, rows made from where the bytes landed.
#include "headrace/loader/feeder.h"

namespace headrace::loader {

// Sees to it that the reads of the next row's window are under way; false while they are not.
bool Feeder::open_window(const Slot& slot) {
  const uint64_t position = position_of(slot, next_row_);
  if (position >= core_.dataset.sample_count()) {  // padding, from a window long gone
    stream_->pass_all();
    return true;
  }
  if (!window_order_ || window_epoch_ != slot.epoch) {
    window_order_.emplace(source_.order_of(slot.epoch));
    window_epoch_ = slot.epoch;
  }
  if (!stream_->open(*window_order_, slot.epoch, position)) {
    reclaim();  // what was just let go of may make room
    if (!stream_->open(*window_order_, slot.epoch, position)) return false;
  }
  if (stream_->under_way(slot.epoch, position)) return true;
  reclaim();
  send_window();
  return stream_->under_way(slot.epoch, position);
}

uint64_t Feeder::position_of(const Slot& slot, uint32_t row) const {
  return slot.first_position + row * core_.options.world_size;
}

std::optional<WindowPlace> Feeder::find_in_window(const Slot& slot, uint32_t row) const {
  return stream_->find(slot.epoch, position_of(slot, row), slot.ids[row]);
}

bool Feeder::plan_scattered_run(WindowPlace place) {
  Slot& slot = core_.slots.at(slot_index_);
  const uint32_t end_row = run_end(slot);
  const uint32_t first_row = next_row_;
  const uint32_t window_index = place.window_index;
  slot.sources[next_row_++] = place.entry_index;
  for (; next_row_ < end_row; ++next_row_) {
    const auto next = find_in_window(slot, next_row_);
    if (!next || next->window_index != window_index) break;
    slot.sources[next_row_] = next->entry_index;
  }
  const uint32_t entry_index = core_.run_entry(slot_index_, first_row);
  core_.entries[entry_index] = {.slot_index = slot_index_,
                                .first_row = first_row,
                                .row_count = next_row_ - first_row,
                                .window_index = window_index,
                                .scattered = true};
  core_.window_rows[window_index].fetch_add(next_row_ - first_row);
  stream_->hand_over(window_index, entry_index, ready_);
  return true;
}

// As many of the windows' reads as there is room for.
void Feeder::send_window() {
  while (reads_.has_room()) {
    const WindowStream::Piece* piece = stream_->next_piece();
    if (piece == nullptr) return;
    const auto file = open(piece->file_index);
    const size_t target_bytes =
        file ? io::target_bytes_for(**file, piece->offset_bytes, piece->length_bytes) : 1;
    const auto block = core_.buffer.take(target_bytes);
    if (!block) {
      if (file) files_.release(piece->file_index);
      return;
    }
    ++taken_count_;
    Entry& entry = stream_->send_next(block->index);
    if (file) {
      send(entry, *block, **file);
    } else {
      entry.result = -file.error();
      stream_->take(block->index, ready_);
    }
  }
}

}  // namespace headrace::loader
