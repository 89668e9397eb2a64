// Records through a tokenizer, for tests/conformance/tokenizers_equal.py and bench/tokenizer.py:
// TOKENIZER RECORDS [IDS]. Records and ids: a little-endian u32 length, then so many bytes or ids.
// With IDS they are written there. Without, each line of standard input, a number of threads, asks
// for a round over all records and is answered with: seconds, CPU seconds, ids.
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/text/tokenizer.h"

namespace {

using headrace::text::Tokenizer;
using headrace::text::TokenizerScratch;

std::vector<std::string_view> records_of(const std::vector<std::byte>& bytes) {
  std::vector<std::string_view> records;
  for (size_t at = 0; at + 4 <= bytes.size();) {
    const size_t size = headrace::load_le<uint32_t>(&bytes[at]);
    at += 4;
    if (size > bytes.size() - at) throw std::runtime_error("a record leaves the file");
    records.emplace_back(reinterpret_cast<const char*>(bytes.data()) + at, size);
    at += size;
  }
  return records;
}

void write_ids(const Tokenizer& tokenizer, const std::vector<std::string_view>& records,
               const char* path) {
  TokenizerScratch scratch;
  std::ofstream out(path, std::ios::binary);
  for (const std::string_view record : records) {
    const auto ids = tokenizer.encode(record, {}, scratch);
    const auto count = static_cast<uint32_t>(ids.size());
    out.write(reinterpret_cast<const char*>(&count), sizeof count);
    out.write(reinterpret_cast<const char*>(ids.data()),
              static_cast<std::streamsize>(ids.size_bytes()));
  }
  if (!out.flush()) throw std::runtime_error("cannot write the ids");
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void encode_round(const Tokenizer& tokenizer, const std::vector<std::string_view>& records,
                  size_t thread_count) {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = cpu_seconds();
  std::atomic<size_t> next = 0, id_count = 0;
  const auto work = [&] {
    TokenizerScratch scratch;
    size_t count = 0;
    for (size_t i; (i = next.fetch_add(1)) < records.size();) {
      count += tokenizer.encode(records[i], {}, scratch).size();
    }
    id_count += count;
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < thread_count; ++i) threads.emplace_back(work);
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  std::cout << wall.count() << ' ' << cpu_seconds() - cpu_begin << ' ' << id_count << std::endl;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) return 2;
  try {
    const Tokenizer tokenizer =
        headrace::text::load_tokenizer(headrace::real_files(), arguments[1]);
    const auto bytes = headrace::read_file(headrace::real_files(), arguments[2], uint64_t{4} << 30);
    const auto records = records_of(bytes);
    if (argument_count > 3) {
      write_ids(tokenizer, records, arguments[3]);
      return 0;
    }
    for (size_t threads; std::cin >> threads;) encode_round(tokenizer, records, threads);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
