// One call a batch and backend; a batch that is refused for one of its pictures is decoded singly,
// which tells which one it was.
#include "headrace/kernels/jpeg_decoder.h"

#include "headrace/base/check.h"

namespace headrace::kernels {
namespace {

std::unique_ptr<shim::NvJpeg> open_library(const std::string& name) {
  auto library = shim::NvJpeg::open(name);
  if (library) return std::move(*library);
  throw Error({.code = Code::unsupported,
               .action = "cannot decode pictures on a device",
               .cause = library.error(),
               .hint =
                   "install it, or set decode = \"exact\" of the field: pictures are decoded by "
                   "the CPU then"});
}

const unsigned char* as_chars(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

shim::JpegImage image_of(const CodedPicture& picture) {
  return {.channel = {reinterpret_cast<unsigned char*>(picture.pixels)},
          .pitch = {picture.stride_bytes}};
}

}  // namespace

JpegDecoder::JpegDecoder(const device::Device& device, const JpegDecoderOptions& options)
    : device_(device), library_(open_library(options.library)) {
  // Kernels that decode Huffman codes too, or where the device has no such ones the default.
  int status = make(shim::k_jpeg_backend_gpu, kernels_);
  if (status == shim::jpeg_arch_mismatch || shim::is_of_picture(status)) {
    status = make(shim::k_jpeg_backend_default, kernels_);
  }
  check(status, "cannot start nvJPEG on");
  find_engines();
  indexes_.reserve(options.batch_count);
  bytes_.reserve(options.batch_count);
  sizes_.reserve(options.batch_count);
  images_.reserve(options.batch_count);
}

JpegDecoder::~JpegDecoder() {
  end(engines_);
  end(kernels_);
}

// Releases before 12.3 do not know the flag.
int JpegDecoder::make(int backend_number, Backend& backend) const {
  int status =
      library_->create(backend_number, nullptr, nullptr, shim::k_jpeg_interpolate, &backend.handle);
  if (status == shim::jpeg_invalid_parameter) {
    status = library_->create(backend_number, nullptr, nullptr, 0, &backend.handle);
  }
  if (status != shim::jpeg_success) return status;
  status = library_->state_create(backend.handle, &backend.state);
  if (status != shim::jpeg_success) {
    library_->destroy(backend.handle);
    backend = {};
  }
  return status;
}

void JpegDecoder::end(Backend& backend) const {
  if (backend.state != nullptr) library_->state_destroy(backend.state);
  if (backend.handle != nullptr) library_->destroy(backend.handle);
  backend = {};
}

void JpegDecoder::find_engines() {
  unsigned cores = 0;
  if (make(shim::k_jpeg_backend_hardware, engines_) != shim::jpeg_success) return;
  if (library_->hardware_info(engines_.handle, &engine_count_, &cores) != shim::jpeg_success) {
    engine_count_ = 0;
  }
  if (engine_count_ == 0) end(engines_);
}

void JpegDecoder::start(std::span<const CodedPicture> pictures, std::span<uint8_t> good,
                        shim::CuStream stream) {
  HR_CHECK(good.size() == pictures.size(), "{} of {}", good.size(), pictures.size());
  pictures_ = pictures;
  for (const bool for_engines : {true, false}) {
    indexes_.clear();
    for (uint32_t index = 0; index < pictures.size(); ++index) {
      if (for_engines == (engine_count_ > 0 && pictures[index].baseline)) indexes_.push_back(index);
    }
    if (!indexes_.empty()) start_those(for_engines ? engines_ : kernels_, good, stream);
  }
}

void JpegDecoder::start_those(const Backend& backend, std::span<uint8_t> good,
                              shim::CuStream stream) {
  bytes_.clear();
  sizes_.clear();
  images_.clear();
  for (const uint32_t index : indexes_) {
    bytes_.push_back(as_chars(pictures_[index].bytes));
    sizes_.push_back(pictures_[index].bytes.size());
    images_.push_back(image_of(pictures_[index]));
    good[index] = 1;
  }
  constexpr int k_host_threads = 1;  // the others belong to the loader's workers
  check(library_->batch_initialize(backend.handle, backend.state, static_cast<int>(indexes_.size()),
                                   k_host_threads, shim::k_jpeg_rgb_interleaved),
        "cannot prepare nvJPEG for a batch on");
  const int status = library_->decode_batch(backend.handle, backend.state, bytes_.data(),
                                            sizes_.data(), images_.data(), stream);
  if (shim::is_of_picture(status)) return start_singly(pictures_, good, stream);
  check(status, "cannot decode pictures on");
}

void JpegDecoder::start_singly(std::span<const CodedPicture> pictures, std::span<uint8_t> good,
                               shim::CuStream stream) {
  for (const uint32_t index : indexes_) {
    const CodedPicture& picture = pictures[index];
    shim::JpegImage image = image_of(picture);
    const int status =
        library_->decode(kernels_.handle, kernels_.state, as_chars(picture.bytes),
                         picture.bytes.size(), shim::k_jpeg_rgb_interleaved, &image, stream);
    good[index] = status == shim::jpeg_success ? 1 : 0;
    if (!shim::is_of_picture(status)) check(status, "cannot decode a picture on");
  }
}

void JpegDecoder::check(int status, const char* action) const {
  if (status == shim::jpeg_success) [[likely]]
    return;
  throw Error({.code = status == shim::jpeg_allocator_failure ? Code::no_space : Code::io,
               .action = action,
               .object = device_.label(),
               .cause = shim::NvJpeg::name_of_status(status),
               .hint = status == shim::jpeg_allocator_failure
                           ? "more room beside the model, or a smaller batch"
                           : "decode = \"exact\" of the field leaves pictures to the CPU"});
}

}  // namespace headrace::kernels
