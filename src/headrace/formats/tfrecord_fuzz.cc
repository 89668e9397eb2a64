// Any bytes as TFRecord: the scan ends, and what it gives lies within the bytes. Checksums are
// mended, which chance would never do, so that the records behind them are reached.
#include "headrace/base/crc32c.h"
#include "headrace/formats/scan_all.h"
#include "headrace/formats/tf_example.h"
#include "headrace/formats/tfrecord.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)formats::scan_all(formats::k_tfrecord_format, bytes);
  formats::ScannedSample sample;
  (void)formats::add_features(bytes, 0, sample);
  std::vector<std::byte> record(12);
  const uint64_t length = size;
  std::memcpy(record.data(), &length, 8);
  const uint32_t head_sum = masked_crc32c(crc32c(std::span(record).first(8)));
  std::memcpy(record.data() + 8, &head_sum, 4);
  record.insert(record.end(), bytes.begin(), bytes.end());
  const uint32_t sum = masked_crc32c(crc32c(bytes));
  const auto tail = std::as_bytes(std::span(&sum, 1));
  record.insert(record.end(), tail.begin(), tail.end());
  (void)formats::scan_all(formats::k_tfrecord_format, record);
  return 0;
}
