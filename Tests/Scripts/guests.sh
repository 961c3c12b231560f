#!/usr/bin/env bash
# Every guest of Tests/Guests on every profile: those that check themselves pass, those that compute print what the same C
# prints on the host.
set -euo pipefail

[[ ${MODE:-release} != debug ]] || { echo "the quick ones are part of swift test"; exit 0; }
failures=0

# guest NAME PROFILE runs it; its console is in the file out.
guest() {
    local image=$GUESTS/$1.elf status=0
    [[ $2 == vz ]] || image=$GUESTS/$1.te.elf
    timeout 300 "$STASIS" run "$image" --quiet --backend simulator --profile "$2" --clock virtual >out 2>err </dev/null ||
        status=$?
    if ((status != 0)) || [[ -s err ]] || grep -q FAIL out; then
        echo "FAILED: $1 on $2: status $status"
        tail -n 5 out err
        failures=$((failures + 1))
    fi
}

for profile in vz te-5.10 te-fixed; do
    for name in hello memtest exceptions fpu; do guest "$name" "$profile"; done
    for name in crc32 sha256 sort lz matrix bignum; do
        guest "$name" "$profile"
        "$GUESTS/host/$name" >host
        grep checksum= host >expected
        diff expected <(grep checksum= out) || {
            echo "FAILED: $name on $profile computes something else than the host"
            failures=$((failures + 1))
        }
    done
done
((failures == 0))
