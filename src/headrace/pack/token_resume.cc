// What lies there may be cut short, of another version, or beside files that are gone.
#include "headrace/pack/token_resume.h"

#include <nlohmann/json.hpp>

namespace headrace::pack {
namespace {

constexpr uint64_t k_resume_bytes_max = 4096;

std::string path_of(const std::string& output) { return output + ".idx.resume"; }

bool holds(Files& files, const std::string& path, uint64_t size_bytes) {
  const auto stat = files.stat(path);
  return size_bytes == 0 || (stat && stat->size_bytes >= size_bytes);
}

bool is_all_there(Files& files, const std::string& output, const formats::SavedTokens& written) {
  return holds(files, output + ".bin.partial", written.size_bytes) &&
         holds(files, output + ".idx.lengths.partial", 4 * written.sequence_count) &&
         holds(files, output + ".idx.documents.partial", 8 * (written.document_count + 1));
}

}  // namespace

std::optional<TokenResume> find_resume(Files& files, const std::string& output, uint64_t of) {
  if (!files.stat(path_of(output))) return std::nullopt;
  const auto bytes = read_file(files, path_of(output), k_resume_bytes_max);
  const auto found = nlohmann::json::parse(bytes, nullptr, false);
  const auto number = [&](const char* key) {
    const auto value = found.find(key);
    return value != found.end() && value->is_number_unsigned() ? value->get<uint64_t>() : 0;
  };
  if (!found.is_object() || number("of") != of) return std::nullopt;
  const TokenResume resume{
      .place = {.file_index = number("file"), .offset_bytes = number("offset_bytes")},
      .written = {.sequence_count = number("sequences"),
                  .document_count = number("documents"),
                  .size_bytes = number("bin_bytes")},
      .of = of};
  if (!is_all_there(files, output, resume.written)) return std::nullopt;
  return resume;
}

void write_resume(Files& files, const std::string& output, const TokenResume& resume) {
  const std::string text = nlohmann::json({{"of", resume.of},
                                           {"file", resume.place.file_index},
                                           {"offset_bytes", resume.place.offset_bytes},
                                           {"sequences", resume.written.sequence_count},
                                           {"documents", resume.written.document_count},
                                           {"bin_bytes", resume.written.size_bytes}})
                               .dump();
  AtomicFile file(files, path_of(output));
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

void remove_resume(Files& files, const std::string& output) { (void)files.remove(path_of(output)); }

}  // namespace headrace::pack
