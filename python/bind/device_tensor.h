// A tensor in a CUDA device's memory: DLPack, with the consumer's stream, and the CUDA array
// interface. Thread safety: with Python's lock. Invariants: 1. whoever takes it by DLPack is
// ordered behind its copy on the stream that it names, and the slot is written again behind what
// that stream has when the last tensor of the batch dies. 2. Who names no stream costs a wait for
// the copy, and at the end one for the device.
#pragma once

#include <vector>

#include "tensors.h"

namespace headrace::python {

class DeviceTensor {
 public:
  DeviceTensor(const loader::Tensor& tensor, int32_t device_ordinal, nb::capsule owner);

  nb::object dlpack(nb::object stream, nb::object max_version, nb::object device, nb::object copy);
  nb::tuple dlpack_device() const;
  nb::dict cuda_array_interface();
  nb::tuple shape() const;
  std::string type_name() const { return name_of(type_); }

 private:
  loader::Batch& batch() { return static_cast<Lease*>(owner_.data())->batch; }
  void order_behind_copy(const nb::object& stream);

  std::byte* address_;
  ops::Type type_;
  std::vector<size_t> shape_;
  int32_t device_ordinal_;
  nb::capsule owner_;
};

// As the framework has it: torch's own tensor, or one that speaks DLPack.
nb::object on_device(DeviceTensor tensor, Framework framework);

}  // namespace headrace::python
