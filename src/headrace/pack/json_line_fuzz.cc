// Any bytes as a line of JSONL: a text that is found is one that nlohmann's tree has too.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "headrace/pack/json_line.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  headrace::pack::JsonLine reader("text");
  const auto text = reader.text_of(line);
  const auto tree = nlohmann::json::parse(line, nullptr, false);
  const bool has_text = tree.is_object() && tree.contains("text") && tree["text"].is_string();
  if (text.has_value() != has_text) std::abort();
  if (has_text && *text != tree["text"].get_ref<const std::string&>()) std::abort();
  return 0;
}
