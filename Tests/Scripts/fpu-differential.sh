#!/usr/bin/env bash
# The FPU's arithmetic beside QEMU's 24Kf on random operands: every operation, rounding mode and flag. The sources are the same in
# every build mode, so only the release run does it.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
[[ ${MODE:-release} == release ]] || { echo "done by the release run"; exit 0; }
python3 "$root/Tests/Differential/fpu/differential.py" --count 20000
