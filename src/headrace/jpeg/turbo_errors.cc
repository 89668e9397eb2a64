// libjpeg's own texts are literals too; those with a printf place in them are said anew here,
// without the value.
#include "headrace/jpeg/turbo_errors.h"

#include <jerror.h>

#include <cstring>

namespace headrace::jpeg {
namespace {

const char* text_of(const jpeg_error_mgr& manager) {
  switch (manager.msg_code) {
    case JERR_BAD_PRECISION:
      return "JPEG sample precision is not 8 bits";
    case JERR_SOF_UNSUPPORTED:
      return "JPEG process is not supported (lossless or hierarchical)";
    case JERR_NO_SOI:
      return "not a JPEG: it does not start with ff d8";
    case JERR_IMAGE_TOO_BIG:
      return "JPEG side above 65500";
    case JERR_OUT_OF_MEMORY:
      return "no memory for this JPEG";
    case JERR_NO_HUFF_TABLE:
      return "JPEG scan names a missing Huffman table";
    case JERR_NO_QUANT_TABLE:
      return "JPEG component names a missing quantization table";
    case JERR_BAD_PROGRESSION:
      return "JPEG progression parameters are invalid";
    case JWRN_EXTRANEOUS_DATA:
      return "corrupt JPEG: extra bytes before a marker";
    case JWRN_HIT_MARKER:
      return "corrupt JPEG: coded data end too early";
    case JWRN_HUFF_BAD_CODE:
      return "corrupt JPEG: bad Huffman code";
    case JWRN_JPEG_EOF:
      return "JPEG is cut short";
    case JWRN_MUST_RESYNC:
      return "corrupt JPEG: a restart marker is missing or out of order";
    case JWRN_BOGUS_PROGRESSION:
      return "corrupt JPEG: inconsistent progression";
    case JWRN_TOO_MUCH_DATA:
      return "corrupt JPEG: more coded data than blocks";
    default:
      break;
  }
  if (manager.msg_code <= 0 || manager.msg_code > manager.last_jpeg_message) {
    return "libjpeg-turbo refuses this JPEG";
  }
  const char* text = manager.jpeg_message_table[manager.msg_code];
  return std::strchr(text, '%') == nullptr ? text : "libjpeg-turbo refuses this JPEG";
}

TurboErrors& errors_of(j_common_ptr info) { return *reinterpret_cast<TurboErrors*>(info->err); }

void error_exit(j_common_ptr info) { fail(errors_of(info), text_of(*info->err)); }

// Warnings that leave every pixel as the encoder meant it.
bool is_harmless(const jpeg_error_mgr& manager) {
  switch (manager.msg_code) {
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
      return true;
    // Padding between segments of the header or before the end marker, which some cameras write.
    case JWRN_EXTRANEOUS_DATA:
      return manager.msg_parm.i[1] < 0xd0 || manager.msg_parm.i[1] > 0xd7;
    default:
      return false;
  }
}

void emit_message(j_common_ptr info, int level) {
  if (level < 0 && !is_harmless(*info->err)) error_exit(info);
}

void output_message(j_common_ptr) {}

void check_scan_count(j_common_ptr info) {
  if (info->is_decompressor &&
      reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > k_max_scans) {
    fail(errors_of(info), "JPEG has more than 100 scans");
  }
}

}  // namespace

jpeg_error_mgr* install(TurboErrors& errors) {
  jpeg_std_error(&errors.manager);
  errors.manager.error_exit = error_exit;
  errors.manager.emit_message = emit_message;
  errors.manager.output_message = output_message;
  return &errors.manager;
}

void fail(TurboErrors& errors, const char* what) {
  errors.what = what;
  std::longjmp(errors.jump, 1);
}

void limit_scans(jpeg_decompress_struct& info, jpeg_progress_mgr& progress) {
  progress.progress_monitor = check_scan_count;
  info.progress = &progress;
}

}  // namespace headrace::jpeg
