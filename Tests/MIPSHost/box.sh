#!/usr/bin/env bash
# Scripts/mips-host itself: words, files, output and exit status cross in both directions; what cannot be done is one line.
# It runs in an empty folder, with the kernels built.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
host=$root/Scripts/mips-host

fail() {
    echo "FAILED: $*"
    exit 1
}

# refused STATUS TEXT COMMAND...: the command ends so, with one line that has the text.
refused() {
    local wanted=$1 text=$2 status=0
    shift 2
    "$@" >out 2>err </dev/null || status=$?
    ((status == wanted)) || fail "$*: status $status, not $wanted: $(cat err)"
    [[ $(grep -vc ' \.\.\.$' err) == 1 && ! -s out ]] || fail "$*: not one line: $(cat out err)"
    grep -qF "$text" err || fail "$*: no '$text' in: $(cat err)"
}

refused 2 "te-fixed or te-5.10" "$host" --kernel te-6 -- true
refused 2 "24Kf, 34Kf or 74Kf" "$host" --cpu P5600 -- true
refused 2 "no value" "$host" --cpu
refused 2 "after --" "$host" stasis
# Nothing listens at the mirror; an empty cache has nothing.
refused 1 "set MIRROR" env XDG_CACHE_HOME="$PWD/cache" MIRROR=http://127.0.0.1:9 "$host" -- true
refused 1 "cannot be made" env XDG_CACHE_HOME=/proc/none "$host" -- true

echo "from here" >in.txt
words=("it's" 'two  words' '$HOME' '"' '' '*')
status=0
"$host" -- sh -c 'cat in.txt; for w; do echo "[$w]"; done; echo bad >&2; tr a-z A-Z <in.txt >back.txt; exit 7' sh "${words[@]}" \
    >out 2>err </dev/null || status=$?
((status == 7)) || fail "status $status, not 7: $(cat err)"
{ echo "from here"; printf '[%s]\n' "${words[@]}"; } | cmp - out || fail "other output: $(cat out)"
[[ $(cat err) == bad ]] || fail "other errors: $(cat err)"
[[ $(cat back.txt) == "FROM HERE" ]] || fail "no file came back"

# It ends a command that takes too long, and leaves no machine behind.
refused 1 "longer than 20 seconds" env TIMEOUT=20 "$host" -- sleep 1000
echo "words, files, output and status cross; seven refusals are a line each"
