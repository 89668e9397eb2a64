// libFuzzer: any bytes through the image operator. The first byte chooses the crop and the type.
#include <cstdlib>

#include "headrace/ops/image.h"

namespace {

using namespace headrace;
using namespace headrace::ops;

struct Subject {
  explicit Subject(uint8_t choice)
      : op({.crop = static_cast<Crop>(choice % 3),
            .shorter = 40,
            .flip_probability = 0.5,
            .decode = (choice & 32) != 0 ? Decode::fast : Decode::exact,
            .dct_scaling = (choice & 4) != 0,
            .limit_pixels = 1 << 20,
            .format = {.width = 37,
                       .height = 24,
                       .layout = (choice & 8) != 0 ? Layout::chw : Layout::hwc,
                       .type = (choice & 16) != 0 ? Type::uint8 : Type::float16}}),
        scratch(op.make_scratch()),
        row(op.output().row_bytes()) {}
  Image op;
  std::unique_ptr<Scratch> scratch;
  std::vector<std::byte> row;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Subject subject(data[0]);
  const auto bytes = std::as_bytes(std::span(data, size).subspan(1));
  (void)subject.op.run(bytes, {.draw = {.seed = size}}, *subject.scratch, subject.row);
  return 0;
}
