// Tensors over a batch's memory, and the lease that they own together.
#include "tensors.h"

#include <nanobind/ndarray.h>
#include <unistd.h>

#include <array>

#include "device_tensor.h"

namespace headrace::python {
namespace {

constexpr size_t k_dimension_max = 16;

nb::capsule lease_of(loader::Batch batch) {
  auto lease = std::make_unique<Lease>(std::move(batch), ::getpid());
  return nb::capsule(lease.release(), [](void* owned) noexcept {
    auto* mine = static_cast<Lease*>(owned);
    // A forked child has a copy of the batch, and none of the threads that it would go back to.
    if (mine->process_id == ::getpid()) delete mine;
  });
}

}  // namespace

nb::dlpack::dtype dtype_of(ops::Type type) {
  using nb::dlpack::dtype_code;
  const auto make = [&](dtype_code code) {
    return nb::dlpack::dtype{static_cast<uint8_t>(code), static_cast<uint8_t>(8 * size_of(type)),
                             1};
  };
  switch (type) {
    case ops::Type::uint8:
      return make(dtype_code::UInt);
    case ops::Type::int32:
    case ops::Type::int64:
      return make(dtype_code::Int);
    case ops::Type::bfloat16:
      return make(dtype_code::Bfloat);
    case ops::Type::float16:
    case ops::Type::float32:
      return make(dtype_code::Float);
  }
  return {};
}

namespace {

struct Shared {
  std::byte* data;
  nb::dlpack::dtype dtype;
  std::span<const size_t> shape;
};

nb::object tensor_of(const Shared& shared, Framework framework, const nb::capsule& owner) {
  nb::dlpack::dtype dtype = shared.dtype;
  // NumPy has no bfloat16: its bits, as `headrace feed --dump` writes them.
  const bool bits = dtype.code == static_cast<uint8_t>(nb::dlpack::dtype_code::Bfloat);
  if (framework == Framework::numpy && bits) dtype = nb::dtype<uint16_t>();
  const auto make = [&]<class Kind>(Kind) {
    return nb::cast(Kind(shared.data, shared.shape.size(), shared.shape.data(), owner, nullptr,
                         dtype, nb::device::cpu::value),
                    nb::rv_policy::reference);
  };
  if (framework == Framework::numpy) return make(nb::ndarray<nb::numpy>());
  if (framework == Framework::torch) return make(nb::ndarray<nb::pytorch>());
  return make(nb::ndarray<nb::array_api>());
}

nb::object tensor_of(const loader::Tensor& tensor, Framework framework, const nb::capsule& owner) {
  std::array<size_t, k_dimension_max> shape{};
  const size_t count = std::min(tensor.shape.size(), shape.size());
  std::copy_n(tensor.shape.begin(), count, shape.begin());
  return tensor_of({tensor.bytes.data(), dtype_of(tensor.type), std::span(shape).first(count)},
                   framework, owner);
}

// Sample ids are below 2^63, and signed is what every framework has.
nb::object ids_of(std::span<const uint64_t> ids, Framework framework, const nb::capsule& owner) {
  const size_t count = ids.size();
  auto* data = const_cast<uint64_t*>(ids.data());
  return tensor_of({reinterpret_cast<std::byte*>(data), nb::dtype<int64_t>(), {&count, 1}},
                   framework, owner);
}

}  // namespace

nb::dict tensors_of(loader::Batch batch, const Look& look) {
  std::vector<loader::Tensor> tensors;
  for (size_t index = 0; index < batch.tensor_count(); ++index) {
    tensors.push_back(batch.tensor(index));
  }
  const std::span<const uint64_t> ids = batch.ids();
  const nb::capsule owner = lease_of(std::move(batch));
  nb::dict result;
  for (const loader::Tensor& tensor : tensors) {
    const auto name = nb::str(tensor.name.data(), tensor.name.size());
    result[name] = look.device_ordinal
                       ? on_device({tensor, *look.device_ordinal, owner}, look.framework)
                       : tensor_of(tensor, look.framework, owner);
  }
  if (!look.ids_name.empty()) {
    result[nb::str(look.ids_name.c_str())] = ids_of(ids, look.framework, owner);
  }
  return result;
}

}  // namespace headrace::python
