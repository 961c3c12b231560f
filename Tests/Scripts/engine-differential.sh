#!/usr/bin/env bash
# The two engines beside each other: random programs in random machines, 25 million instructions; that a difference would be found; and that
# code written without end takes no more memory. ENGINE_DIFFERENTIAL_SEED chooses other programs.
set -euo pipefail

# The sources are the same in every build mode, and only the release build stands beside this program.
[[ ${MODE:-release} == release ]] || { echo "done by the release run"; exit 0; }
tool=$(dirname "$STASIS")/cpu-differential
seed=${ENGINE_DIFFERENTIAL_SEED:-1}
echo "seed $seed"
"$tool" engines --seed "$seed" --instructions 25000000

# What is not the same must be found: a clock that is slower, a wrong register, a wrong instruction.
for mutation in clock register instruction; do
    status=0
    "$tool" engines --seed 1 --count 100 --mutation "$mutation" >found || status=$?
    grep -q "^seed 1, vector [0-9]*, " found && ((status == 1)) || {
        echo "FAILED: the mutation $mutation was not found, status $status"
        tail -n 3 found
        exit 1
    }
done
echo "the mutations clock, register and instruction were found"

"$tool" bounds --rewrites 30000
