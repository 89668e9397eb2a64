// "properties" and "execution" of cufile.json.
#include "headrace/doctor/cufile_settings.h"

#include <nlohmann/json.hpp>

namespace headrace::doctor {
namespace {

using Json = nlohmann::json;

struct Section {
  const Json& object;
  std::string& error;  // the first one stays

  const Json* find(const char* key, const char* kind, bool (Json::*is_kind)() const noexcept) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    if (found == object.end()) return nullptr;
    if (((*found).*is_kind)()) return &*found;
    if (error.empty()) error = fmt::format("{} is not {}", key, kind);
    return nullptr;
  }
  void take(const char* key, std::optional<bool>& target) {
    if (const Json* value = find(key, "true or false", &Json::is_boolean)) {
      target = value->get<bool>();
    }
  }
  void take(const char* key, std::optional<uint64_t>& target) {
    if (const Json* value = find(key, "a number from 0 up", &Json::is_number_unsigned)) {
      target = value->get<uint64_t>();
    }
  }
};

Json section_of(const Json& document, const char* name, std::string& error) {
  const auto found = document.find(name);
  if (found == document.end()) return Json::object();
  if (!found->is_object() && error.empty()) error = fmt::format("{} is not an object", name);
  return *found;
}

}  // namespace

std::expected<CufileSettings, std::string> parse_cufile_json(std::string_view text) {
  Json document;
  try {
    document = Json::parse(text, nullptr, true, true);
  } catch (const Json::parse_error& wrong) {
    return std::unexpected(fmt::format("no JSON from byte {} on", wrong.byte));
  } catch (const Json::exception&) {
    return std::unexpected("a number in it is too large");
  }
  if (!document.is_object()) return std::unexpected("the whole is not an object");
  std::string error;
  CufileSettings settings;
  const Json properties = section_of(document, "properties", error);
  Section section{.object = properties, .error = error};
  section.take("allow_compat_mode", settings.allow_compat_mode);
  section.take("use_pci_p2pdma", settings.use_pci_p2pdma);
  section.take("max_direct_io_size_kb", settings.max_direct_io_size_kb);
  section.take("max_device_cache_size_kb", settings.max_device_cache_size_kb);
  section.take("io_batchsize", settings.io_batchsize);
  const Json execution = section_of(document, "execution", error);
  Section(execution, error).take("max_io_threads", settings.max_io_threads);
  if (!error.empty()) return std::unexpected(error);
  return settings;
}

}  // namespace headrace::doctor
