# shellcheck shell=bash disable=SC2034,SC2154
# ./run gpu-check: what to carry to a machine with a GPU, and Headrace beside other loaders there.
# Sourced by run; exits with the status of what it started.

# build/gpu-check is what to carry to a machine with a GPU: the program, the few libraries that such
# a machine may lack, and the comparison with other loaders. Table and rates are written there too.
run_gpu_check() {
  if [[ ${1:-} == --peers ]]; then
    shift
    run_gpu_peers "$@"
  fi
  need build
  configure release
  build release gpu_check
  local folder=$root/build/gpu-check program
  program=$(program_of release gpu_check)
  mkdir -p "$folder"
  cp "$program" "$folder/"
  # All but glibc's own, which must be the machine's.
  ldd "$program" | awk '$3 ~ /^\// && $1 !~ /^lib(c|m|dl|rt|pthread)[.]/ {print $3}' |
    xargs -r cp -Lt "$folder"
  mkdir -p "$folder/peers"
  cp "$root/tests/gpu/everything.sh" "$folder/"
  cp -r "$root/bench/gpu" "$root/bench/rounds.py" "$folder/peers/"
  say "to carry to another machine: $folder"
  "$folder/everything.sh" "$@"
}

# The packages of ./run bench peers are worth their gigabytes only where there is a GPU.
run_gpu_peers() {
  local python=${HEADRACE_PEERS:-python3}
  if nvidia-smi -L &>/dev/null; then
    need build
    need_peers
    build release _headrace
    python=$peers_python
    export PYTHONPATH=$root/build/release/python
  fi
  exec "$python" "$root/bench/gpu/peers.py" --data "$cache/gpu-peers-pictures" "$@"
}
