// What becomes of a sample that cannot be made.
#pragma once

#include <cstdint>

namespace headrace::pipeline {

enum class OnError : uint8_t {
  fail,
  skip
};  // fail: the run ends with its cause; skip: counted, listed, bounded

}  // namespace headrace::pipeline
