#!/usr/bin/env bash
# restore starts the guest at once, however much memory it has, and nothing of a guest with damaged memory is ever seen.
set -euo pipefail

fail() {
    echo "FAILED: $*"
    exit 1
}

# A guest that prints ten times a second; most of its memory was never touched.
for size in 64 512; do
    "$STASIS" run --quiet --backend simulator --clock virtual --memory "${size}M" --for 55ms --save "$size.snap" \
        "$GUESTS/ticker.elf" -- ticks=0 >"$size.out" 2>err </dev/null || fail "run with $size MiB: $(cat err)"
done

# Tenths of a millisecond from main to the guest's first instruction, the least of several.
fastest() {
    local least='' round time
    for round in 1 2 3 4 5 6 7 8 9; do
        "$STASIS" restore "$1" --backend simulator --for 1ms >out 2>err </dev/null || fail "restore $1: $(cat err)"
        time=$(sed -nE 's/^stasis: restored .* in ([0-9]+)\.([0-9]) ms .*/\1\2/p' err)
        [[ $time =~ ^[0-9]+$ ]] || fail "round $round of $1 does not say how long it took: $(cat err)"
        time=$((10#$time + 1))
        [[ -n $least ]] && ((least <= time)) || least=$time
    done
    echo "$least"
}
small=$(fastest 64.snap) large=$(fastest 512.snap)
echo "64 MiB: $small, 512 MiB: $large tenths of a millisecond"
((large < 3 * small)) || fail "restoring takes longer with more memory: $small and $large tenths of a millisecond"

# What it prints goes on where it stopped, and none of it is lost.
"$STASIS" run --quiet --backend simulator --clock virtual --memory 64M --for 90ms "$GUESTS/ticker.elf" -- ticks=0 >whole 2>err </dev/null ||
    fail "run: $(cat err)"
"$STASIS" restore 64.snap --quiet --backend simulator --for 35ms >rest 2>err </dev/null || fail "restore: $(cat err)"
cat 64.out rest | cmp - whole || fail "output was lost or changed"

# damaged WHAT ARGUMENT...: the guest's memory in the file has another byte; a run of it is an error, and not a byte comes out.
damaged() {
    local status=0
    shift
    "$STASIS" restore damaged.snap --backend simulator "$@" >out 2>err </dev/null || status=$?
    ((status == 1)) || fail "damaged memory, $*: status $status, not 1: $(cat err)"
    [[ ! -s out ]] || fail "damaged memory, $*: the guest was heard: $(head -c 200 out)"
    grep -q 'damaged in guest memory at 0x' err || fail "damaged memory, $*: it is not told: $(cat err)"
}
cp --sparse=always 512.snap damaged.snap
# The last byte of all: the check comes to it last.
printf 'X' | dd of=damaged.snap bs=1 seek=$(($(stat -c %s damaged.snap) - 1)) conv=notrunc status=none
damaged 'to its end'
damaged 'for a while' --for 1s
damaged 'in an instant' --quiet --for 1ns --save again.snap
[[ ! -e again.snap ]] || fail "a damaged guest was saved"

# Nor does it write to its disk: the guest's memory decides what it would write, so it is enough that it is the same file as before.
truncate -s 1M disk
"$STASIS" run --quiet --backend simulator --clock virtual --memory 64M --disk disk --for 55ms --save disk.snap \
    "$GUESTS/ticker.elf" -- ticks=0 >out 2>err </dev/null || fail "run with a disk: $(cat err)"
before=$(stat -c '%Y %Z' disk)
cp --sparse=always disk.snap damaged.snap
printf 'X' | dd of=damaged.snap bs=1 seek=$(($(stat -c %s damaged.snap) - 1)) conv=notrunc status=none
damaged 'with a disk' --for 1s
[[ $(stat -c '%Y %Z' disk) == "$before" ]] || fail "the disk was touched"

# inspect and diff compare everything first.
status=0
"$STASIS" inspect damaged.snap >out 2>err || status=$?
[[ $status == 1 && ! -s out ]] || fail "inspect shows a damaged file"
echo "restored at once, and nothing of a damaged guest is seen"
