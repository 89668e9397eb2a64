// Reading for a window shuffle as its stores want it: each window's samples lie in a few runs of
// shards, which come in large reads one behind the other; its rows are then made from where they
// landed, in any order. Thread safety: the feeder's own; workers only count down
// Core::window_rows. Invariants: (1) a window's blocks lie in the read buffer from their read to
// the last of its rows; (2) a window is streamed only if it fits into the read buffer, and no read
// waits for room that only its own window can give; (3) rows of a window that is not streamed are
// read one by one.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "headrace/loader/core.h"
#include "headrace/order/epoch_order.h"

namespace headrace::loader {

// Of a row: the entry whose read brings its bytes, and the window that the read belongs to.
struct WindowPlace {
  uint32_t entry_index = 0;
  uint32_t window_index = 0;
};

class WindowStream {
 public:
  // Neighbors on the store that one read brings together.
  struct Piece {
    uint64_t first_id = 0;
    uint64_t sample_count = 0;
    uint32_t file_index = 0;
    uint64_t offset_bytes = 0;
    uint64_t length_bytes = 0;
    uint32_t entry_index = k_no_entry;  // once its read is under way
  };

  explicit WindowStream(Core& core);

  // Makes the window of this position the one to be read, and lets go of those before it. False
  // while it cannot be opened because older ones are still in use.
  bool open(const order::EpochOrder& order, uint64_t epoch, uint64_t position);
  // The same for the window behind the last one, ahead of its turn; where there is none, nothing.
  void open_next(const order::EpochOrder& order, uint64_t epoch);
  // What is to be read next, of the oldest window that has something left; null = nothing.
  const Piece* next_piece() const;
  // Its read is under way, into this block; returns its entry.
  Entry& send_next(uint32_t block_index);
  // No window of before is needed any more.
  void pass_all();
  // Whether all reads of the window of this position are under way or back, or it has none.
  bool under_way(uint64_t epoch, uint64_t position) const;
  std::optional<WindowPlace> find(uint64_t epoch, uint64_t position, uint64_t sample_id) const;

  // Rows of the window go to a worker as `entry_index`: into `ready` at once, or when all of the
  // window has come.
  void hand_over(uint32_t window_index, uint32_t entry_index, std::vector<uint32_t>& ready);
  // The read of an entry has come back. True = it was one of this stream's.
  bool take(uint32_t entry_index, std::vector<uint32_t>& ready);
  // Gives back the blocks of windows that nobody needs any more; how many.
  uint64_t release();

 private:
  struct Window {
    bool in_use = false;
    bool passed = false;  // every row is planned
    uint64_t epoch = 0;
    uint64_t begin = 0, end = 0;  // positions
    size_t sent_count = 0;        // of pieces, in their order on the store
    size_t came_count = 0;
    std::vector<Piece> pieces;      // as read; none: not streamed
    std::vector<uint32_t> by_id;    // of pieces, by first_id
    std::vector<uint32_t> waiting;  // chains of rows
  };

  const Window* window_of(uint64_t epoch, uint64_t position) const;
  Window* free_window();
  const Window* oldest_unsent() const;
  bool start(const order::EpochOrder& order, uint64_t epoch, uint64_t position);
  void cut_pieces(const order::EpochOrder& order, Window& window);
  bool worth_streaming(const Window& window) const;
  uint32_t index_of(const Window& window) const {
    return static_cast<uint32_t>(&window - windows_.data());
  }

  Core& core_;
  std::array<Window, k_window_count> windows_;
  std::vector<uint64_t> ids_;  // of the piece of a window that is being cut
  std::vector<formats::Location> locations_;
};

}  // namespace headrace::loader
