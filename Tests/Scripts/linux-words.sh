#!/usr/bin/env bash
# The RAM disk of Scripts/guest-linux: a command from the kernel's command line runs, its status is what the machine ends with, and the
# guest's clocks are seen to go on evenly. On the virtual clock, so that a slow machine changes nothing.
set -euo pipefail

[[ $MODE == release ]] || { echo "once is enough: this is about the guest"; exit 0; }

fail() {
    echo "FAILED: $*"
    exit 1
}

status=0
"$STASIS" run --quiet --backend simulator --clock virtual --memory 128M --for 100s \
    --kernel "$GUESTS/linux/vmlinuz" --initrd "$GUESTS/linux/initrd.gz" \
    --append 'console=ttyS0 quiet stasis.run="clocks 10 50; fsstress /tmp/stress 1; exit 7"' >out 2>err </dev/null || status=$?
((status == 1)) || fail "ended with $status: $(cat err; tail -n 5 out)"
grep -q 'powered off with code 7' err || fail "not by the command's status: $(cat err)"
! grep -qiE 'warning|bug:|oops|panic' out || fail "the kernel complains: $(cat out)"
grep -q '^round 1 ok: ' out || fail "fsstress: $(tail -n 5 out)"

# Fifty lines, none lost, none twice, 10 ms apart: within half of that, because other processes start meanwhile.
tr -d '\r' <out | awk '
    /^[0-9]+ [0-9]+ [0-9]+$/ {
        if ($1 != ++n) { print "line " $1 " where " n " was due"; bad = 1 }
        if (n > 1 && ($2 - last < 5e6 || $2 - last > 15e6)) { print "line " n " is " ($2 - last) / 1e6 " ms after the last"; bad = 1 }
        last = $2
    }
    END {
        if (n != 50) { print n + 0 " lines, not 50"; bad = 1 }
        exit bad
    }' || fail "clocks: $(tail -n 5 out)"
echo "50 lines of clocks, one round of fsstress, status 7"
