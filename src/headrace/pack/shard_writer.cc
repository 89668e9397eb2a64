// Formats other than tar: the index is made by scanning what was written, as a reader would.
#include "headrace/pack/shard_writer.h"

#include "headrace/base/check.h"
#include "headrace/formats/shard_index.h"
#include "headrace/pack/shard_file.h"
#include "headrace/pack/tar_shard_writer.h"

namespace headrace::pack {
namespace {

class EncodedShardWriter final : public ShardWriter {
 public:
  EncodedShardWriter(Files& files, const std::string& path, const formats::ShardFormat& format)
      : files_(files),
        path_(path),
        format_(format),
        file_(files, path),
        encoder_(format.encode([this](std::span<const std::byte> bytes) { file_.append(bytes); })) {
  }

  void add(const std::string&, const std::vector<SourceField>& fields) override {
    views_.clear();
    for (const SourceField& field : fields) {
      views_.push_back({.name = field.name, .bytes = field.bytes});
    }
    encoder_->append(views_);
  }
  uint64_t size_bytes() const override { return encoder_->size_bytes(); }

  WrittenShard finish(uint64_t stamp) override {
    encoder_->finish();
    const uint64_t checksum = file_.publish();
    const formats::ShardPlace place{.path = path_,
                                    .stat = {.size_bytes = encoder_->size_bytes()},
                                    .cache_folder = {},
                                    .format = &format_};
    const formats::Index index = formats::index_shard(
        files_, place,
        {.source_size_bytes = encoder_->size_bytes(), .source_checksum = checksum, .stamp = stamp});
    return {.sample_count = index.sample_count(),
            .size_bytes = encoder_->size_bytes(),
            .checksum = checksum,
            .field_names = index.field_names()};
  }

 private:
  Files& files_;
  const std::string path_;
  const formats::ShardFormat& format_;
  ShardFile file_;
  std::unique_ptr<formats::ShardEncoder> encoder_;
  std::vector<formats::FieldBytes> views_;
};

}  // namespace

std::unique_ptr<ShardWriter> ShardWriter::make(Files& files, const std::string& path,
                                               const formats::ShardFormat& format) {
  if (&format == &formats::k_tar_format) return std::make_unique<TarShardWriter>(files, path);
  HR_CHECK(format.encode != nullptr, "format {}", format.name);
  return std::make_unique<EncodedShardWriter>(files, path, format);
}

}  // namespace headrace::pack
