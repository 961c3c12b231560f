#!/usr/bin/env bash
# One guest, two backends: ticker starts on the real /dev/kvm, goes on in the simulator on this host, and again on /dev/kvm: another
# kernel, another processor. Its account of time is one, and it cannot tell. So for a guest that computes. And what cannot cross is
# refused with the reason. Runs in an empty folder; takes about a minute.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
STASIS=${STASIS:-$root/.build/release/stasis}
GUESTS=${GUESTS:-$root/.build/guests}

fail() {
    echo "FAILED: $*"
    exit 1
}

# expect STATUS ARGUMENT... runs the program here and compares its exit status; its output is in the files out and err.
expect() {
    local wanted=$1 status=0
    shift
    "$STASIS" "$@" >out 2>err </dev/null || status=$?
    ((status == wanted)) || fail "stasis $*: status $status, not $wanted: $(cat err)"
}

# refusal NAME STATUS TEXT: what a restore that left its status and its errors in NAME.status and NAME.err said.
refusal() {
    [[ $(<"$1.status") == "$2" ]] || fail "$1: status $(<"$1.status"), not $2: $(cat "$1.err")"
    sed -i '/^stasis: backend /d' "$1.err"
    [[ $(wc -l <"$1.err") == 1 ]] || fail "$1: not one line: $(cat "$1.err")"
    grep -qF -- "$3" "$1.err" || fail "$1: no '$3' in: $(cat "$1.err")"
    [[ ! -s $1.out ]] || fail "$1: something was started: $(cat "$1.out")"
}

# value FILE NAME: a number of the timer in a snapshot.
value() { "$STASIS" inspect "$1" | awk -v name="$2" '$1 == name { value = $2 } END { print value }'; }

# trace FILE LIMIT [EXEMPT]: every tick once, in order, Compare a period after Compare, none early; and none but the first EXEMPT ones later than
# LIMIT Counts, unless that is 0. Goes on where `tick`, `compare` and `rest`, the line that a freeze has cut, stand.
tick=0 compare=0 rest=
trace() {
    local text line number due count late ticks=0 exempt=${3:-0}
    text=$rest$(<"$1" tr -d '\r'; echo .)
    text=${text%.}
    rest=${text##*$'\n'}
    while read -r line; do
        [[ $line =~ ^tick\ ([0-9]+)\ count=([0-9a-f]{8})\ compare=([0-9a-f]{8}) ]] || continue
        number=${BASH_REMATCH[1]} count=$((16#${BASH_REMATCH[2]})) due=$((16#${BASH_REMATCH[3]}))
        ((number == tick + 1)) || fail "$1: tick $number after tick $tick"
        ((tick == 0 || due == (compare + 5000000) % 4294967296)) || fail "$1: tick $number was due at $due, not a period after $compare"
        late=$(((count - due) & 0xFFFFFFFF))
        ((late < 1 << 31)) || fail "$1: tick $number was early: Count $count, Compare $due"
        (($2 == 0 || late <= $2 || ticks < exempt)) || fail "$1: tick $number came $late Counts late"
        tick=$number compare=$due ticks=$((ticks + 1))
    done <<<"${text%"$rest"}"
    ((ticks >= 3)) || fail "$1: $ticks ticks only"
    if grep -E 'lost|doubled|early' "$1"; then fail "$1: the guest found fault with its time"; fi
}

# with_page_size FILE SIZE COPY: the same snapshot, said to be of pages of that size, with the header's checksum (CRC-32C) put right.
with_page_size() {
    local byte bytes sum=$((0xFFFFFFFF)) bit
    cp "$1" "$3"
    patch() { # OFFSET VALUE: four bytes, little endian
        printf '%b' "$(printf '\\x%02x' $(($2 & 255)) $(($2 >> 8 & 255)) $(($2 >> 16 & 255)) $(($2 >> 24 & 255)))" |
            dd of="$3" bs=1 seek="$1" conv=notrunc status=none
    }
    patch 24 "$2" "$3"
    bytes=$(od -An -v -tu1 -N124 "$3")
    for byte in $bytes; do
        sum=$((sum ^ byte))
        for ((bit = 0; bit < 8; bit++)); do sum=$((sum & 1 ? sum >> 1 ^ 0x82F63B78 : sum >> 1)); done
    done
    patch 124 $((sum ^ 0xFFFFFFFF)) "$3"
}

ticker=(--memory 2M -- hz=20 ticks=0)

# There: on /dev/kvm. A guest that computes is stopped in the middle as well.
"$root/Scripts/mips-host" --kernel te-5.10 --cpu 24Kf -- sh -e -c '
    stasis run /guests/ticker.te.elf --backend kvm --quiet --for 400ms --save there.snap "$@" >there.txt
    stasis run /guests/matrix.te.elf --backend kvm --quiet --for 100ms --save matrix.snap --memory 4M >matrix-1.txt
' sh "${ticker[@]}" </dev/null || fail "on /dev/kvm: status $?"
trace there.txt 0

# Here: in the simulator. On the virtual clock nothing but the crossing could make a tick late, except one that was due already or
# in its handler when it was frozen there.
exempt=$((($(value there.snap Cause) >> 30 & 1) | ($(value there.snap Status) >> 1 & 1)))
before_here=("$tick" "$compare" "$rest")
expect 0 restore there.snap --backend simulator --clock virtual --for 400ms --save here.snap
grep -q 'migration, freeze' err || fail "not a migration: $(cat err)"
cp out here.txt
trace here.txt 200 $exempt
expect 0 restore there.snap --backend simulator --quiet --for 300ms
cp out host-clock.txt
after_here=("$tick" "$compare" "$rest")
tick=${before_here[0]} compare=${before_here[1]} rest=${before_here[2]}
trace host-clock.txt 0
tick=${after_here[0]} compare=${after_here[1]} rest=${after_here[2]}
expect 0 restore matrix.snap --backend simulator --quiet --clock virtual
cat matrix-1.txt out >crossed
expect 0 run "$GUESTS/matrix.te.elf" --backend simulator --profile te-5.10 --quiet --clock virtual --memory 4M
cmp <(grep -v '^time' out) <(grep -v '^time' crossed) || fail "matrix says otherwise: $(cat crossed)"

# What is refused here.
restore_here() {
    local name=$1 status=0
    shift
    "$STASIS" restore "$@" >"$name.out" 2>"$name.err" </dev/null || status=$?
    echo $status >"$name.status"
}
with_page_size there.snap 4096 small.snap
restore_here page-size-here small.snap --backend simulator
refusal page-size-here 1 "was taken with pages of 4096 bytes and cannot continue with 16384"
restore_here te-on-vz there.snap --backend simulator --profile vz
refusal te-on-vz 1 "was taken on te-5.10 and cannot continue on vz: the guest's kernel is linked for the addresses"
expect 0 run "$GUESTS/ticker.elf" --backend simulator --quiet --for 100ms --save vz.snap "${ticker[@]}"
restore_here vz-on-te vz.snap --backend simulator --profile te-fixed
refusal vz-on-te 1 "was taken on vz and cannot continue on te-fixed: the guest's kernel is linked for segments"

# And back, on a host that is not the first.
"$root/Scripts/mips-host" --kernel te-fixed --cpu 34Kf -- sh -c '
    now() { read -r up idle </proc/uptime; echo "${up%.*}${up#*.}"; }
    for name in small vz; do
        stasis restore $name.snap --backend kvm >$name-on-kvm.out 2>$name-on-kvm.err
        echo $? >$name-on-kvm.status
    done
    now >before
    stasis restore here.snap --backend kvm --for 400ms --save back.snap >back.txt 2>back.err || exit 1
    now >after
    stasis restore matrix.snap --backend kvm --quiet >matrix-2.txt
' </dev/null || fail "back on /dev/kvm: status $?: $(cat back.err)"
refusal small-on-kvm 1 "was taken with pages of 4096 bytes and cannot continue with 16384"
refusal vz-on-kvm 1 "was taken on vz and cannot continue on te-fixed"
trace back.txt 0
grep -q 'migration, freeze' back.err || fail "not a migration: $(cat back.err)"
grep -q 'note: FCR_IR was 0x739300 and is 0x739500 here' back.err || fail "no word about the FPU: $(cat back.err)"
grep -q 'note: the guest was on te-5.10 and is on te-fixed now' back.err || fail "no word about the kernel: $(cat back.err)"
# The guest saw no more time than there was while it was restored, run and saved: nothing of the gap.
ran=$(((($(value back.snap Count) - $(value here.snap Count)) & 0xFFFFFFFF) / 1000000))
most=$((10#$(<after) - 10#$(<before) + 1))
((ran >= 40 && ran <= most)) || fail "the guest saw $ran hundredths of a second, not 40 to $most"
cmp <(cat matrix-1.txt matrix-2.txt | grep -v '^time') <(grep -v '^time' crossed) || fail "matrix says otherwise: $(cat matrix-2.txt)"

echo "ticker: $tick ticks on three hosts, none lost, doubled or early; matrix the same; five refusals are a line each"
