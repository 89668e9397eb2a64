// libjpeg-turbo's transcoding: coefficient arrays are read whole, written anew, read back and
// compared. All three libjpeg structs share one error jump; everything that owns memory is a
// member, outside the frames it skips.
#include "headrace/jpeg/recode.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "headrace/jpeg/header.h"
#include "headrace/jpeg/markers.h"
#include "headrace/jpeg/turbo.h"
#include "headrace/jpeg/turbo_errors.h"

namespace headrace::jpeg {
namespace {

using Bytes = std::span<const std::byte>;

constexpr uint32_t k_least_interval_mcus = 4;
constexpr uint32_t k_most_interval_mcus = 12;
constexpr size_t k_first_target_bytes = 64 * 1024;

// libjpeg's destination, writing to a vector that doubles.
struct Target {
  jpeg_destination_mgr manager = {};  // first, so that libjpeg's pointer to it is a pointer to this
  std::vector<std::byte> bytes;

  void offer(size_t used_bytes) {
    manager.next_output_byte = reinterpret_cast<JOCTET*>(bytes.data()) + used_bytes;
    manager.free_in_buffer = bytes.size() - used_bytes;
  }
};

Target& target_of(j_compress_ptr info) { return *reinterpret_cast<Target*>(info->dest); }

// No exception may cross libjpeg's C frames.
bool resize(std::vector<std::byte>& bytes, size_t size_bytes) noexcept {
  try {
    bytes.resize(size_bytes);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

boolean grow(j_compress_ptr info) {
  Target& target = target_of(info);
  const size_t used_bytes = target.bytes.size();
  if (!resize(target.bytes, std::max(2 * used_bytes, k_first_target_bytes))) {
    fail(*reinterpret_cast<TurboErrors*>(info->err), "no memory for this JPEG");
  }
  target.offer(used_bytes);
  return TRUE;
}

// Reads one file's coefficients; the arrays live until the struct is destroyed.
struct Reader {
  jpeg_decompress_struct info = {};
  jpeg_progress_mgr progress = {};
  jvirt_barray_ptr* arrays = nullptr;

  void open(TurboErrors& errors) {
    info.err = &errors.manager;
    jpeg_create_decompress(&info);
    limit_scans(info, progress);
  }
  void read(Bytes bytes) {
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info, TRUE);
    arrays = jpeg_read_coefficients(&info);
  }
  const JBLOCK* row_of(int component, JDIMENSION row) {
    auto* common = reinterpret_cast<j_common_ptr>(&info);
    return info.mem->access_virt_barray(common, arrays[component], row, 1, FALSE)[0];
  }
};

class Recoding {
 public:
  explicit Recoding(Bytes source) : source_(source) { install(errors_); }
  Recoding(Recoding&&) = delete;
  ~Recoding() {
    jpeg_destroy_decompress(&reader_.info);
    jpeg_destroy_decompress(&checker_.info);
    jpeg_destroy_compress(&writer_);
  }

  // "" or why not.
  const char* run(const RecodeOptions& options, uint32_t interval_mcus) {
    if (setjmp(errors_.jump) != 0) return errors_.what;
    read(options);
    write(options, interval_mcus);
    check();
    return "";
  }
  std::vector<std::byte> take() { return std::move(target_.bytes); }

 private:
  void read(const RecodeOptions& options);
  void write(const RecodeOptions& options, uint32_t interval_mcus);
  void copy_segments(const RecodeOptions& options);
  void check();
  bool is_same_component(int component);

  Bytes source_;
  TurboErrors errors_;
  Reader reader_, checker_;
  jpeg_compress_struct writer_ = {};
  Target target_;
};

constexpr unsigned k_any_length = 0xffff;

void Recoding::read(const RecodeOptions& options) {
  reader_.open(errors_);
  jpeg_save_markers(&reader_.info, marker::k_app1, k_any_length);
  if (options.keep_color_profile) {
    jpeg_save_markers(&reader_.info, marker::k_app2, k_any_length);
  }
  reader_.read(source_);
}

void Recoding::write(const RecodeOptions& options, uint32_t interval_mcus) {
  writer_.err = &errors_.manager;
  jpeg_create_compress(&writer_);
  target_.manager.init_destination = [](j_compress_ptr info) { grow(info); };
  target_.manager.empty_output_buffer = grow;
  target_.manager.term_destination = [](j_compress_ptr info) {
    Target& target = target_of(info);
    resize(target.bytes, target.bytes.size() - target.manager.free_in_buffer);
  };
  writer_.dest = &target_.manager;
  jpeg_copy_critical_parameters(&reader_.info, &writer_);
  writer_.optimize_coding = TRUE;
  writer_.restart_interval = interval_mcus;
  jpeg_write_coefficients(&writer_, reader_.arrays);
  copy_segments(options);
  jpeg_finish_compress(&writer_);
}

bool starts_with(const jpeg_marker_struct& segment, const char* prefix, size_t prefix_bytes) {
  return segment.data_length >= prefix_bytes &&
         std::memcmp(segment.data, prefix, prefix_bytes) == 0;
}

void Recoding::copy_segments(const RecodeOptions& options) {
  for (const jpeg_marker_struct* segment = reader_.info.marker_list; segment != nullptr;
       segment = segment->next) {
    const bool exif = segment->marker == marker::k_app1 && starts_with(*segment, "Exif\0", 6);
    const bool profile =
        segment->marker == marker::k_app2 && starts_with(*segment, "ICC_PROFILE", 12);
    if (exif || (profile && options.keep_color_profile)) {
      jpeg_write_marker(&writer_, segment->marker, segment->data, segment->data_length);
    }
  }
}

void Recoding::check() {
  checker_.open(errors_);
  checker_.read(target_.bytes);
  const jpeg_decompress_struct& before = reader_.info;
  const jpeg_decompress_struct& after = checker_.info;
  const bool same_picture = before.image_width == after.image_width &&
                            before.image_height == after.image_height &&
                            before.num_components == after.num_components &&
                            before.jpeg_color_space == after.jpeg_color_space;
  if (!same_picture) fail(errors_, "rewritten JPEG has another size or color");
  for (int component = 0; component < before.num_components; ++component) {
    if (!is_same_component(component)) fail(errors_, "rewritten JPEG differs from its source");
  }
}

bool Recoding::is_same_component(int component) {
  const jpeg_component_info& before = reader_.info.comp_info[component];
  const jpeg_component_info& after = checker_.info.comp_info[component];
  if (before.h_samp_factor != after.h_samp_factor || before.v_samp_factor != after.v_samp_factor ||
      before.width_in_blocks != after.width_in_blocks ||
      before.height_in_blocks != after.height_in_blocks) {
    return false;
  }
  // A component that was never coded has no table of its own.
  if (before.quant_table == nullptr || after.quant_table == nullptr) return false;
  if (std::memcmp(before.quant_table->quantval, after.quant_table->quantval,
                  sizeof before.quant_table->quantval) != 0) {
    return false;
  }
  const size_t row_bytes = before.width_in_blocks * sizeof(JBLOCK);
  for (JDIMENSION row = 0; row < before.height_in_blocks; ++row) {
    const JBLOCK* source = reader_.row_of(component, row);
    const JBLOCK* target = checker_.row_of(component, row);
    if (std::memcmp(source, target, row_bytes) != 0) return false;
  }
  return true;
}

// What recode leaves alone by its header; nothing when it is worth a try.
std::optional<SkipKind> skip_kind_of(const Header& header) {
  if (header.precision_bits != 8) return SkipKind::precision;
  if (header.process == Process::progressive) return SkipKind::progressive;
  if (header.process == Process::arithmetic) return SkipKind::arithmetic;
  if (header.process == Process::other) return SkipKind::broken;
  if (header.color != Color::grey && header.color != Color::ycbcr) return SkipKind::color;
  return std::nullopt;
}

}  // namespace

const char* name_of(SkipKind kind) {
  switch (kind) {
    case SkipKind::progressive:
      return "progressive";
    case SkipKind::arithmetic:
      return "arithmetic coding";
    case SkipKind::precision:
      return "not 8 bits";
    case SkipKind::color:
      return "CMYK or RGB";
    case SkipKind::broken:
      return "broken";
  }
  return "";
}

uint32_t restart_interval_for(uint32_t mcus_in_row) {
  for (uint32_t count = k_least_interval_mcus; count <= k_most_interval_mcus; ++count) {
    if (mcus_in_row % count == 0) return count;
  }
  return mcus_in_row;
}

std::expected<std::vector<std::byte>, Skip> recode(Bytes bytes, const RecodeOptions& options) {
  const auto broken = [](const Failure& failure) {
    return std::unexpected(Skip{SkipKind::broken, failure});
  };
  const auto header = parse_header(bytes);
  if (!header.has_value()) return broken(header.error());
  if (const auto kind = skip_kind_of(*header)) {
    return std::unexpected(Skip{*kind, {name_of(*kind), 0}});
  }
  if (uint64_t{header->width} * header->height > k_max_pixels) {
    return broken({"JPEG has more than 357,913,940 pixels", 0});
  }
  if (!has_end_marker(bytes, header->scan.offset_bytes)) {
    return broken({"JPEG is cut short: it has no end marker", bytes.size()});
  }
  Recoding recoding(bytes);
  const uint32_t interval_mcus = options.restart_interval_mcus != 0
                                     ? std::min<uint32_t>(options.restart_interval_mcus, 0xffff)
                                     : restart_interval_for(header->mcus_in_row());
  const char* wrong = recoding.run(options, interval_mcus);
  if (wrong[0] != '\0') return broken({wrong, 0});
  return recoding.take();
}

}  // namespace headrace::jpeg
