// Sizes and names of element types.
#include "headrace/ops/op.h"

namespace headrace::ops {

size_t size_of(Type type) {
  switch (type) {
    case Type::uint8:
      return 1;
    case Type::float16:
    case Type::bfloat16:
      return 2;
    case Type::int32:
    case Type::float32:
      return 4;
    case Type::int64:
      return 8;
  }
  return 0;
}

const char* name_of(Type type) {
  switch (type) {
    case Type::uint8:
      return "uint8";
    case Type::int32:
      return "int32";
    case Type::int64:
      return "int64";
    case Type::float16:
      return "float16";
    case Type::bfloat16:
      return "bfloat16";
    case Type::float32:
      return "float32";
  }
  return "unknown";
}

const char* numpy_name_of(Type type) {
  switch (type) {
    case Type::uint8:
      return "|u1";
    case Type::int32:
      return "<i4";
    case Type::int64:
      return "<i8";
    case Type::float16:
      return "<f2";
    case Type::float32:
      return "<f4";
    case Type::bfloat16:
      break;
  }
  return nullptr;
}

size_t TensorSpec::row_bytes() const {
  size_t size_bytes = size_of(type);
  for (const uint64_t length : shape) size_bytes *= length;
  return size_bytes;
}

}  // namespace headrace::ops
