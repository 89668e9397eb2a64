// A model of any bytes, and a text through it: what is in front of the last NUL is the model.
#include <string_view>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/text/sentencepiece.h"
#include "headrace/text/unicode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::text;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t cut = std::min(all.rfind('\0'), size);
  try {
    const SentencePiece pieces = parse_sentencepiece(all.substr(0, cut), "fuzz.model");
    PieceScratch scratch;
    std::string repaired;
    std::vector<uint32_t> ids;
    pieces.encode(repair_utf8(all.substr(cut), repaired), 1000, scratch, ids);
    for (const uint32_t id : ids) HR_CHECK(id < pieces.id_end(), "id {}", id);
  } catch (const headrace::Error&) {
  }
  return 0;
}
