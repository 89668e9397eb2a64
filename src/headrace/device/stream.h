// Work in order on a device, and marks in it that other streams and threads wait for.
// Thread safety: a stream has one thread that adds to it; events may be looked at by any. What
// cannot be told to the driver throws Error, unless it says noexcept.
#pragma once

#include "headrace/device/device.h"

namespace headrace::device {

class Event {
 public:
  enum class Kind { untimed, timed };
  explicit Event(const Device& device, Kind kind = Kind::untimed);
  ~Event();
  Event(Event&& other) noexcept;
  void record(shim::CuStream stream);
  int try_record(shim::CuStream stream) noexcept;  // the driver's code
  bool has_passed() const;                         // true before the first record, too
  void wait() const;                               // this thread sleeps
  double seconds_since(const Event& earlier) const;
  shim::CuEvent handle() const { return handle_; }

 private:
  const Device* device_;
  shim::CuEvent handle_ = nullptr;
};

class Stream {
 public:
  explicit Stream(const Device& device);
  ~Stream();  // waits for its work, or for the driver to say that the device is lost
  Stream(Stream&&) = delete;
  shim::CuStream handle() const { return handle_; }
  void wait_for(const Event& event);  // on the device: this thread goes on
  void synchronize();

 private:
  const Device& device_;
  shim::CuStream handle_ = nullptr;
};

}  // namespace headrace::device
