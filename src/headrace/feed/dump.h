// A batch as .npy files, so that anyone can look at exactly what a trainer would get.
// Format: NumPy's NEP 1 (.npy 1.0), little-endian, C order. Thread safety: one thread.
#pragma once

#include <string>

#include "headrace/base/files.h"
#include "headrace/loader/batch.h"

namespace headrace::feed {

// Writes <folder>/batch-000007.<field>.npy for each tensor, and .ids.npy (uint64 sample ids), which
// no field may be called. bfloat16 becomes uint16 of the same bits, since NumPy has no such type.
// Throws Error.
void dump_batch(Files& files, const std::string& folder, const loader::Batch& batch);

// The field's part of the name: what would lead to another folder is written as in a URL, "a%2Fb".
std::string dump_name(std::string_view field);

// The header of an .npy file for this type and shape; its size is a multiple of 64.
std::string npy_header(const std::string& type, std::span<const uint64_t> shape);

}  // namespace headrace::feed
