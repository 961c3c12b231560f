#!/usr/bin/env bash
# The MIPS programs, run by QEMU's user emulation: the same words in give the same text out as on this host, down to
# the guest's clock when that is the virtual one.
# It gets STASIS and GUESTS, an empty folder to be in, and the MIPS programs built.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)

fail() {
    echo "FAILED: $*"
    exit 1
}

# same ARGUMENT... compares status, output and errors of both programs.
same() {
    local here=0 there=0
    "$STASIS" "$@" >here.out 2>here.err || here=$?
    "${emulator[@]}" "$@" >there.out 2>there.err || there=$?
    ((here == there)) || fail "${emulator[*]} $*: status $there, not $here: $(cat there.err)"
    cmp here.out there.out || fail "${emulator[*]} $*: other output"
    cmp here.err there.err || fail "${emulator[*]} $*: other errors: $(cat there.err)"
}

for abi in mipsel mips64el; do
    program=$root/.build/mips/$abi/stasis
    emulator=("qemu-$abi" "$program")
    file_type=$(od -An -tx1 -N20 "$program" | tr -d ' \n')
    # ELF, little endian, executable, EM_MIPS.
    [[ $file_type =~ ^7f454c460[12]01.{20}02000800$ ]] || fail "$program: not a little-endian MIPS program: $file_type"
    same --version
    same --help
    same manual
    same run
    same run image --memory 5Q
    same run "$GUESTS/hello.elf" --backend simulator --clock virtual
    grep -q "hello from MIPS" there.out || fail "$abi: no hello: $(cat there.out)"
    for guest in crc32 fpu; do
        same run "$GUESTS/$guest.elf" --backend simulator --clock virtual
        [[ -s there.out ]] || fail "$abi: $guest printed nothing"
    done
    # Rows about registers and the timer, on the host's clock.
    "${emulator[@]}" conformance --backend simulator --profile te-5.10 --rows G1-G18,T1-T5 >rows.out ||
        fail "$abi: $(grep -A 1 '^not ok' rows.out)"
    echo "$abi: $(stat -c %s "$program") bytes, as the host's"
done
