# The CUDA kernels (src/headrace/kernels/kernels.cu) become one fatbin: machine code for A100, H100
# and B200, and PTX for what comes after. It is a part of hr_kernels, loaded through the driver at
# run time, so nothing links with CUDA; without nvcc the part is empty.
if(NOT HEADRACE_CUDA STREQUAL "off")
  find_program(HEADRACE_NVCC nvcc HINTS $ENV{CUDA_HOME}/bin PATHS /usr/local/cuda/bin)
  if(HEADRACE_CUDA STREQUAL "on" AND NOT HEADRACE_NVCC)
    message(FATAL_ERROR "HEADRACE_CUDA is on, but there is no nvcc (CUDA 12.8 or later)")
  endif()
endif()

function(hr_kernel_image)
  set(folder ${PROJECT_SOURCE_DIR}/src/headrace/kernels)
  set(image ${PROJECT_BINARY_DIR}/kernels.fatbin)
  set(no_image ${PROJECT_BINARY_DIR}/no_kernels)  # an assembler includes no device as /dev/null
  file(TOUCH ${no_image})
  if(HEADRACE_TESTS)  # where nvcc is, nothing else compiles what machines without it do
    add_test(NAME image_without_kernels COMMAND ${CMAKE_CXX_COMPILER} -std=c++23
      -I ${PROJECT_SOURCE_DIR}/src "-DHEADRACE_KERNEL_IMAGE=\"${no_image}\""
      -c ${folder}/image.cc -o ${no_image}.o)
  endif()
  if(HEADRACE_CUDA STREQUAL "off" OR NOT HEADRACE_NVCC)
    set(image ${no_image})
  else()
    # The host's compiler reads these sources too; fused multiply-adds would change bits.
    add_custom_command(OUTPUT ${image}
      COMMAND ${HEADRACE_NVCC} --fatbin -std=c++20 -O3 -fmad=false --Werror all-warnings
        -Xcompiler=-Wall,-Wextra -ccbin ${CMAKE_CXX_COMPILER}
        -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90
        -gencode arch=compute_100,code=[sm_100,compute_100]
        -I ${PROJECT_SOURCE_DIR}/src ${folder}/kernels.cu -MD -MF ${image}.d -o ${image}
      DEPENDS ${folder}/kernels.cu DEPFILE ${image}.d VERBATIM
      COMMENT "Compiling CUDA kernels for sm_80, sm_90, sm_100 and PTX")
    add_custom_target(kernel_image DEPENDS ${image})
    add_dependencies(hr_kernels kernel_image)
    set_source_files_properties(${folder}/image.cc PROPERTIES OBJECT_DEPENDS ${image})
  endif()
  set_source_files_properties(${folder}/image.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
    COMPILE_DEFINITIONS HEADRACE_KERNEL_IMAGE="${image}")
endfunction()
hr_kernel_image()
