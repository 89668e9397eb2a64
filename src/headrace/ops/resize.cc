// The parts of Resizer that are no inner loop.
#include "headrace/ops/resize.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/ops/resize_kernels.h"

namespace headrace::ops {
namespace {

template <typename T>
T* grown(std::vector<T>& scratch, size_t count) {
  if (scratch.size() < count) scratch.resize(count);
  return scratch.data();
}

}  // namespace

void Resizer::prepare(const AxisSpec& columns, const AxisSpec& rows) {
  columns_.build(columns);
  rows_.build(rows);
}

void Resizer::strip(const jpeg::PlaneView& source, uint32_t first_row, const StripView& target) {
  HR_CHECK(source.width == columns_.count() && source.height == rows_.count());
  HR_CHECK(first_row < height() && target.stride_bytes >= width() + k_row_padding_bytes);
  const StripJob job{.columns = columns_,
                     .rows = rows_,
                     .source = source,
                     .first_row = first_row,
                     .columns_scratch = grown(columns_scratch_, columns_scratch_size(source.width)),
                     .turned_scratch = grown(turned_scratch_, turned_scratch_size(source.width)),
                     .target_scratch = grown(target_scratch_, target_scratch_size(width())),
                     .target = target};
  const bool wide = std::max(columns_.taps(), rows_.taps()) > k_kernel_taps;
  wide ? resize_strip_plain(job, true) : resize_strip(job);
}

// Works in 32 bits with the kernels' own weights: 65280 * 65536 and the rounding fit. Not `exact`
// drops of each product what the kernels drop, with the even byte below an odd one as they have it.
void resize_strip_plain(const StripJob& job, bool exact) {
  const uint32_t kept = exact ? 0xffffffff : 0xffff0000;
  const uint32_t row_sum = exact ? 1u << 15 : row_start(job.rows.taps()) << 16;
  const uint32_t column_sum =
      exact ? 1u << 23 : column_start(job.rows.taps(), job.columns.taps()) << 16;
  const uint32_t last_row = job.rows.target() - 1;
  for (uint32_t r = 0; r < k_strip_rows; ++r) {
    const uint32_t row = std::min(job.first_row + r, last_row);
    const uint8_t* top = job.source.data + job.rows.first(row) * job.source.stride_bytes;
    uint16_t* blended = job.columns_scratch;
    for (uint32_t x = 0; x < job.source.width; ++x) {
      const bool odd = !exact && x % 2 == 1;
      uint32_t sum = row_sum;
      for (uint32_t t = 0; t < job.rows.taps(); ++t) {
        const uint8_t* pixel = top + t * job.source.stride_bytes + x;
        const uint32_t value = uint32_t{pixel[0]} << 8 | (odd ? pixel[-1] : 0u);
        sum += value * job.rows.weight(t, row) & kept;
      }
      blended[x] = static_cast<uint16_t>((sum >> 16) - (odd ? blended[x - 1] >> 8 : 0));
    }
    uint8_t* target = job.target.data + r * job.target.stride_bytes;
    for (uint32_t x = 0; x < job.columns.target(); ++x) {
      const uint16_t* left = blended + job.columns.first(x);
      uint32_t sum = column_sum;
      for (uint32_t t = 0; t < job.columns.taps(); ++t)
        sum += uint32_t{left[t]} * job.columns.weight(t, x) & kept;
      target[x] = static_cast<uint8_t>(sum >> 24);
    }
  }
}

}  // namespace headrace::ops
