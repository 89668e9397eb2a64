// Events are appended as they come: readers sort them by time.
#include "headrace/observe/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"

namespace headrace::observe {
namespace {

// A lane holds what its thread notes meanwhile at 400,000 spans a second.
constexpr auto k_write_every = std::chrono::milliseconds(20);
constexpr size_t k_flush_bytes = size_t{1} << 20;

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A device or a pipe would be replaced by the file.
const std::string& checked(const TraceOptions& options) {
  const auto found = options.files->stat(options.path);
  if (!found || found->is_regular) return options.path;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot write a trace to",
               .object = options.path,
               .cause = "it is no file",
               .hint = "name a file, as in trace.json"});
}

double microseconds(uint64_t duration_ns) { return static_cast<double>(duration_ns) / 1e3; }

}  // namespace

void TraceLane::add(const TraceSpan& span) noexcept {
  const uint64_t put = put_count_.load(std::memory_order_relaxed);
  if (put - taken_count_.load(std::memory_order_acquire) == k_lane_spans) {
    left_out_count_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  spans_[put % k_lane_spans] = span;
  put_count_.store(put + 1, std::memory_order_release);
}

bool TraceLane::take(TraceSpan& span) noexcept {
  const uint64_t taken = taken_count_.load(std::memory_order_relaxed);
  if (taken == put_count_.load(std::memory_order_acquire)) return false;
  span = spans_[taken % k_lane_spans];
  taken_count_.store(taken + 1, std::memory_order_release);
  return true;
}

Trace::Trace(const TraceOptions& options)
    : options_(options), file_(*options.files, checked(options)) {
  text_.reserve(2 * k_flush_bytes);
  text_ = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  group_of("threads");  // first
  writer_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Trace::~Trace() {
  try {
    end();
  } catch (const Error&) {  // who wants to know of it calls end()
  }
}

void Trace::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    wake_.wait_for(lock, stop, k_write_every, [] { return false; });
    try {
      write_out();
    } catch (const Error&) {  // end() tries again, and says it
      return;
    }
  }
}

Tracer Trace::tracer(const std::string& owner, const TraceTrack& track) {
  const std::scoped_lock lock(mutex_);
  const uint32_t row = track_of(track);
  auto found = std::ranges::find(lanes_, owner, &Owned::owner);
  if (found == lanes_.end()) {
    lanes_.push_back({owner, std::make_unique<TraceLane>()});
    found = std::prev(lanes_.end());
  }
  return {*found->lane, row};
}

uint32_t Trace::group_of(const std::string& name) {
  const auto found = std::ranges::find(groups_, name);
  const auto index = static_cast<uint32_t>(found - groups_.begin());
  if (found != groups_.end()) return index;
  groups_.push_back(name);
  append_name("process_name", name, index, 0);
  text_ += fmt::format(
      "{{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":{},\"args\":{{\"sort_index\":{}}}}},"
      "\n",
      index + 1, index);
  return index;
}

uint32_t Trace::track_of(const TraceTrack& track) {
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return row.track.name == track.name && groups_[row.group] == track.group;
  });
  const auto index = static_cast<uint32_t>(found - rows_.begin());
  if (found != rows_.end()) return index;
  const uint32_t group = group_of(track.group);
  rows_.push_back({.track = track, .group = group});
  append_name("thread_name", track.name, group, index);
  return index;
}

void Trace::append_name(const char* what, const std::string& name, uint32_t group, uint32_t track) {
  text_ += fmt::format(
      "{{\"ph\":\"M\",\"name\":\"{}\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":{}}}}},\n", what,
      group + 1, track + 1, quoted(name));
}

void Trace::write_out() {
  TraceSpan span;
  for (const Owned& owned : lanes_) {
    while (owned.lane->take(span)) append_span(span);
  }
  if (text_.size() >= k_flush_bytes) flush();
}

void Trace::flush() {
  file_.append(std::as_bytes(std::span(text_)));
  text_.clear();
}

void Trace::append_span(const TraceSpan& span) {
  if (file_.size_bytes() + text_.size() > options_.file_bytes_max) {
    ++too_many_count_;
    return;
  }
  const Row& row = rows_[span.track];
  const uint64_t begin_ns = span.begin_ns > begin_ns_ ? span.begin_ns - begin_ns_ : 0;
  const uint64_t length_ns = span.end_ns > span.begin_ns ? span.end_ns - span.begin_ns : 0;
  const auto out = std::back_inserter(text_);
  if (row.track.overlaps) {
    const uint64_t id = ++async_count_;
    fmt::format_to(out,
                   "{{\"ph\":\"b\",\"cat\":\"{0}\",\"name\":\"{0}\",\"pid\":{1},\"tid\":{2},"
                   "\"id\":{3},\"ts\":{4:.3f},\"args\":{{\"{5}\":{6}}}}},\n"
                   "{{\"ph\":\"e\",\"cat\":\"{0}\",\"name\":\"{0}\",\"pid\":{1},\"tid\":{2},"
                   "\"id\":{3},\"ts\":{7:.3f}}},\n",
                   span.name, row.group + 1, span.track + 1, id, microseconds(begin_ns),
                   row.track.counted, span.value, microseconds(begin_ns + length_ns));
    return;
  }
  fmt::format_to(
      out, "{{\"ph\":\"X\",\"name\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{:.3f},\"dur\":{:.3f}",
      span.name, row.group + 1, span.track + 1, microseconds(begin_ns), microseconds(length_ns));
  if (*row.track.counted != '\0') {
    fmt::format_to(out, ",\"args\":{{\"{}\":{}}}", row.track.counted, span.value);
  }
  text_ += "},\n";
}

void Trace::end() {
  writer_.request_stop();
  if (writer_.joinable()) writer_.join();
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    ended_ = true;
    write_out();
  }
  const uint64_t left_out = left_out_count();
  text_ += fmt::format(
      "{{\"ph\":\"M\",\"name\":\"headrace\",\"pid\":1,\"tid\":0,\"args\":{{\"left_out\":{0}}}}}\n"
      "],\"otherData\":{{\"headrace\":{1},\"left_out\":{0}}}}}\n",
      left_out, quoted(options_.version));
  flush();
  file_.publish();
}

uint64_t Trace::left_out_count() const {
  const std::scoped_lock lock(mutex_);
  uint64_t count = too_many_count_;
  for (const Owned& owned : lanes_) count += owned.lane->left_out_count();
  return count;
}

}  // namespace headrace::observe
