#!/usr/bin/env bash
# Debian's unmodified kernel, on the simulator: boots to user space, is saved there, and goes on in a new process without a gap, or
# with just the one that was asked for. On the virtual clock, so that a slow machine changes nothing.
set -euo pipefail

[[ $MODE != debug ]] || { echo "the debug build takes minutes to boot"; exit 0; }

fail() {
    echo "FAILED: $*"
    exit 1
}

# PID 1 prints its number of the line and the guest's own time, ten times a second.
work='/bin/busybox mount -t proc none /proc; i=0; while :; do i=$((i+1)); read u r </proc/uptime; '
work+='echo tick $i $u; /bin/busybox sleep 0.1; done'
"$STASIS" run --quiet --backend simulator --clock virtual --memory 128M --for 45s --save boot.snap \
    --kernel "$GUESTS/linux/vmlinuz" --initrd "$GUESTS/linux/initrd.gz" \
    --append "console=ttyS0 quiet rdinit=/bin/sh -- -c \"$work\"" >boot.out 2>boot.err </dev/null ||
    fail "boot: $(cat boot.err; tail -n 5 boot.out)"
[[ ! -s boot.err ]] || fail "boot: $(cat boot.err)"
grep -q '^tick 1 ' boot.out || fail "user space was not reached: $(tail -n 5 boot.out)"
! grep -qiE 'warning|bug:|oops|panic' boot.out || fail "the kernel complains: $(cat boot.out)"

# after FILE POLICY: what the guest prints in the next two seconds, under a policy.
after() {
    "$STASIS" restore boot.snap --quiet --backend simulator --for 2s --clock-policy "$2" >"$1" 2>err </dev/null ||
        fail "restore, $2: $(cat err)"
}

# check SECONDS FILE: lines go on where they stopped, each 0.1 to 0.15 s after the one before, but for one gap of so much.
check() {
    tr -d '\r' <boot.out | cat - "$2" | tr -d '\r' | awk -v gap="$1" '
        /^tick/ {
            if (n && $2 != n + 1) { print "line " $2 " after " n; bad = 1 }
            if (n && $3 - t > 0.15) { jumps++; jump = $3 - t }
            if (n && $3 < t) { print "back at " $2; bad = 1 }
            n = $2; t = $3
        }
        END {
            if (gap == 0 && jumps) { print jumps " gaps, the last of " jump; bad = 1 }
            if (gap && (jumps != 1 || jump < gap || jump > gap + 0.2)) { print jumps " gaps, the last of " jump; bad = 1 }
            if (n < 20) { print "only " n " lines"; bad = 1 }
            print n " lines, the last at " t
            exit bad
        }'
}

after freeze.out freeze
check 0 freeze.out || fail "policy freeze"
# The virtual clock began with the year 2000, and it stands at 45 s.
after later.out at=2000-01-01T00:00:55Z
check 10 later.out || fail "policy at"
# The same again is the same to the byte.
after again.out freeze
cmp freeze.out again.out || fail "not repeatable"
echo "Linux boots, is saved and goes on"
