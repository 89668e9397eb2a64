// One data set of pictures and of rows, raw and compressed, in a file; each job is run on both
// sides.
#include "jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "headrace/base/error.h"
#include "headrace/loader/device_loader.h"
#include "headrace/loader/files_fixture.h"
#include "headrace/pipeline/plan.h"
#include "jpeg_set.h"

namespace headrace::gpu {
namespace {

using loader::FilesDataset;

constexpr uint32_t k_job_samples = 40;
constexpr size_t k_job_row_bytes = 65'536;
constexpr int k_decoders_differ = 8;  // by rounding: ours and nvJPEG's

FilesDataset::Samples rows() {
  FilesDataset::Samples samples(k_job_samples, std::vector<std::byte>(k_job_row_bytes));
  for (uint32_t sample = 0; sample < k_job_samples; ++sample) {
    for (size_t at = 0; at < k_job_row_bytes; ++at) {
      samples[sample][at] = static_cast<std::byte>(at / 9 % 31 * (at / 512 % 7) + sample);
    }
  }
  return samples;
}

FilesDataset::Samples packed(codec::Kind kind) {
  FilesDataset::Samples samples = rows();
  for (auto& sample : samples) {
    sample = codec::compressed(kind, sample, codec::level_of(kind)->standard);
  }
  return samples;
}

FilesDataset::Samples pictures() {
  const JpegSet set(k_job_samples);
  FilesDataset::Samples samples;
  for (uint32_t i = 0; i < set.count(); ++i) {
    samples.emplace_back(set.file(i).begin(), set.file(i).end());
  }
  return samples;
}

struct Given {
  std::vector<uint64_t> ids;
  std::vector<std::byte> bytes;
};

Given all_of(loader::Batches& batches) {
  Given given;
  while (const auto batch = batches.next()) {
    given.ids.insert(given.ids.end(), batch->ids().begin(), batch->ids().end());
    for (size_t index = 0; index < batch->tensor_count(); ++index) {
      const auto bytes = batch->in_host_memory(batch->tensor(index));
      given.bytes.insert(given.bytes.end(), bytes.begin(), bytes.end());
    }
  }
  return given;
}

int worst(const Given& a, const Given& b) {
  int most = 0;
  for (size_t i = 0; i < a.bytes.size(); ++i) {
    most = std::max(most,
                    std::abs(std::to_integer<int>(a.bytes[i]) - std::to_integer<int>(b.bytes[i])));
  }
  return most;
}

struct Job {
  std::string name;
  std::string fields;
  bool reads_there = false;
  int may_differ = 0;
};

std::string text_of(const loader::DeviceLoader& there, const Given& given) {
  const auto stages = there.device_stats().stages;
  std::string text = fmt::format("{} rows", given.ids.size());
  for (size_t stage = 0; stage < stages.size(); ++stage) {
    if (stages[stage].busy_ns == 0) continue;
    text += fmt::format(", {} {:.2f} ms", name_of(static_cast<loader::DeviceStage>(stage)),
                        static_cast<double>(stages[stage].busy_ns) / 1e6);
  }
  return text;
}

Check check_job(const FilesDataset& dataset, const Job& job, const JobLibraries& libraries) {
  const pipeline::Plan plan = pipeline::compile(
      pipeline::parse_job("[batch]\nsize = 16\n" + job.fields, job.name), dataset);
  const loader::Options options{
      .batch_size = 16, .workers = 2, .verify_checksums = false, .seed = 11};
  loader::Loader here(plan, dataset, options);
  const Given expected = all_of(here);
  loader::DeviceOptions on;  // set one by one: gcc 12 warns of a temporary's strings at -O3
  on.device.library = libraries.driver;
  on.reads_there = job.reads_there;
  on.cufile = libraries.cufile;
  on.nvjpeg = libraries.decoders.nvjpeg;
  on.nvcomp = libraries.decoders.nvcomp;
  on.kernels = libraries.kernels;
  loader::DeviceLoader there(plan, dataset, options, on);
  const Given given = all_of(there);
  Check check{.name = "a job's " + job.name + " are the host's"};
  check.detail = text_of(there, given);
  if (job.reads_there) check.detail += ", by " + there.loader().ring_info().why_not_better;
  if (!there.why_not_on_device().empty()) check.detail += ", " + there.why_not_on_device();
  const bool same = given.ids == expected.ids && given.bytes.size() == expected.bytes.size();
  check.passed =
      same && there.why_not_on_device().empty() && worst(given, expected) <= job.may_differ;
  return check;
}

std::string raw(const std::string& name, const std::string& place) {
  return fmt::format(
      "[[field]]\nname = \"{}\"\nkind = \"raw\"\nshape = [{}]\ndecompress = \"{}\"\n", name,
      k_job_row_bytes, place);
}

std::string picture(const std::string& decode) {
  return fmt::format(
      "[[field]]\nname = \"image\"\nfrom = \"jpg\"\ntype = \"uint8\"\nflip = 0.5\n"
      "dct_scaling = false\ndecode = \"{}\"\n",
      decode);
}

}  // namespace

std::vector<Check> check_jobs(const JobLibraries& libraries) {
  const FilesDataset dataset({"jpg", "plain", "zstd.zst", "lz4.lz4", "gzip.gz"},
                             {pictures(), rows(), packed(codec::Kind::zstd),
                              packed(codec::Kind::lz4), packed(codec::Kind::gzip)});
  const std::vector<Job> jobs = {
      {.name = "rows that are copied", .fields = raw("plain", "cpu")},
      {.name = "pictures with decode = gpu",
       .fields = picture("gpu"),
       .may_differ = k_decoders_differ},
      {.name = "pictures with decode = auto",
       .fields = picture("auto"),
       .may_differ = k_decoders_differ},
      {.name = "rows with decompress = gpu",
       .fields = raw("zstd", "gpu") + raw("lz4", "gpu") + raw("gzip", "gpu")},
      {.name = "rows with decompress = auto", .fields = raw("zstd", "auto")},
      {.name = "rows with read_to = device",
       .fields = raw("plain", "cpu") + raw("zstd", "gpu"),
       .reads_there = true}};
  std::vector<Check> checks;
  for (const Job& job : jobs) {
    try {
      checks.push_back(check_job(dataset, job, libraries));
    } catch (const Error& error) {
      if (error.code() != Code::unsupported) throw;
      fmt::print("not run: a job's {}: {}\n", job.name, error.what());
    }
  }
  return checks;
}

}  // namespace headrace::gpu
