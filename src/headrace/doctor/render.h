// An examination as text for a terminal, as JSON and as a shell script; the checks as a list.
// Thread safety: pure functions. Invariant: whatever names the machine has, the text holds no
// control characters, and the script runs no command that is not one of a check's own.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

#include "headrace/doctor/examine.h"

namespace headrace::doctor {

// The verdict, then a line a check: "fail pcie.link nvme0n1 x2 -> x4; why; fix".
std::string text_of(const Examination& examination);
nlohmann::ordered_json document_of(const Examination& examination);
// For root, to be read before it is run: commands of failures and warnings; those of notes are
// comments.
std::string fix_script(const Examination& examination);

std::string list_text();
nlohmann::ordered_json list_document();

}  // namespace headrace::doctor
