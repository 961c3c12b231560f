#!/usr/bin/env bash
# The control socket and its clients: pause, resume, save, status, quit; what goes wrong with each; what hostile clients get; traces.
set -euo pipefail

fail() {
    echo "FAILED: $*"
    exit 1
}

guest=
end_guest() {
    [[ -n $guest ]] || return 0
    kill "$guest" 2>/dev/null || true
    wait "$guest" 2>/dev/null || true
    guest=
}
trap end_guest EXIT

# begin [OPTION]...: a ticking guest under control at `machine`.
begin() {
    "$STASIS" run "$GUESTS/ticker.elf" --backend simulator --control machine "$@" -- hz=100 ticks=0 print=none work=wait \
        >out 2>err </dev/null &
    guest=$!
    until_true test -S machine
}

# until_true COMMAND...: tries for a long time.
until_true() {
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        kill -0 "$guest" 2>/dev/null || fail "the guest ended: $(cat err)"
        sleep 0.05
    done
    fail "never came true: $*"
}

# ends STATUS: the guest ends by itself, with this status.
ends() {
    local status=0
    wait "$guest" || status=$?
    guest=
    ((status == $1)) || fail "the guest ended with $status, not $1: $(cat err)"
}

# field EXPRESSION: of the last `status --json`.
field() { python3 -c "import json; d = json.load(open('status')); print(($1))"; }
status() { "$STASIS" status machine --json >status; }

# refused STATUS TEXT COMMAND...: a command fails so, with one line that says this.
refused() {
    local wanted=$1 text=$2 got=0
    shift 2
    "$@" >said 2>&1 || got=$?
    ((got == wanted)) || fail "$* ended with $got, not $wanted: $(cat said)"
    grep -q -- "$text" said || fail "$* does not say '$text': $(cat said)"
    (($(wc -l <said) == 1)) || fail "$* says more than a line: $(cat said)"
}

begin --trace trace
[[ $(stat -c %a machine) == *00 ]] || fail "others may open the socket: $(stat -c %a machine)"
status
[[ $(field "d['status']['state'], d['status']['backend'], d['clock']['frozen'], d['ledger']['freezes']") == \
    "('running', 'simulator', False, 0)" ]] || fail "status: $(cat status)"

# Time stands while it is paused, and goes on from where it stood.
"$STASIS" pause machine
status
before=$(field "d['clock']['count'], d['clock']['guest-monotonic'], d['clock']['guest-realtime'], d['status']['uptime']")
sleep 0.3
status
[[ $(field "d['clock']['count'], d['clock']['guest-monotonic'], d['clock']['guest-realtime'], d['status']['uptime']") == \
    "$before" ]] || fail "time went on while paused: $before, $(cat status)"
[[ $(field "d['status']['state']") == paused ]] || fail "not paused: $(cat status)"
"$STASIS" status machine >text
grep -q '^state .*paused' text || fail "the text of status: $(cat text)"
refused 1 "cannot be paused\|cannot be" "$STASIS" pause machine
"$STASIS" resume machine
status
[[ $(field "d['status']['state'], d['ledger']['freezes'], d['ledger']['entries'][0]['policy']") == "('running', 1, 'freeze')" ]] ||
    fail "after resume: $(cat status)"
(($(field "d['ledger']['hidden']") >= 300000000)) || fail "the ledger: $(cat status)"
refused 1 "cannot be resumed" "$STASIS" resume machine

# A save lets it go on; with --stay-paused it does not; a paused machine stays so.
"$STASIS" save machine one.snap
status
[[ $(field "d['status']['state'], d['ledger']['entries'][-1]['cause']") == "('running', 'save')" ]] || fail "save: $(cat status)"
"$STASIS" save machine two.snap --stay-paused
"$STASIS" save machine three.snap
status
[[ $(field "d['status']['state']") == paused ]] || fail "saved and paused: $(cat status)"
"$STASIS" diff two.snap three.snap --quiet || fail "two saves of a paused machine differ"
"$STASIS" resume machine --clock-policy catch-up
status
[[ $(field "d['ledger']['entries'][-1]['hidden'], d['ledger']['entries'][-1]['policy']") == "(0, 'catch-up')" ]] ||
    fail "catch-up: $(cat status)"
for snapshot in one two three; do "$STASIS" inspect $snapshot.snap >/dev/null || fail "$snapshot.snap"; done

# What cannot be done is said, and the machine goes on.
refused 1 "nowhere/a.snap" "$STASIS" save machine nowhere/a.snap
status
[[ $(field "d['status']['state']") == running ]] || fail "after a save that failed: $(cat status)"
"$STASIS" pause machine
refused 1 "backwards" "$STASIS" resume machine --clock-policy at=1999-01-01T00:00:00Z
status
[[ $(field "d['status']['state']") == paused ]] || fail "after a resume that failed: $(cat status)"
"$STASIS" resume machine
refused 2 "policy" "$STASIS" resume machine --clock-policy never
refused 1 "nobody\|no machine" "$STASIS" pause nobody
refused 1 "another machine" "$STASIS" run "$GUESTS/ticker.elf" --quiet --backend simulator --control machine

# Whoever speaks nonsense, too much or too slowly is told so, and harms nobody.
python3 - <<'PYTHON' || fail "hostile clients"
import json, socket, time

def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect("machine")
    f = s.makefile("rb")
    assert "stasis" in json.loads(f.readline())
    return s, f

s, f = connect()
for line, wanted in [(b"nonsense", "BadJSON"), (b"{}", "BadRequest"), (b'{"execute": "fly"}', "CommandNotFound"),
                     (b'{"execute": "save"}', "BadArgument"), (b'{"execute": "resume"}', "WrongState"),
                     (b'{"execute": "resume", "arguments": {"policy": "never"}}', "BadArgument"),
                     (b'{"execute": "save", "arguments": {"file": "/nowhere/a"}}', "Failed"), (b"\xff\xfe", "BadJSON")]:
    s.sendall(line + b"\n")
    while True:
        answer = json.loads(f.readline())
        if "event" not in answer:
            break
    assert answer["error"]["class"] == wanted, (line, answer)
slow, slow_lines = connect()
for byte in b'{"execute": "status", "id": 5}\n':
    slow.sendall(bytes([byte]))
    time.sleep(0.005)
assert json.loads(slow_lines.readline())["id"] == 5
huge, huge_lines = connect()
try:
    huge.sendall(b'{"execute": "' + b"x" * 1_000_000)
except OSError:
    pass
assert json.loads(huge_lines.readline())["error"]["class"] == "TooLong"
crowd = [connect() for _ in range(14)]
late = socket.socket(socket.AF_UNIX)
late.settimeout(60)
late.connect("machine")
assert json.loads(late.makefile("rb").readline())["error"]["class"] == "TooManyClients"
for c, _ in crowd:
    c.close()
s.sendall(b'{"execute": "status"}\n')
assert json.loads(f.readline())["return"]["state"] == "running"
PYTHON

# A client hears what others do, and why it ended.
python3 - >events <<'PYTHON' &
import json, socket
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect("machine")
for line in s.makefile("r"):
    message = json.loads(line)
    print(message.get("event") or "greeting", flush=True)
PYTHON
listener=$!
until_true grep -q greeting events
"$STASIS" pause machine
"$STASIS" resume machine
"$STASIS" save machine one.snap
"$STASIS" timeline machine -o live.svg
grep -q "<svg" live.svg || fail "a running machine's ledger is not drawn"
"$STASIS" quit machine
ends 0
wait "$listener"
[[ $(tr '\n' ' ' <events) == "greeting PAUSE RESUME PAUSE SAVE RESUME SHUTDOWN " ]] || fail "events: $(cat events)"
[[ ! -e machine ]] || fail "the socket is left"
[[ -s trace ]] || fail "no trace"
"$STASIS" timeline trace -o trace.svg || fail "the trace cannot be drawn"
(($(grep -c . trace) > 100)) || fail "a trace of $(grep -c . trace) lines"

# Signals end a machine that is paused, too, and --save saves it.
begin --save end.snap
"$STASIS" pause machine
kill -TERM "$guest"
ends 0
"$STASIS" inspect end.snap >/dev/null || fail "saved by a signal"
[[ ! -e machine ]] || fail "the socket is left after a signal"

# A restored machine is controlled as well. What nobody listens to any more is replaced.
python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("machine"); s.listen()'
"$STASIS" restore end.snap --quiet --backend simulator --control machine >out 2>err </dev/null &
guest=$!
until_true "$STASIS" status machine
health() { status && [[ $(field "d['status']['health']") == good ]]; }
until_true health
"$STASIS" quit machine
ends 0
echo "controlled"
