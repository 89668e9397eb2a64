# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by ./run after say.sh: installs what is missing, and nothing else. Safe to call each time.

readonly packages_build=(
  g++ cmake ninja-build pkg-config git ca-certificates
  liburing-dev libjpeg62-turbo-dev libturbojpeg0-dev libpng-dev libwebp-dev libhwy-dev
  libzstd-dev liblz4-dev libdeflate-dev zlib1g-dev libsimdjson-dev
  libxxhash-dev libfmt-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev
  libgtest-dev libgmock-dev libbenchmark-dev libsqlite3-0
)
readonly packages_python=(python3 python3-dev python3-venv)
readonly packages_browser=(chromium)
readonly packages_faults=(xfsprogs e2fsprogs)  # file systems for tests to break
readonly packages_tidy=(clang-format git python3)
readonly packages_fuzz=(clang-19 libclang-rt-19-dev llvm-19)
readonly packages_processors=(qemu-user)  # runs the command on processors that are not here
readonly packages_fio=(fio)  # for headrace bench io --against fio, and its tests
readonly packages_deep=(clang-tidy-19)
# Of ./run bench peers alone: FFmpeg's libraries for SPDL, the rest to compile FFCV.
readonly packages_peers=(
  libavdevice59 libavfilter8 libopencv-dev libturbojpeg0-dev python3-dev g++ pkg-config
)

# need GROUP...: the packages of these groups are there when this returns.
need() {
  local missing=() group
  for group in "$@"; do
    local -n packages=packages_$group
    mapfile -t -O "${#missing[@]}" missing < <(missing_of "${packages[@]}")
  done
  ((${#missing[@]} == 0)) || install "${missing[@]}"
}

missing_of() {
  local installed package
  # One call for all: each call takes 10 ms, and ./run headrace should start at once.
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}:${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^ii *://p' || true)
  for package in "$@"; do
    [[ $'\n'$installed$'\n' == *$'\n'$package$'\n'* ]] || echo "$package"
  done
}

install() {
  local as_root=()
  command -v apt-get >/dev/null || fail "this needs Debian 12 (no apt-get here) to install: $*"
  if ((EUID != 0)); then
    as_root=(sudo)
    if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && [[ ! -t 0 ]]; }; then
      fail "these packages are missing, and installing takes root; type:
  su -c 'apt-get update && apt-get install -y --no-install-recommends $*'"
    fi
    sudo -v || fail "sudo was refused; as root type: apt-get install $*"
  fi
  say "installing $# packages: $*"
  local quiet=(env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300)
  quietly "package lists" "$cache/logs/apt-update.log" "${as_root[@]}" "${quiet[@]}" update
  quietly "packages" "$cache/logs/apt-install.log" \
    "${as_root[@]}" "${quiet[@]}" install --no-install-recommends "$@"
}

# need_venv: $venv_python is a Python with the packages of requirements.txt when this returns.
need_venv() {
  need_python venv "$root/tools/requirements.txt"
  venv_python=$made_python
}

# need_text: $text_python has the tokenizers that ours are compared with when this returns.
need_text() {
  need_python text "$root/tests/conformance/requirements-text.txt"
  text_python=$made_python
}

# need_peers: $peers_python has the loaders that ./run bench peers compares (3 GB); FFCV is compiled
# against what is installed before it, and the others run without it.
need_peers() {
  need peers
  local file=$root/bench/peers/requirements-ffcv.txt log=$cache/logs/ffcv.log
  need_python peers "$root/bench/peers/requirements.txt"
  peers_python=$made_python
  [[ ! -d $(echo "${peers_python%/bin/python}"/lib/python3*/site-packages/ffcv) ]] || return 0
  (quietly "FFCV" "$log" \
    "$peers_python" -m pip install --no-input --no-build-isolation -r "$file") ||
    say "FFCV could not be built, so it is left out"
}

# venv_of NAME FILE: where the venv with the packages of FILE lies, NAME its prefix.
venv_of() { echo "$cache/$1-$(sha256sum "$2" | cut -c 1-12)"; }

# need_python NAME FILE: $made_python is that of venv_of NAME FILE, there when this returns.
need_python() {
  need python
  local requirements=$2 venv
  venv=$(venv_of "$1" "$2")
  made_python=$venv/bin/python
  [[ ! -x $made_python ]] || return 0
  # Made under another name, so that a venv cut short is never taken for a whole one.
  local half=$venv.$$ left
  for left in "$venv".*; do
    kill -0 "${left##*.}" 2>/dev/null || rm -rf "$left"
  done
  quietly "Python packages" "$cache/logs/$1.log" make_venv "$half" "$requirements"
  if ! mv -T "$half" "$venv" 2>/dev/null; then  # another run was quicker
    rm -rf "$half"
    [[ -x $made_python ]] || fail "cannot make $venv; is $cache writable?"
  fi
}

make_venv() {
  local python
  python=$(python_that_makes_venvs) || fail "no python3 (3.11 or newer) can make a venv"
  if ! { "$python" -m venv "$1" && "$1/bin/python" -m pip install --no-input \
    --disable-pip-version-check -r "$2"; }; then
    rm -rf "$1"
    return 1
  fi
}

python_that_makes_venvs() {
  local python
  for python in /usr/bin/python3 python3; do
    if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
      2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

# need_photos: $photos is the folder of the real photo set when this returns.
need_photos() {
  need_venv
  photos=$("$venv_python" "$root/tools/photos.py" --cache "$cache" | tail -n 1)
  [[ -d $photos ]] || fail "no photo set; what went wrong is above"
}
