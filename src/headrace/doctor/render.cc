// Lines, keys and commands.
#include "headrace/doctor/render.h"

#include <nlohmann/json.hpp>

#include "headrace/doctor/verdict.h"
#include "headrace/report/text.h"

namespace headrace::doctor {
namespace {

using Json = nlohmann::ordered_json;
using report::plain;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string line_of(const Finding& finding) {
  std::string line =
      fmt::format("{:<4} {:<18} {}", name_of(finding.level), finding.id, plain(finding.value));
  if (finding.level == Level::ok) return line + "\n";
  return line + fmt::format(" -> {}; {}; {}\n", plain(finding.want), plain(finding.why),
                            plain(finding.fix));
}

Json finding_document(const Finding& finding) {
  return {{"id", finding.id},
          {"level", name_of(finding.level)},
          {"value", finding.value},
          {"want", finding.want},
          {"why", finding.why},
          {"fix", finding.fix},
          {"commands", finding.commands}};
}

Json probe_document(const Probe& probe) {
  return {{"bytes_per_s", probe.bytes_per_s()},
          {"seconds", probe.seconds},
          {"cpu_seconds", probe.cpu_seconds},
          {"reads", probe.read_count},
          {"bytes", probe.read_bytes},
          {"bytes_from_storage", probe.device_bytes},
          {"block_bytes", probe.block_bytes},
          {"depth", probe.depth},
          {"latency_p50_ns", probe.latency_p50_ns},
          {"latency_p99_ns", probe.latency_p99_ns},
          {"direct", probe.direct},
          {"why_buffered", probe.why_buffered},
          {"engine", probe.ring.engine},
          {"why_not_better", probe.ring.why_not_better},
          {"failure", probe.failure}};
}

Json path_document(const DataPath& path) {
  Json disks = Json::array();
  for (const Disk& disk : path.disks) {
    disks.push_back({{"name", disk.name}, {"number", disk.number}, {"media", name_of(disk.media)}});
  }
  return {{"data", path.data},     {"steps", path.steps},         {"disks", disks},
          {"server", path.server}, {"interface", path.interface}, {"lost", path.lost}};
}

}  // namespace

std::string text_of(const Examination& examination) {
  const Verdict verdict = verdict_of(examination);
  std::string text = fmt::format("{}: {}\n", name_of(verdict.level), plain(verdict.sentence));
  text += fmt::format("path: {}\n", plain(verdict.path));
  if (!verdict.probe.empty()) text += fmt::format("probe: {}\n", plain(verdict.probe));
  text += fmt::format("next: {}\n\n", plain(verdict.next));
  for (const Finding& finding : examination.findings) text += line_of(finding);
  if (!examination.absent.empty()) {
    text += "not about this path: " + joined(examination.absent) + "\n";
  }
  return text;
}

Json document_of(const Examination& examination) {
  const Verdict verdict = verdict_of(examination);
  Json findings = Json::array();
  for (const Finding& finding : examination.findings) findings.push_back(finding_document(finding));
  Json document = {
      {"level", name_of(verdict.level)},
      {"verdict", verdict.sentence},
      {"next", verdict.next},
      {"path", path_document(examination.situation.path)},
      {"expected",
       {{"bytes_per_s", examination.expectation.bytes_per_s},
        {"reason", examination.expectation.reason}}},
  };
  document["probe"] =
      examination.situation.probe ? probe_document(*examination.situation.probe) : Json(nullptr);
  document["checks"] = findings;
  document["not_about_this_path"] = examination.absent;
  return document;
}

std::string fix_script(const Examination& examination) {
  std::string script =
      "#!/bin/sh\n"
      "# Printed by headrace doctor, which changes nothing itself. For root; read it first. Most\n"
      "# settings last until the next start of the machine.\n"
      "set -eu\n";
  size_t command_count = 0;
  for (const Finding& finding : examination.findings) {
    if (finding.level == Level::ok || finding.commands.empty()) continue;
    script += fmt::format("\n# {} {}: {} -> {}\n", name_of(finding.level), finding.id,
                          plain(finding.value), plain(finding.want));
    for (const std::string& command : finding.commands) {
      // A name with a control character cannot be typed back safely: such a command is left out.
      const bool safe = plain(command) == command;
      if (safe && finding.level >= Level::warn) ++command_count;
      script += safe ? (finding.level >= Level::warn ? "" : "# ") + command + "\n"
                     : "# a command with control characters in a name was left out\n";
    }
  }
  if (command_count == 0) script += "\n# Nothing here needs to be changed.\n";
  return script;
}

std::string list_text() {
  std::string text;
  for (const Check* check : all_checks()) {
    text += fmt::format("{}\n  reads  {}\n  want   {}\n  why    {}\n  fix    {}\n", check->id,
                        check->reads, check->want, check->why, check->fix);
  }
  return text;
}

Json list_document() {
  Json checks = Json::array();
  for (const Check* check : all_checks()) {
    checks.push_back({{"id", check->id},
                      {"reads", check->reads},
                      {"want", check->want},
                      {"why", check->why},
                      {"fix", check->fix}});
  }
  return {{"checks", checks}};
}

}  // namespace headrace::doctor
