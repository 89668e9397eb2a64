// The image between two symbols; the assembler reads the file that cmake/kernels.cmake has made.
#include "headrace/kernels/image.h"

// clang-format off
__asm__(
    ".pushsection .rodata.headrace_kernels, \"a\", %progbits\n"
    ".balign 64\n"
    ".hidden headrace_kernels_begin\n.globl headrace_kernels_begin\nheadrace_kernels_begin:\n"
    ".incbin \"" HEADRACE_KERNEL_IMAGE "\"\n"
    ".hidden headrace_kernels_end\n.globl headrace_kernels_end\nheadrace_kernels_end:\n"
    ".byte 0\n"
    ".popsection\n");
// clang-format on

extern "C" {
extern const std::byte headrace_kernels_begin[];
extern const std::byte headrace_kernels_end[];
}

namespace headrace::kernels {

std::span<const std::byte> image() { return {headrace_kernels_begin, headrace_kernels_end}; }

}  // namespace headrace::kernels
