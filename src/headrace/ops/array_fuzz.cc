// Arrays of any bytes, as each way of storing them: byte 0 says which, byte 1 what is declared. A
// row that was made is whole: nothing of the one that was there before is left.
#include "headrace/base/check.h"
#include "headrace/ops/array.h"

using namespace headrace;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const codec::Stored stored{
      .elements = static_cast<codec::Elements>(data[0] % 15),
      .is_shaped = (data[0] & 0x80) != 0 && data[0] % 15 > 0 && data[0] % 15 < 12};
  const bool of_strings = (data[1] & 8) != 0;
  ops::ArrayOptions options{
      .type = of_strings ? ops::Type::uint8 : static_cast<ops::Type>(data[1] % 6),
      .shape = {uint64_t{data[1]} / 64 + 1, uint64_t{data[0]} / 64 + 1},
      .of_strings = of_strings,
      .cut = (data[1] & 16) != 0};
  if ((data[1] & 32) != 0) options.length_max = 5;
  const ops::Array op(options);
  const ops::ArrayLength length(options);
  const auto scratch = op.make_scratch();
  const auto bytes = std::as_bytes(std::span(data + 2, size - 2));
  const auto made = [&](std::byte before) {
    std::vector<std::byte> row(op.output().row_bytes(), before);
    if (!op.run(bytes, {.stored = stored}, *scratch, row)) row.clear();
    return row;
  };
  HR_CHECK(made(std::byte{0}) == made(std::byte{0xff}));
  std::vector<std::byte> number(8);
  (void)length.run(bytes, {.stored = stored}, *scratch, number);
  return 0;
}
