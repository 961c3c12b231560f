#!/usr/bin/env bash
# Two engines, one guest: on the virtual clock a guest ends in the same state under both, and one that was saved under one engine goes on
# under the other as if nothing had been.
set -euo pipefail

fail() {
    echo "FAILED: $*"
    exit 1
}

for profile in vz te-5.10 te-fixed; do
    image=$GUESTS/ticker
    [[ $profile == vz ]] || image=$image.te
    for engine in interpreted translated; do
        "$STASIS" run "$image.elf" --profile "$profile" --clock virtual --engine "$engine" --for 30ms --save "$engine" \
            -- hz=1000 ticks=0 print=every=5 work=spin </dev/null >"$engine.out" 2>"$engine.err" ||
            fail "$profile $engine: status $?: $(tail -n 3 "$engine.err")"
        if grep 'interpreted:' "$engine.err"; then fail "$profile: this machine should be able to translate"; fi
    done
    cmp interpreted.out translated.out || fail "$profile: the guest said something else"
    "$STASIS" diff interpreted translated >difference || fail "$profile: $(head -n 5 difference)"
    for first in interpreted translated; do
        second=translated
        [[ $first == interpreted ]] || second=interpreted
        for engine in "$first" "$second"; do
            "$STASIS" restore "$first" --engine "$engine" --for 30ms --save "$first-$engine" --quiet </dev/null >"$first-$engine.out" ||
                fail "$profile: $first, then $engine: status $?"
        done
        cmp "$first-$first.out" "$first-$second.out" || fail "$profile: after $first the guest said something else under $second"
        "$STASIS" diff "$first-$first" "$first-$second" >difference || fail "$profile: $first, then $second: $(head -n 5 difference)"
    done
    echo "ok $profile: $(wc -l <interpreted.out) lines, the same state under both engines"
done

if "$STASIS" run "$GUESTS/hello.elf" --backend kvm --engine translated 2>err; then fail "KVM has no engines"; fi
grep -q 'only the simulator has engines' err || fail "$(cat err)"
