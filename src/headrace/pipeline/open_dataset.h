// The data set that a job names, with its samples as the job orders them.
// Thread safety: pure; what it returns is const.
#pragma once

#include <memory>

#include "headrace/formats/dataset.h"
#include "headrace/pipeline/job.h"

namespace headrace::pipeline {

// `options` without what the job says itself. Throws Error as Dataset::open does, and where
// order.shuffle = "megatron" meets a data set without tokens.
std::unique_ptr<formats::Dataset> open_dataset(const Job& job, formats::OpenOptions options);

}  // namespace headrace::pipeline
