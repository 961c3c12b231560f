#!/usr/bin/env bash
# The CPU beside QEMU's 24Kf: random programs in random machine states, at least a million instructions. The sources are the same
# in every build mode, so only the release run does it. CPU_DIFFERENTIAL_SEED chooses another million.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
[[ ${MODE:-release} == release ]] || { echo "done by the release run"; exit 0; }
"${PYTHON:-python3}" "$root/Tests/Differential/cpu/run" --seed "${CPU_DIFFERENTIAL_SEED:-1}" --count 4200 \
    --at-least 1000000 --minimize 1 --tool "$(dirname "$STASIS")/cpu-differential"
