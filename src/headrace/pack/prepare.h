// One sample made ready to be written: read, named by its bytes, recoded, compressed.
// Thread safety: a pure function of the source; runs on many threads.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "headrace/pack/field_codecs.h"
#include "headrace/pack/source.h"

namespace headrace::pack {

// A JPEG with the same pixels and fewer bytes, or why it is left as it is.
using Recode =
    std::function<std::expected<std::vector<std::byte>, std::string>(std::span<const std::byte>)>;

struct Prepared {
  std::vector<SourceField> fields;   // sorted by name
  std::vector<std::string> left_as;  // why a JPEG was not recoded, one for each such field
  std::string key = {};              // "" = the output numbers its samples
  uint64_t recoded_count = 0;
  uint64_t bytes_in = 0;
};

// Throws Error: unreadable, empty, or an image field without an image. An empty `recode` leaves all
// as it is.
Prepared prepare(const Source& source, uint64_t sample_id, const Recode& recode,
                 const FieldCodecs& codecs = {});
// The same without a look at pictures: names, bytes and key are the source's.
Prepared prepare_unchanged(const Source& source, uint64_t sample_id, const FieldCodecs& codecs);

}  // namespace headrace::pack
