#!/usr/bin/env bash
# `stasis conformance` as a command: selection, listing, JSON, and refusals. What the rows say is tested by running them all.
set -euo pipefail

fail() {
    echo "FAILED: $*"
    exit 1
}

expect() {
    local wanted=$1 status=0
    shift
    "$STASIS" conformance "$@" >out 2>err || status=$?
    ((status == wanted)) || fail "conformance $*: status $status, not $wanted: $(cat out err)"
}

one_line() {
    [[ $(wc -l <err) == 1 && ! -s out ]] || fail "not one line: $(cat out err)"
}

# One plan for all profiles, numbers without gaps, and the counts at the end.
expect 0 --rows T1-T4,A1
[[ $(sed -n 1p out) == "TAP version 13" && $(sed -n 2p out) == "1..15" ]] || fail "no plan: $(cat out)"
grep -q '^# backend simulator: .' out || fail "which backend, and why?"
[[ $(grep -c '^# profile ' out) == 3 ]] || fail "not three profiles"
[[ $(grep -oE '^ok [0-9]+ [A-Z][0-9]+' out | awk '{ print $2 }' | tr '\n' ' ') == "$(seq -s ' ' 15) " ]] || fail "numbers"
[[ $(tail -n 1 out) == "# 15 passed, 0 failed, 0 skipped" ]] || fail "counts: $(tail -n 1 out)"
[[ ! -s err ]] || fail "text on standard error: $(cat err)"

# What only a virtual clock can decide is decided.
expect 0 --profile te-fixed --rows T34
grep -q '^ok 1 T34 ' out && ! grep -q SKIP out || fail "the vectors are skipped: $(cat out)"

# Quiet: only the counts, as all is well.
expect 0 --profile vz --rows A --quiet
[[ $(wc -l <out) == 1 ]] || fail "not quiet: $(cat out)"

# JSON says the same.
expect 0 --profile vz --rows A1,C16 --json
python3 -c '
import json
report = json.load(open("out"))
assert [row["row"] for row in report["rows"]] == ["A1", "C16"], report
assert [row["outcome"] for row in report["rows"]] == ["passed", "skipped"], report
assert report["rows"][1]["reason"] and (report["passed"], report["failed"], report["skipped"]) == (1, 0, 1), report
' || fail "json: $(cat out)"

# The list: every row once, none run.
expect 0 --list
rows=$(($(wc -l <out) - 1))
((rows > 140)) || fail "only $rows rows"
expect 0 --list --json
python3 -c 'import json, sys; assert len(json.load(open("out"))) == int(sys.argv[1])' "$rows" || fail "the lists differ"

# A selection with nothing in it would pass by testing nothing.
for rows in T99 X T1,Q7; do
    expect 2 --rows "$rows"
    one_line
done

# /dev/kvm of another architecture.
case $(uname -m) in
mips*) ;;
*)
    expect 1 --backend kvm
    one_line
    ;;
esac
