// Small pieces cost no system call each, large ones no copy.
#include "headrace/pack/shard_file.h"

namespace headrace::pack {
namespace {

constexpr size_t k_pending_limit_bytes = size_t{1} << 20;

}  // namespace

ShardFile::ShardFile(Files& files, const std::string& path) : file_(files, path) {
  pending_.reserve(k_pending_limit_bytes);
}

void ShardFile::append(std::span<const std::byte> bytes) {
  if (pending_.size() + bytes.size() > k_pending_limit_bytes) flush();
  if (bytes.size() >= k_pending_limit_bytes) {
    hash_.update(bytes);
    return file_.append(bytes);
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

uint64_t ShardFile::publish() {
  flush();
  file_.publish();
  return hash_.digest();
}

void ShardFile::flush() {
  if (pending_.empty()) return;
  hash_.update(pending_);
  file_.append(pending_);
  pending_.clear();
}

}  // namespace headrace::pack
