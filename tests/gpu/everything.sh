#!/usr/bin/env bash
# All that has to be tried on a GPU, within 8 minutes, from the folder that ./run gpu-check makes:
# checks and rates, then the same small under compute-sanitizer. Writes gpu-check.txt and
# gpu-check.json beside itself. Exit 0: all held; 1: something did not; 2: something could not run.
set -uo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
worst=0

note() {  # 1 is worse than 2, and both than 0
  if [[ $1 == 2 && $worst == 0 ]]; then worst=2; elif [[ $1 != 0 && $1 != 2 ]]; then worst=1; fi
}

timeout 240 "$folder/gpu_check" --json "$folder/gpu-check.json" "$@" | tee "$folder/gpu-check.txt"
found=${PIPESTATUS[0]}
note "$found"
if [[ $found == 2 ]]; then
  echo "not run: compute-sanitizer: it wants a GPU" | tee -a "$folder/gpu-check.txt"
  exit $worst
fi
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)
if [[ -z $sanitizer ]]; then
  echo "not run: compute-sanitizer: install CUDA's package cuda-sanitizer" |
    tee -a "$folder/gpu-check.txt"
  note 2
else
  for tool in memcheck racecheck synccheck; do
    if timeout 75 "$sanitizer" --tool "$tool" --error-exitcode 9 "$folder/gpu_check" "$@" \
      --small --rounds 1 >"$folder/$tool.txt" 2>&1; then
      echo "ok      compute-sanitizer $tool" | tee -a "$folder/gpu-check.txt"
    else
      echo "FAILED  compute-sanitizer $tool ($folder/$tool.txt)" | tee -a "$folder/gpu-check.txt"
      note 1
    fi
  done
fi
exit $worst
