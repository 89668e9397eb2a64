// Error: the sentence it makes, and the remedies that errno values usually have.
#include "headrace/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace headrace {
namespace {

std::string sentence(const ErrorParts& parts) {
  std::string text = parts.action;
  if (!parts.object.empty()) text += " " + parts.object;
  if (parts.offset_bytes) text += fmt::format(" at byte {}", *parts.offset_bytes);
  if (!parts.cause.empty()) text += ": " + parts.cause;
  if (!parts.hint.empty()) text += "; hint: " + parts.hint;
  return text;
}

const char* usual_remedy(int error_number) {
  switch (error_number) {
    case ENOENT:
      return "check the path; relative paths start at the current folder";
    case EACCES:
    case EPERM:
      return "check the owner and mode of the path and its folders";
    case EROFS:
      return "the file system is mounted read-only; choose another place";
    case ENOSPC:
    case EDQUOT:
      return "free space (df -h) or choose another place; what is whole stays";
    case EMFILE:
      return "raise the limit of open files (ulimit -n)";
    case ENOMEM:
      return "lower batch, prefetch or queue depth, or raise ulimit -l";
    case EIO:
      return "the device reports a fault; see dmesg";
    default:
      return "";
  }
}

}  // namespace

Error::Error(ErrorParts parts) : parts_(std::move(parts)), text_(sentence(parts_)) {}

Code code_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Code::not_found;
    case EINVAL:
      return Code::invalid_argument;
    case ENOSPC:
    case EDQUOT:
      return Code::no_space;
    case EEXIST:
      return Code::exists;
    case ENOSYS:
    case EOPNOTSUPP:
      return Code::unsupported;
    case EINTR:
    case ECANCELED:
      return Code::interrupted;
    default:
      return Code::io;
  }
}

std::string text_of_errno(int error_number) {
  return std::generic_category().message(error_number);
}

void throw_errno(int error_number, std::string action, std::string object,
                 std::optional<uint64_t> offset_bytes) {
  throw Error({.code = code_of_errno(error_number),
               .action = std::move(action),
               .object = std::move(object),
               .offset_bytes = offset_bytes,
               .cause = text_of_errno(error_number),
               .hint = usual_remedy(error_number)});
}

const char* name_of(Code code) {
  switch (code) {
    case Code::invalid_argument:
      return "invalid_argument";
    case Code::not_found:
      return "not_found";
    case Code::corrupt:
      return "corrupt";
    case Code::io:
      return "io";
    case Code::no_space:
      return "no_space";
    case Code::exists:
      return "exists";
    case Code::unsupported:
      return "unsupported";
    case Code::interrupted:
      return "interrupted";
  }
  return "unknown";
}

}  // namespace headrace
