// Inside the handler: only what signal-safety(7) allows, no allocation, no lock.
#include "headrace/cli/bus_fault.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "headrace/cli/exit_codes.h"

namespace headrace::cli {
namespace {

// /proc/self/maps, a line at a time.
class Maps {
 public:
  Maps() : fd_(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC)) {}

  bool next_line() {
    size_bytes_ = 0;
    char letter = 0;
    while (take(letter) && letter != '\n') {
      if (size_bytes_ + 1 < line_.size()) line_[size_bytes_++] = letter;
    }
    line_[size_bytes_] = '\0';
    return size_bytes_ > 0;
  }
  // "7f12a000-7f12b000 r--s ... /path": whether the address lies between the two.
  bool holds(uint64_t address) const {
    const char* text = line_.data();
    const uint64_t begin = hexadecimal(text);
    if (*text != '-') return false;
    const uint64_t end = hexadecimal(++text);
    return begin <= address && address < end;
  }
  const char* path() const {
    const char* slash = std::strchr(line_.data(), '/');
    return slash == nullptr ? "a mapped file" : slash;
  }

 private:
  static uint64_t hexadecimal(const char*& text) {
    uint64_t value = 0;
    for (;; ++text) {
      if (*text >= '0' && *text <= '9') {
        value = value << 4 | static_cast<uint64_t>(*text - '0');
      } else if (*text >= 'a' && *text <= 'f') {
        value = value << 4 | static_cast<uint64_t>(*text - 'a' + 10);
      } else {
        return value;
      }
    }
  }
  bool take(char& letter) {
    if (place_ == filled_) {
      const ssize_t count = ::read(fd_, buffer_.data(), buffer_.size());
      if (count <= 0) return false;
      filled_ = static_cast<size_t>(count);
      place_ = 0;
    }
    letter = buffer_[place_++];
    return true;
  }

  int fd_;
  std::array<char, 4096> buffer_;
  size_t place_ = 0, filled_ = 0;
  std::array<char, 4608> line_;
  size_t size_bytes_ = 0;
};

void say(const char* text) {
  if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

void on_bus_fault(int, siginfo_t* fault, void*) {
  Maps maps;
  const char* path = "a mapped file";
  while (maps.next_line()) {
    if (!maps.holds(reinterpret_cast<uint64_t>(fault->si_addr))) continue;
    path = maps.path();
    break;
  }
  say("headrace: cannot read ");
  say(path);
  say(": it was cut short while in use, or its device failed; hint: see dmesg, and run headrace "
      "verify on the data set\n");
  ::_exit(k_exit_failed);
}

}  // namespace

void report_bus_faults() {
  struct sigaction action = {};
  if (::sigaction(SIGBUS, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action = {};
  action.sa_sigaction = on_bus_fault;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace headrace::cli
