# shellcheck shell=bash
# Sourced by ./run: lines for a person, and long commands kept quiet. Everything goes to stderr.

say() { printf '%s\n' "$*" >&2; }

fail() {
  printf 'run: %s\n' "$*" >&2
  exit 1
}

# step WHAT: one numbered line before each part of a long job.
step_number=0
step() {
  step_number=$((step_number + 1))
  say "==> $step_number. $*"
}

# quietly WHAT LOG COMMAND...: runs the command into LOG and shows its last line while it runs
# (on a terminal in place, elsewhere every 20 s). A failure prints the whole log and ends the run.
quietly() {
  local what=$1 log=$2 began=$SECONDS said=$SECONDS status=0
  shift 2
  mkdir -p "${log%/*}"
  set -m  # a process group of its own, so that Ctrl-C here ends all of it
  "$@" >"$log" 2>&1 </dev/null &
  local job=$!
  set +m
  trap 'kill -- "-$job" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.1
    if [[ -t 2 ]]; then
      ((SECONDS - began < 1)) || in_place "$what, $((SECONDS - began)) s  $(tail -n 1 "$log")"
    elif ((SECONDS - said >= 20)); then
      said=$SECONDS
      say "$what, $((SECONDS - began)) s  $(tail -n 1 "$log" | cut -c 1-100)"
    fi
  done
  wait "$job" || status=$?
  trap - INT TERM
  [[ ! -t 2 ]] || printf '\r\e[K' >&2
  if ((status != 0)); then
    cat "$log" >&2
    fail "$what failed (status $status); the log above is $log"
  fi
  ((SECONDS - began < 2)) || say "$what: $((SECONDS - began)) s"
}

in_place() {
  local width
  width=$(tput cols 2>/dev/null || echo 80)
  printf '\r\e[K%s' "${1:0:width-1}" >&2
}
