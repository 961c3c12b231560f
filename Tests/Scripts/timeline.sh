#!/usr/bin/env bash
# stasis timeline: the pictures of docs/timeline.md come out of the program as they are there, whatever it was built with; and files that
# are neither a trace nor a snapshot, or broken ones, are a line each.
#
# With a folder as argument the pictures are also written there: Tests/Scripts/timeline.sh docs/images, with STASIS and GUESTS set.
set -euo pipefail

images=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs/images" && pwd)
target=
if (($#)); then
    target=$(cd "$1" && pwd)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cd "$folder"
fi

fail() {
    echo "FAILED: $*"
    exit 1
}

# refused TEXT ARGUMENT... fails with one line that has the text, and leaves no picture.
refused() {
    local text=$1 status=0
    shift
    "$STASIS" timeline "$@" >out 2>err </dev/null || status=$?
    ((status == 1)) || fail "stasis timeline $*: status $status, not 1: $(cat err)"
    [[ ! -s out && $(wc -l <err) == 1 ]] || fail "stasis timeline $*: not one line: $(cat err)"
    grep -qF -- "$text" err || fail "'$text' is not in: $(cat err)"
}

well_formed() { "${PYTHON:-python3}" -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$1"; }

# The demonstration, twice: on the virtual clock a trace is the same to the byte.
demo=(demo "$GUESTS/ticker.te.elf" --backend simulator --profile te-fixed --clock virtual --quiet)
"$STASIS" "${demo[@]}" --trace demo.trace --save pauses.snap >table
"$STASIS" "${demo[@]}" --trace again.trace >table.again
cmp demo.trace again.trace || fail "a trace is not repeatable"
# Who is watched does the same as who is not.
"$STASIS" "${demo[@]}" | cmp - table || fail "a trace changes what it tells of"
"$STASIS" timeline demo.trace -o demo.svg

# The guest of the demonstration goes on three times more, the second time at another date.
for policy in freeze at=2000-01-01T00:00:23Z freeze; do
    "$STASIS" restore pauses.snap --backend simulator --quiet --for 450ms --clock-policy "$policy" --save pauses.snap
done
"$STASIS" timeline pauses.snap --output pauses.svg

for picture in demo pauses; do
    well_formed $picture.svg || fail "$picture.svg is not well formed"
    [[ -z $target ]] || cp $picture.svg "$target/timeline-$picture.svg"
    cmp $picture.svg "$images/timeline-$picture.svg" || fail "$picture.svg is not the one of docs/timeline.md"
done

# Standard output, with and without being asked.
"$STASIS" timeline demo.trace | cmp - demo.svg || fail "standard output"
"$STASIS" timeline -o- demo.trace | cmp - demo.svg || fail "-o-"

# A name that would be markup.
cp demo.trace '<b>&amp;"<desc>'
"$STASIS" timeline '<b>&amp;"<desc>' -o named.svg
well_formed named.svg || fail "a file's name breaks the picture"

# What the format's documentation shows can be read.
sed -n '/^    stasis-trace/,/^$/{s/^    //;/./p}' "$images/../timeline.md" >example.trace
(($(wc -l <example.trace) > 5)) || fail "docs/timeline.md has no example"
"$STASIS" timeline example.trace -o example.svg
well_formed example.svg || fail "example.svg"

# Broken traces.
head -c 5000 demo.trace >cut.trace
refused "line $(wc -l <cut.trace | awk '{print $1 + 1}'): cut short" cut.trace
head -c 10 demo.trace >shorter.trace
refused 'neither a trace' shorter.trace
: >empty
refused 'is empty' empty
head -c 4096 /dev/urandom | tr -d '\223' >garbage
refused 'neither a trace' garbage
{ head -n 3 demo.trace && head -c 300 /dev/urandom | base64 -w 0 && echo; } >half.trace
refused 'line 4: ' half.trace
{ head -n 1 demo.trace && echo 'sample 99999999999999999999999 1 2 -'; } >huge.trace
refused 'line 2: the instant is not' huge.trace
{ head -n 1 demo.trace && echo 'sample 1 4294967296 2 -'; } >count.trace
refused 'line 2: Count is not' count.trace
{ head -n 1 demo.trace && printf 'note 1 %01000d\n' 0; } >long.trace
refused 'line 2: longer than' long.trace
head -n 1 demo.trace >only.trace
refused 'nothing to draw' only.trace
{ head -n 1 demo.trace && head -c 70000000 /dev/zero; } >large.trace
refused 'longer than the 64 MiB' large.trace
sed 's/hz=100000000/hz=0/' demo.trace >rate.trace
refused 'line 1: hz= is not a rate' rate.trace

# Broken snapshots, and one with nothing to tell.
head -c 3000 pauses.snap >short.snap
refused 'cut short' short.snap
"$STASIS" run "$GUESTS/ticker.elf" --backend simulator --clock virtual --quiet --for 20ms --save fresh.snap >out
refused 'its ledger is empty' fresh.snap

# What cannot be read or written.
refused 'no such file' missing
refused 'directory' /
refused 'character device' /dev/null
refused 'cannot be written' demo.trace -o /nonexistent/file.svg
refused 'cannot be written' demo.trace -o /dev/full
status=0
"$STASIS" "${demo[@]}" --trace /nonexistent/trace >out 2>err || status=$?
((status == 1)) && [[ $(wc -l <err) == 1 ]] && grep -q 'trace cannot be written' err || fail "demo --trace: $(cat err)"
status=0
"$STASIS" "${demo[@]}" --trace /dev/full >out 2>err || status=$?
((status == 1)) && [[ $(wc -l <err) == 1 ]] && grep -q 'trace cannot be written' err || fail "demo --trace: $(cat err)"
