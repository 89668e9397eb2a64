// The one exception: a run that cannot go on, said as what, where, why and what next.
// Thread safety: a value. Bugs use HR_CHECK (check.h); outcomes that the caller chooses on use
// std::expected.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>

namespace headrace {

enum class Code {
  invalid_argument,
  not_found,
  corrupt,
  io,
  no_space,
  exists,
  unsupported,
  interrupted
};

// The parts of an Error. `action` is a verb phrase ("cannot read shard"), `object` a path, URI or
// key.
struct ErrorParts {
  Code code = Code::io;
  std::string action = {};
  std::string object = {};
  std::optional<uint64_t> offset_bytes = {};
  std::string cause = {};
  std::string hint = {};
};

class Error : public std::exception {
 public:
  explicit Error(ErrorParts parts);
  const char* what() const noexcept override { return text_.c_str(); }
  Code code() const { return parts_.code; }
  const ErrorParts& parts() const { return parts_; }

 private:
  ErrorParts parts_;
  std::string text_;  // "cannot read x.tar at byte 512: checksum differs; hint: headrace verify x"
};

// The code that an errno stands for, and its text without a trailing period.
Code code_of_errno(int error_number);
std::string text_of_errno(int error_number);
// Throws Error with the errno's code and text as the cause, and a hint where the errno has a usual
// remedy.
[[noreturn]] void throw_errno(int error_number, std::string action, std::string object,
                              std::optional<uint64_t> offset_bytes = std::nullopt);
const char* name_of(Code code);

}  // namespace headrace
