// What NVTX's own header would do: tables of places that the profiler's library writes functions
// to.
#include "headrace/shim/nvtx.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace headrace::shim {
namespace {

// Of NVTX 3 (nvtxTypes.h).
constexpr uint32_t k_callbacks_table = 1;
constexpr uint32_t k_version_table = 3;
constexpr int k_core_module = 1;
constexpr size_t k_push = 9, k_pop = 11, k_name_thread = 14;
// Functions of each module, the invalid first one among them: core, CUDA, OpenCL, CUDA's runtime,
// domains, synchronization.
constexpr std::array<unsigned, 7> k_module_sizes = {0, 16, 9, 15, 7, 16, 7};
constexpr size_t k_size_max = 16;

using Function = void (*)();

// The profiler's library asks for these by a function without an argument of ours, so they are the
// process's. Written while a library is opened, read by who opened it.
struct Places {
  std::array<std::array<Function, k_size_max>, k_module_sizes.size()> functions = {};
  std::array<std::array<Function*, k_size_max + 1>, k_module_sizes.size()> tables = {};

  Places() {
    for (size_t module = 0; module < tables.size(); ++module) {
      for (size_t index = 0; index < k_size_max; ++index) {
        tables[module][index] = &functions[module][index];
      }
    }
  }
};
Places& places() {
  static Places all;
  return all;
}

int table_of_module(int module, Function*** table, unsigned* size) {
  if (module < k_core_module || static_cast<size_t>(module) >= k_module_sizes.size()) return 0;
  const auto index = static_cast<size_t>(module);
  if (table != nullptr) *table = places().tables[index].data();
  if (size != nullptr) *size = k_module_sizes[index];
  return 1;
}

struct Callbacks {
  size_t struct_size;
  int (*table_of_module)(int, Function***, unsigned*);
};
struct Version {
  size_t struct_size;
  uint32_t version;
  uint32_t reserved;
  void (*set_injection_version)(uint32_t);
};

const void* export_table(uint32_t id) {
  static const Callbacks callbacks = {sizeof(Callbacks), table_of_module};
  static const Version version = {sizeof(Version), 3, 0, [](uint32_t) {}};
  if (id == k_callbacks_table) return &callbacks;
  return id == k_version_table ? &version : nullptr;
}

}  // namespace

const Nvtx& Nvtx::of_process() {
  static const Nvtx opened = [] {
    const char* library = std::getenv("NVTX_INJECTION64_PATH");
    return library == nullptr ? Nvtx() : open(library).value_or(Nvtx());
  }();
  return opened;
}

std::expected<Nvtx, std::string> Nvtx::open(const std::string& library) {
  auto opened = Library::open(library);
  if (!opened) return std::unexpected(opened.error());
  int (*initialize)(const void* (*)(uint32_t)) = nullptr;
  if (!opened->find("InitializeInjectionNvtx2", initialize)) {
    return std::unexpected(library + " is no injection library of NVTX");
  }
  opened->keep();
  if (initialize(export_table) == 0) return std::unexpected(library + " did not start");
  const auto& core = places().functions[k_core_module];
  Nvtx nvtx;
  nvtx.name_thread_ = reinterpret_cast<void (*)(uint32_t, const char*)>(core[k_name_thread]);
  if (core[k_push] == nullptr || core[k_pop] == nullptr) return nvtx;  // both, or ranges never end
  nvtx.push_ = reinterpret_cast<int (*)(const char*)>(core[k_push]);
  nvtx.pop_ = reinterpret_cast<int (*)()>(core[k_pop]);
  return nvtx;
}

void Nvtx::name_this_thread(const char* name) const {
  if (name_thread_ != nullptr) name_thread_(static_cast<uint32_t>(::syscall(SYS_gettid)), name);
}

}  // namespace headrace::shim
