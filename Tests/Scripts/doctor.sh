#!/usr/bin/env bash
# `stasis doctor` on this host, with nothing missing, with things missing, and as a user without rights.
set -euo pipefail

fail() {
    echo "FAILED: $*"
    exit 1
}

# expect STATUS COMMAND... runs a command and compares its exit status; its output is in the files out and err.
expect() {
    local wanted=$1 status=0
    shift
    "$@" >out 2>err || status=$?
    ((status == wanted)) || fail "$*: status $status, not $wanted: $(cat out err)"
    [[ ! -s err ]] || fail "$*: text on standard error: $(cat err)"
}

field() { python3 -c 'import json, sys; print(eval("json.load(open(\"out\"))" + sys.argv[1]))' "$1"; }

# For people: one screen, every fact on a line, and what it comes to at the end.
export STASIS_GUESTS=$GUESTS
expect 0 "$STASIS" doctor
for word in stasis host /dev/kvm backend simulator clock snapshots guests; do
    grep -q "^$word  *[^ ]" out || fail "nothing about '$word': $(cat out)"
done
grep -q "auto takes the simulator: " out || fail "which backend, and why?"
[[ $(tail -n 1 out) == "Stasis can run guests here." ]] || fail "no verdict"
(($(wc -l <out) <= 40)) || fail "longer than a screen"

# For programs: the same facts.
expect 0 "$STASIS" doctor --json
[[ $(field "['canRun']") == True && $(field "['guests']") == "$GUESTS" ]] || fail "json: $(cat out)"
[[ $(field "['host']['machine']") == "$(uname -m)" && $(field "['host']['kernel']") == "$(uname -r)" ]] || fail "uname"
[[ $(field "['host']['pageSize']") == "$(getconf PAGESIZE)" ]] || fail "page size"
[[ $(field "['simulator']" | grep -o "'profile'" | wc -l) == 3 ]] || fail "not three profiles"
[[ $(field "['kvm']['exists']") == "$([[ -e /dev/kvm ]] && echo True || echo False)" ]] || fail "/dev/kvm"
(($(field "['simulator'][2]['instructionsPerSecond']") > 0)) || fail "no speed"
[[ -z $(ls -A | grep -vxE 'out|err') ]] || fail "something was left behind: $(ls -A)"

# Each problem comes with a remedy.
STASIS_GUESTS=$PWD/nowhere expect 0 "$STASIS" doctor --json
[[ $(field "['guests']") == None ]] || fail "guests in a folder that is not there"
[[ $(field "['problems'][-1]['remedy']") == *Scripts/build-guests* ]] || fail "no remedy for guests"

# Without memory for guests: said, and status 1. (The ordinary build reserves more address space at its start.)
if [[ $MODE == embedded ]]; then
    # As little as the program starts with, whatever its size and that of its libraries.
    limit=3000 status=0
    until (ulimit -v $limit && "$STASIS" --version) >/dev/null 2>&1; do
        ((limit += 250, limit < 40000)) || fail "little memory: the program does not start"
    done
    (ulimit -v $limit && "$STASIS" doctor --json) >out 2>err || status=$?
    ((status == 1)) || fail "little memory: status $status: $(cat out err)"
    [[ $(field "['canRun']") == False ]] || fail "little memory: it can run guests"
    grep -q "out of memory" out || fail "little memory: no reason"
fi

# A user who may neither open the device nor write here.
if ((EUID == 0)) && command -v setpriv >/dev/null; then
    cp "$STASIS" program 2>/dev/null
    if setpriv --reuid=65534 --regid=65534 --clear-groups "$PWD/program" --version >/dev/null 2>&1; then
        expect 0 setpriv --reuid=65534 --regid=65534 --clear-groups "$PWD/program" doctor --json
        [[ $(field "['snapshots']['canSaveHere']") == False ]] || fail "can save in a folder of somebody else"
        if [[ -e /dev/kvm && $(stat -c %a /dev/kvm) != *[67] ]]; then
            [[ $(field "['kvm']['mayOpen']") == False ]] || fail "may open the device without being let"
            grep -q "may not open it" out || fail "no reason"
        fi
    fi
fi
