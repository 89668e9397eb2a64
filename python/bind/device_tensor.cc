// The two protocols by which device memory is handed on without a copy.
#include "device_tensor.h"

#include <nanobind/stl/string.h>

#include "bindings.h"

namespace headrace::python {
namespace {

constexpr int k_dlpack_cuda = 2;  // kDLCUDA
constexpr int64_t k_no_stream = -1;
constexpr int64_t k_legacy_stream = 1;  // as the driver's own handle of it

[[noreturn]] void refuse(const char* what) { throw nb::buffer_error(what); }

}  // namespace

DeviceTensor::DeviceTensor(const loader::Tensor& tensor, int32_t device_ordinal, nb::capsule owner)
    : address_(tensor.bytes.data()),
      type_(tensor.type),
      shape_(tensor.shape.begin(), tensor.shape.end()),
      device_ordinal_(device_ordinal),
      owner_(std::move(owner)) {}

void DeviceTensor::order_behind_copy(const nb::object& stream) {
  const int64_t number = stream.is_none() ? k_legacy_stream : nb::cast<int64_t>(stream);
  if (number == 0 || number < k_no_stream) refuse("stream 0 is not one stream; hint: 1 or 2");
  const nb::gil_scoped_release released;
  if (number == k_no_stream) return batch().read_unseen();
  batch().read_on(reinterpret_cast<shim::CuStream>(number));
}

nb::object DeviceTensor::dlpack(nb::object stream, nb::object max_version, nb::object device,
                                nb::object copy) {
  if (!copy.is_none() && nb::cast<bool>(copy)) refuse("a copy is the consumer's to make");
  if (!device.is_none() && !device.equal(dlpack_device())) {
    refuse("it lies on another device, and is not copied");
  }
  order_behind_copy(stream);
  const nb::ndarray<nb::array_api> array(address_, shape_.size(), shape_.data(), owner_, nullptr,
                                         dtype_of(type_), k_dlpack_cuda, device_ordinal_);
  const nb::object exported = nb::cast(array, nb::rv_policy::reference);
  nb::dict options;
  if (!max_version.is_none()) options["max_version"] = max_version;
  return exported.attr("__dlpack__")(**options);
}

nb::tuple DeviceTensor::dlpack_device() const {
  return nb::make_tuple(k_dlpack_cuda, device_ordinal_);
}

nb::dict DeviceTensor::cuda_array_interface() {
  const char* type = ops::numpy_name_of(type_);
  if (type == nullptr) refuse("the CUDA array interface has no bfloat16; hint: DLPack has");
  order_behind_copy(nb::int_(k_no_stream));
  nb::dict result;
  result["version"] = 3;
  result["shape"] = shape();
  result["typestr"] = type;
  result["data"] = nb::make_tuple(reinterpret_cast<uintptr_t>(address_), false);
  result["strides"] = nb::none();
  result["stream"] = nb::none();  // the copy is done
  return result;
}

nb::tuple DeviceTensor::shape() const {
  nb::list lengths;
  for (const size_t length : shape_) lengths.append(length);
  return nb::tuple(lengths);
}

nb::object on_device(DeviceTensor tensor, Framework framework) {
  nb::object shared = nb::cast(std::move(tensor));
  if (framework != Framework::torch) return shared;
  return nb::module_::import_("torch").attr("from_dlpack")(shared);
}

void bind_device_tensor(nb::module_& module) {
  nb::class_<DeviceTensor>(module, "DeviceTensor", "A tensor in a CUDA device's memory.")
      .def("__dlpack__", &DeviceTensor::dlpack, nb::kw_only(), nb::arg("stream") = nb::none(),
           nb::arg("max_version") = nb::none(), nb::arg("dl_device") = nb::none(),
           nb::arg("copy") = nb::none(),
           nb::sig("def __dlpack__(self, *, stream: int | None = None, "
                   "max_version: tuple[int, int] | None = None, "
                   "dl_device: tuple[int, int] | None = None, "
                   "copy: bool | None = None) -> object"))
      .def("__dlpack_device__", &DeviceTensor::dlpack_device,
           nb::sig("def __dlpack_device__(self) -> tuple[int, int]"))
      .def_prop_ro("__cuda_array_interface__", &DeviceTensor::cuda_array_interface,
                   nb::sig("def __cuda_array_interface__(self) -> dict[str, typing.Any]"))
      .def_prop_ro("shape", &DeviceTensor::shape, nb::sig("def shape(self) -> tuple[int, ...]"))
      .def_prop_ro("dtype", &DeviceTensor::type_name);
}

}  // namespace headrace::python
