// The driver's calls, with their answers looked at.
#include "headrace/device/stream.h"

#include <utility>

namespace headrace::device {

Event::Event(const Device& device, Kind kind) : device_(&device) {
  const Visit visit(device);
  const unsigned flags = kind == Kind::timed ? 1 : shim::k_cu_event_untimed;
  device.check(device.driver().event_create(&handle_, flags), "cannot make an event on");
}

Event::Event(Event&& other) noexcept
    : device_(other.device_), handle_(std::exchange(other.handle_, nullptr)) {}

Event::~Event() {
  if (handle_ != nullptr) device_->driver().event_destroy(handle_);
}

int Event::try_record(shim::CuStream stream) noexcept {
  return device_->driver().event_record(handle_, stream);
}

void Event::record(shim::CuStream stream) {
  device_->check(try_record(stream), "cannot mark the work of");
}

bool Event::has_passed() const {
  const int code = device_->driver().event_query(handle_);
  if (code == shim::k_cu_not_ready) return false;
  device_->check(code, "cannot see how far is");
  return true;
}

void Event::wait() const {
  device_->check(device_->driver().event_synchronize(handle_), "cannot wait for");
}

double Event::seconds_since(const Event& earlier) const {
  float milliseconds = 0;
  device_->check(device_->driver().event_elapsed(&milliseconds, earlier.handle_, handle_),
                 "cannot time the work of");
  return static_cast<double>(milliseconds) / 1e3;
}

Stream::Stream(const Device& device) : device_(device) {
  const Visit visit(device);
  device.check(device.driver().stream_create(&handle_, shim::k_cu_stream_alone),
               "cannot make a stream on");
}

Stream::~Stream() {
  const Visit visit(device_);
  device_.driver().stream_synchronize(handle_);
  device_.driver().stream_destroy(handle_);
}

void Stream::wait_for(const Event& event) {
  device_.check(device_.driver().stream_wait(handle_, event.handle(), 0), "cannot order work on");
}

void Stream::synchronize() {
  device_.check(device_.driver().stream_synchronize(handle_), "cannot finish the work of");
}

}  // namespace headrace::device
