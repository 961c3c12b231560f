#!/usr/bin/env bash
# Where the system lets no program run code it made itself, a guest is interpreted, and one line says so: under a filter of system calls,
# and under vm.memfd_noexec=2, where this kernel has it and we may set it.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
# What `run` does without --engine.
default=translated

fail() {
    echo "FAILED: $*"
    exit 1
}

# expect NAME LINES PATTERN PREFIX... -- ARGUMENT...: runs Stasis behind a prefix. It has to end with 0, say what the guest says anywhere, and
# so many lines of its own, each with the pattern.
expect() {
    local name=$1 lines=$2 pattern=$3 prefix=()
    shift 3
    while [[ $1 != -- ]]; do prefix+=("$1"); shift; done
    shift
    timeout 120 "${prefix[@]}" "$STASIS" "$@" </dev/null >out 2>err || fail "$name: status $?: $(tail -n 3 err)"
    cmp -s wanted out || fail "$name: the guest said something else: $(tail -n 3 out)"
    [[ $(wc -l <err) == "$lines" && $(grep -cE "$pattern" err) == "$lines" ]] || fail "$name: not $lines lines with '$pattern': $(cat err)"
}

guest=("$GUESTS/crc32.elf" -- n=2)
simulator=(run --backend simulator --clock virtual)
"$STASIS" "${simulator[@]}" --engine interpreted "${guest[@]}" </dev/null >wanted 2>err || fail "no guest runs: $(tail -n 3 err)"
[[ -s wanted && ! -s err ]] || fail "an interpreted guest: $(cat err)"
grep -q 'checksum=' wanted || fail "the guest computes nothing: $(cat wanted)"
if [[ $(uname -m) == x86_64 ]]; then expect "as it is" 0 . env -- "${simulator[@]}" --engine translated "${guest[@]}"; fi

# forbidden NAME ERROR PREFIX...: what is forbidden behind the prefix.
forbidden() {
    local name=$1 line="^stasis: the guest is interpreted: no machine code can be made here: .*$2" engine lines
    shift 2
    expect "$name" 1 "$line" "$@" -- "${simulator[@]}" --engine translated "${guest[@]}"
    expect "$name, --quiet" 0 . "$@" -- "${simulator[@]}" --engine translated --quiet "${guest[@]}"
    expect "$name, --engine interpreted" 0 . "$@" -- "${simulator[@]}" --engine interpreted "${guest[@]}"
    lines=0
    [[ $default == interpreted ]] || lines=1
    expect "$name, no --engine" "$lines" "$line" "$@" -- "${simulator[@]}" "${guest[@]}"
    # A restored guest says what is left of its output.
    for engine in interpreted translated; do
        timeout 120 "$@" "$STASIS" restore saved --engine "$engine" --for 20ms --save "again-$engine" </dev/null >"out-$engine" 2>"err-$engine" ||
            fail "$name: restore, $engine: status $?: $(tail -n 3 "err-$engine")"
    done
    if grep 'is interpreted' err-interpreted; then fail "$name: an interpreted guest does without code"; fi
    [[ $(grep -cE "$line" err-translated) == 1 ]] || fail "$name: restored without a word: $(cat err-translated)"
    cmp out-interpreted out-translated && "$STASIS" diff again-interpreted again-translated >difference ||
        fail "$name: restored, and something else: $(head -n 3 difference)"
    echo "ok $name: $(grep -E "$line" err-translated)"
}

"$STASIS" "${simulator[@]}" --for 20ms --save saved --quiet "$GUESTS/ticker.elf" -- hz=1000 ticks=0 print=every=5 work=spin </dev/null >/dev/null ||
    fail "nothing to restore"

if [[ $(uname -m) == x86_64 ]]; then
    # Swift brings a compiler along.
    compiler=$(command -v cc || echo "$(dirname "$(readlink -f "$(command -v swiftc)")")/clang")
    "$compiler" -O2 -std=gnu11 -Wall -Wextra -Werror -o forbid "$root/Tests/HostPrograms/forbid_code.c"
    forbidden "no anonymous files with code" 'EACCES|permission denied' ./forbid files
    forbidden "no mappings of code" 'EPERM|operation not permitted' ./forbid mappings
fi

# The setting is that of a namespace of process numbers: a new one, of our own.
namespace=(unshare --pid --fork --mount-proc sh -c 'echo 2 >/proc/sys/vm/memfd_noexec && exec "$@"' sh)
if [[ -e /proc/sys/vm/memfd_noexec ]] && "${namespace[@]}" true 2>/dev/null; then
    forbidden "vm.memfd_noexec=2" 'EACCES|permission denied' "${namespace[@]}"
else
    echo "ok vm.memfd_noexec=2 # SKIP this kernel has no such setting, or we may not change it"
fi
