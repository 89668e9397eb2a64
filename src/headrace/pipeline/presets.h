// Fields that many jobs share, by name. Thread safety: pure functions.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/pipeline/job.h"

namespace headrace::pipeline {

std::span<const std::string_view> preset_names();
// imagenet: RandomResizedCrop 224, flip 0.5, normalized, float32 planes, and the int64 label.
// imagenet-eval: shorter side to 256, center 224, otherwise the same. raw: the picture's and the
// label's bytes as they are, in rows of 512 KiB.
std::optional<std::vector<FieldJob>> preset_fields(std::string_view name);
// Of a job that names none. Token files: as "tokens"; pictures: as "imagenet", the label where
// there is one; others: integers as such, and bytes as they are, in rows of the longest (at most
// 512 KiB). Left out are compressed fields, whose
// length is not known, and those that a sample lacks.
std::vector<FieldJob> fields_of(const formats::Dataset& dataset);

}  // namespace headrace::pipeline
