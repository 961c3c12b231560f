#!/usr/bin/env bash
# Two thousand random freezes, saves and restores on every profile leave no trace. Scripts/bench --soak does 100,000.
set -euo pipefail

# Only the release build is fast enough, and only it stands beside the soak program.
[[ $MODE == release ]] || exit 0
STASIS_GUESTS=$GUESTS SOAK_SCRATCH=$PWD "$(dirname "$STASIS")/soak" 2000
