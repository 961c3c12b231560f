#!/usr/bin/env bash
# SIGTSTP freezes the guest and stops the program; SIGCONT lets both go on, by the clock policy. On the host's clock, so with the
# release build only; figures are compared with how long the program was stopped, nothing else.
set -euo pipefail

[[ $MODE == release ]] || { echo "on the host's clock with the release build only"; exit 0; }

fail() {
    echo "FAILED: $*"
    exit 1
}

# stand POLICY: a ticker that is stopped for a second or more, in the middle of its two seconds. Sets `stood` (ms).
stand() {
    local policy=$1 pid from
    "$STASIS" run --backend simulator --for 2s --clock-policy "$policy" "$GUESTS/ticker.elf" -- hz=100 ticks=100000 \
        >"$policy.out" 2>"$policy.err" </dev/null &
    pid=$!
    until [[ $(grep -c "^tick" "$policy.out" 2>/dev/null) -gt 20 ]]; do sleep 0.05; done
    kill -TSTP "$pid"
    until [[ $(sed 's/.*) //' "/proc/$pid/stat" | cut -c1) == T ]]; do sleep 0.05; done
    from=$(date +%s%N)
    sleep 1
    stood=$((($(date +%s%N) - from) / 1000000))
    kill -CONT "$pid"
    wait "$pid" || fail "$policy: $(cat "$policy.err")"
    grep -q "went on: .*$policy: stood" "$policy.err" || fail "$policy: nothing said: $(cat "$policy.err")"
    ticks=$(grep -c '^tick' "$policy.out")
    # How many ticks so far were taken a period or more after they were due.
    late=$(tr -d '\r' <"$policy.out" | sed -n 's/^tick .* late=//p' | tail -n 1)
    echo "$policy: $ticks ticks, $late of them late; stopped for $stood ms"
}

# A tick is due every 10 ms. A guest that sees no gap is late for few of those that the stop was long, one that catches up for all.
stand freeze
((ticks > 150)) || fail "freeze: $ticks ticks in two seconds"
((late < stood / 20)) || fail "freeze: $late ticks were late, and the guest was to see no gap"
stand catch-up
((late > stood / 10 - 10)) || fail "catch-up: $late ticks were late after $stood ms"
