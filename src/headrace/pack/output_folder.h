// The folder that a packing fills: what of the plan is there already, and marks that tell half from
// whole. Thread safety: one owner; two processes cannot pack into one folder at the same time.
#pragma once

#include <string>

#include "headrace/base/files.h"
#include "headrace/base/unique_fd.h"
#include "headrace/formats/index.h"
#include "headrace/pack/plan.h"

namespace headrace::pack {

class OutputFolder {
 public:
  // Makes the folder. Throws Error when it holds anything of another plan. The mark bears the names
  // under which fields are compressed, since measuring again might choose others.
  OutputFolder(Files& files, std::string path, const Plan& plan,
               std::vector<std::string> packed_names = {});
  // What an earlier run compresses there, or compressed among other fields; nothing when there was
  // none.
  static std::optional<std::vector<std::string>> packed_names(Files& files,
                                                              const std::string& path);

  std::string shard_path(uint64_t shard_index) const;
  // The index of a shard that this plan finished; nothing when the shard is still to do.
  std::optional<formats::Index> finished_shard(uint64_t shard_index) const;
  // From mark() to unmark() the folder is being packed into, and is no data set.
  void mark();
  void unmark();

 private:
  void lock();
  void refuse_other_plans() const;
  void remove_left_over();
  std::string mark_text() const;

  Files& files_;
  const std::string path_;
  const Plan& plan_;
  const std::vector<std::string> packed_names_;
  UniqueFd lock_;
};

}  // namespace headrace::pack
