#!/usr/bin/env bash
# Every guest of Tests/Guests in full, on every profile: those that check themselves must find nothing, those that compute must
# print what their host twins print. Half a thousand million instructions: not for the debug build.
set -euo pipefail

[[ ${MODE:-release} != debug ]] || { echo "too long for the debug build; the other modes do it"; exit 0; }

fail() {
    echo "FAILED: $*"
    exit 1
}

run() { # PROFILE NAME [PARAMETER...]
    local profile=$1 image=$GUESTS/$2
    shift 2
    [[ $profile == vz ]] || image=$image.te
    timeout 300 "$STASIS" run "$image.elf" --profile "$profile" --clock virtual --quiet -- "$@" </dev/null >out 2>err ||
        fail "$profile $image: status $?: $(tail -n 5 out err)"
    if grep FAIL out; then fail "$profile $image"; fi
}

for profile in vz te-5.10 te-fixed; do
    run "$profile" memtest mem=8
    grep -q '^memtest: 1 passes, 0 failures' out || fail "$profile memtest: $(cat out)"
    run "$profile" exceptions quiet=1
    grep -qE '^exceptions: [0-9]+ checks, 0 failed' out || fail "$profile exceptions: $(cat out)"
    run "$profile" fpu
    grep -qE '^fpu: [0-9]+ checks, 0 failed' out || fail "$profile fpu: $(tail -n 3 out)"
    echo "ok $profile: memtest, exceptions, fpu"
done
for name in crc32 sha256 sort lz bignum calls branches memory matrix nbody; do
    "$GUESTS/host/$name" | grep checksum= >expected
    for profile in vz te-fixed; do
        run "$profile" "$name"
        grep checksum= out | tr -d '\r' | cmp - expected || fail "$profile $name differs from its host twin"
    done
    echo "ok $name"
done
# These have no host twin: each profile is the other's judge. Trap-and-emulate's TLB is left out of pages.
run vz pages n=2
grep -q '^pages checksum=' out || fail "pages: $(cat out)"
run vz cold n=2
grep checksum= out >expected
run te-fixed cold n=2
grep checksum= out | cmp - expected || fail "cold differs between profiles"
echo "ok pages, cold"
