// A profiler's injection library for tests: it writes its functions into NVTX's table, as Nsight
// Systems does, and keeps what it was told; with $NVTX_STAND_IN_LOG in that file, too.
// Thread safety: any thread.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

namespace {

using Function = void (*)();
struct Callbacks {
  size_t struct_size;
  int (*table_of_module)(int module, Function*** table, unsigned* size);
};

std::mutex mutex;  // guards seen
std::string seen;

void note(const std::string& what) {
  const std::lock_guard lock(mutex);
  seen += what + ";";
  if (const char* path = std::getenv("NVTX_STAND_IN_LOG")) {
    if (std::FILE* file = std::fopen(path, "a")) {
      std::fputs((what + "\n").c_str(), file);
      std::fclose(file);
    }
  }
}
int push(const char* name) { return note(std::string("push ") + name), 0; }
int pop() { return note("pop"), 0; }
void name_thread(uint32_t, const char* name) { note(std::string("name ") + name); }

template <class Call>
void put(Function** table, size_t index, Call* call) {
  *table[index] = reinterpret_cast<Function>(call);
}

}  // namespace

extern "C" {

const char* stand_in_seen() {
  const std::lock_guard lock(mutex);
  return seen.c_str();
}

int InitializeInjectionNvtx2(const void* (*export_table)(uint32_t)) {
  const auto* callbacks = static_cast<const Callbacks*>(export_table(1));
  Function** table = nullptr;
  unsigned size = 0;
  if (callbacks == nullptr || callbacks->table_of_module(1, &table, &size) == 0) return 0;
  if (size < 16) return 0;
  put(table, 9, push);
  put(table, 11, pop);
  put(table, 14, name_thread);
  return 1;
}

}  // extern "C"
