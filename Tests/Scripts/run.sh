#!/usr/bin/env bash
# run, restore, inspect and diff as a user meets them: exit statuses, messages, signals, a new process that goes on.
set -euo pipefail

fail() {
    echo "FAILED: $*"
    exit 1
}

# expect STATUS ARGUMENT... runs the program and compares its exit status; its output is in the files out and err.
expect() {
    local wanted=$1 status=0
    shift
    "$STASIS" "$@" >out 2>err </dev/null || status=$?
    ((status == wanted)) || fail "stasis $*: status $status, not $wanted: $(cat err)"
}

# refused TEXT ARGUMENT... fails with one line that has the text.
refused() {
    local text=$1
    shift
    expect 1 "$@"
    sed -i '/^stasis: backend simulator/d' err
    [[ $(wc -l <err) == 1 ]] || fail "not one line: $(cat err)"
    grep -qF -- "$text" err || fail "'$text' is not in: $(cat err)"
}

# The backend is named in one line, with the reason, and not at all with --quiet.
expect 0 run "$GUESTS/hello.elf"
grep -q 'hello from MIPS' out || fail "no hello"
[[ $(grep -c '^stasis: backend simulator' err) == 1 ]] || fail "backend: $(cat err)"
expect 0 run "$GUESTS/hello.elf" --quiet
[[ ! -s err ]] || fail "not quiet: $(cat err)"

# Images that cannot run.
printf 'no image' >text
: >empty
refused 'text' run text
refused 'empty' run empty
refused 'directory' run /
refused 'missing.elf' run missing.elf
refused 'ELF' run "$STASIS"
refused 'trap-and-emulate' run "$GUESTS/hello.te.elf"
refused 'kernel segments' run "$GUESTS/hello.elf" --profile te-fixed
refused 'RAM' run "$GUESTS/hello.elf" --memory 1M
refused '/dev/kvm' run "$GUESTS/hello.elf" --backend kvm

# A run on the virtual clock is the same every time, and in two pieces the same as in one.
for profile in vz te-5.10 te-fixed; do
    guest=$GUESTS/ticker$([[ $profile == vz ]] || echo .te).elf
    options=(--profile "$profile" --clock virtual --quiet)
    expect 0 run "$guest" "${options[@]}" -- ticks=12 work=spin
    cp out whole
    expect 0 run "$guest" "${options[@]}" --for 55ms --save saved -- ticks=12 work=spin
    cp out first
    expect 0 restore saved --quiet
    cat first out | cmp - whole || fail "$profile: two pieces are not the whole"
    # Saved over the file it came from, twice.
    expect 0 restore saved --quiet --for 11ms --save saved
    cat first out >pieces
    expect 0 restore saved --quiet --for 11ms --save saved
    cat out >>pieces
    expect 0 restore saved --quiet
    cat pieces out | cmp - whole || fail "$profile: four pieces are not the whole"
done

# What a snapshot holds, and what differs.
expect 0 run "$GUESTS/ticker.elf" --clock virtual --quiet --for 20ms --save a
expect 0 run "$GUESTS/ticker.elf" --clock virtual --quiet --for 30ms --save b
expect 0 inspect a
grep -q '^  PC ' out || fail "inspect: $(cat out)"
expect 0 inspect a --json
"${PYTHON:-python3}" -c 'import json, sys; json.load(open("out"))' || fail "inspect --json"
expect 0 diff a a
expect 1 diff a b
grep -q 'Count' out || fail "diff: $(cat out)"
expect 1 diff a b --json
"${PYTHON:-python3}" -c 'import json, sys; assert not json.load(open("out"))["same"]' || fail "diff --json"
expect 1 diff a b --quiet
[[ ! -s out && ! -s err ]] || fail "diff --quiet says something"

# Files that are no snapshots, and damaged ones.
refused 'text' restore text
refused 'is empty' restore empty
refused 'missing' restore missing
refused '/dev/null' inspect /dev/null
head -c 1000 a >short
refused 'cut short' restore short
cp a damaged
printf 'X' | dd of=damaged bs=1 seek=700 conv=notrunc status=none
refused 'damaged' restore damaged
refused 'cannot continue on te-fixed' restore a --profile te-fixed
refused 'backwards' restore a --clock-policy at=@5
refused 'cannot be saved' run "$GUESTS/ticker.elf" --for 1ms --save /nonexistent/file

# A guest that powers off leaves nothing to save; one that fails says where.
expect 0 run "$GUESTS/hello.elf" --save nothing
grep -q 'nothing to save' err || fail "saving after power-off: $(cat err)"
[[ ! -e nothing ]] || fail "a file of a guest that ended"
printf '\x28\x08\x00\x42' >hypcall
refused '0x80001000' run hypcall --raw 0x80001000

# SIGTERM saves and ends well; without --save it is a failure that says so.
# signalled STATUS ARGUMENT... sends SIGTERM once the guest has said something.
signalled() {
    local wanted=$1 status=0 pid
    shift
    rm -f out
    "$STASIS" "$@" >out 2>err </dev/null &
    pid=$!
    for _ in $(seq 200); do
        [[ -s out ]] && break
        sleep 0.05
    done
    kill -TERM "$pid"
    wait "$pid" || status=$?
    ((status == wanted)) || fail "stasis $* after SIGTERM: status $status, not $wanted: $(cat err)"
}
signalled 0 run "$GUESTS/ticker.elf" --save stopped -- ticks=0
expect 0 restore stopped --quiet --for 50ms
signalled 1 run "$GUESTS/ticker.elf" --quiet -- ticks=0
grep -q 'signal' err || fail "the signal is not told: $(cat err)"

# A reader that goes away ends the guest instead of leaving it behind.
timeout 20 "$STASIS" run "$GUESTS/ticker.elf" --quiet -- ticks=0 hz=1000 </dev/null | head -n 2 >out || true
[[ $(wc -l <out) == 2 ]] || fail "head"

# The demonstration refuses other guests, and is JSON when asked.
refused 'powered off' demo "$GUESTS/hello.elf"
expect 0 demo --clock virtual --json --quiet
"${PYTHON:-python3}" -c 'import json; d = json.load(open("out")); assert d["passed"] and len(d["phases"]) == 6' ||
    fail "demo --json"
