#!/usr/bin/env bash
# Kernels, RAM disks, disks, network interfaces and snapshots that are not what they should be: one line that says so, exit status 1, or
# 2 where the command line is wrong; no file is left behind, and none is changed. As root there is more: what this user may not
# do, in name spaces of the test's own.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
if ((EUID == 0)) && [[ ${OF_ITS_OWN:-no} == no ]] && unshare --net --mount true 2>/dev/null; then
    OF_ITS_OWN=yes exec unshare --net --mount -- "$0"
fi
G=$GUESTS/linux

fail() {
    echo "FAILED: $*"
    exit 1
}

# What stands before the program: nothing, or who runs it.
as=()
# Root who may not pass over permissions, nor make network interfaces.
humble=(setpriv '--bounding-set=-dac_override,-dac_read_search,-net_admin')

run() {
    local status=0
    timeout 120 "${as[@]}" "$STASIS" "$@" >../out 2>../err </dev/null || status=$?
    sed -i '/^stasis: backend simulator/d' ../err
    echo "$status" >../status
}

# what_is_here: every file here, with all that must not change.
what_is_here() { find . -type f -printf '%p %s %m %T@\n' | sort; find . -type f -size -64M -readable -exec sha256sum {} + | sort; }

# refused TEXT ARGUMENT...: ends with 1 and one line that has the text; nothing was printed, nothing here is another.
refused() {
    local text=$1 status
    shift
    what_is_here >../before
    run "$@"
    status=$(<../status)
    [[ $status == 1 ]] || fail "stasis $*: status $status, not 1: $(<../err)"
    [[ $(wc -l <../err) == 1 ]] || fail "stasis $*: not one line: $(<../err)"
    grep -qF -- "$text" ../err || fail "stasis $*: '$text' is not in: $(<../err)"
    [[ ! -s ../out ]] || fail "stasis $*: something ran: $(head -n 3 ../out)"
    cmp -s <(what_is_here) ../before || fail "stasis $*: it left or changed something: $(what_is_here | diff ../before - || true)"
    refusals=$((refusals + 1))
}
refusals=0

mkdir input
cd input

# Kernels. `patched FILE OFFSET BYTES... >COPY`
patched() {
    python3 - "$@" <<'TEXT'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
at = int(sys.argv[2])
for byte in sys.argv[3:]:
    data[at] = int(byte, 16) if byte != "flip" else data[at] ^ 0x55
    at += 1
sys.stdout.buffer.write(data)
TEXT
}
patched "$G/vmlinuz" 4 2 >mips64
patched "$G/vmlinuz" 5 2 >big-endian
patched "$G/vmlinuz" 18 28 >arm
patched "$G/vmlinuz" 18 f3 >riscv
patched "$G/vmlinuz" 39 80 >mips64-code
patched "$G/vmlinuz" 2500000 flip >damaged
patched "$G/vmlinuz" 4900000 flip >damaged-end
head -c 3000000 "$G/vmlinuz" >short
head -c 40 "$G/vmlinuz" >header-only
: >empty
refused 'a 64-bit ELF; this board' run --kernel /bin/true
refused 'a 64-bit ELF; this board' run --kernel mips64
refused 'big-endian; this board' run --kernel big-endian
refused '(ARM); a MIPS executable' run --kernel arm
refused '(RISC-V); a MIPS executable' run --kernel riscv
refused 'MIPS64 release 2' run --kernel mips64-code
refused 'the file has 3000000 bytes; it is cut short or damaged' run --kernel short
refused 'the ELF header ends at byte 52, but the file has 40' run --kernel header-only
refused 'empty: the file is empty' run --kernel empty
refused 'no-such: cannot be read' run --kernel no-such
refused 'is a directory' run --kernel .
refused 'not an ELF file' run --kernel "$G/initrd.gz"
refused 'use --backend simulator --profile vz' run --kernel "$G/vmlinuz" --profile te-fixed
refused 'there are 8 MiB of RAM; use --memory' run --kernel "$G/vmlinuz" --memory 8M
# The debug build takes long to unpack.
if [[ $MODE != debug ]]; then
    refused 'is damaged and could not start; get the file again' run --kernel damaged
    refused 'is damaged and could not start; get the file again' run --kernel damaged-end
    # RAM disks.
    truncate -s 100M initrd
    refused 'takes 104857600 bytes' run --kernel "$G/vmlinuz" --initrd initrd --memory 64M
    refused 'use more --memory' run --kernel "$G/vmlinuz" --initrd initrd --memory 64M
    refused 'empty: the file is empty' run --kernel "$G/vmlinuz" --initrd empty
    refused 'no-such: cannot be read' run --kernel "$G/vmlinuz" --initrd no-such
    refused 'is a directory' run --kernel "$G/vmlinuz" --initrd .
    rm initrd
fi
# Where the kernel for trap-and-emulate is there: it for an ordinary machine, and one with pages of 4 KiB, which is this one with another
# constant for the TLB (`li v0, 0x6000`, and `mtc0 v0, PageMask` two instructions later).
if [[ -e $G/vmlinux-te ]]; then
    refused 'use --backend simulator --profile te-fixed' run --kernel "$G/vmlinux-te"
    offset=$(python3 -c 'import re, sys
found = re.search(rb"(?s)\x00\x60\x02\x24....\x00\x28\x82\x40", open(sys.argv[1], "rb").read())
print(found.start())' "$G/vmlinux-te") || fail "vmlinux-te does not set the page size as it did"
    patched "$G/vmlinux-te" "$offset" 00 00 >pages
    for profile in te-fixed te-5.10; do
        refused 'built for pages of 4096 bytes' run --kernel pages --profile $profile
    done
    grep -q 'CONFIG_PAGE_SIZE_16KB' ../err || fail "no advice: $(<../err)"
fi
rm -- *

# Disks, with a guest that starts at once.
guest=$GUESTS/ticker.elf
truncate -s 1M disk
head -c 3000 /dev/urandom | dd of=disk conv=notrunc status=none
truncate -s 511 tiny
: >empty
refused 'there is no such file; `truncate' run "$guest" --disk no-such
refused 'is a directory: name a raw image' run "$guest" --disk .
refused 'is a character device' run "$guest" --disk /dev/null
refused 'no sector of 512 bytes' run "$guest" --disk tiny
refused 'no sector of 512 bytes' run "$guest" --disk empty,ro
refused 'is in use by process' run "$guest" --disk disk --disk disk
eight=(--rng --rng --rng --rng --rng --rng --rng --rng)
refused 'the board has 8 slots; leave some out' run "$guest" "${eight[@]}" --disk disk
for wrong in disk,serial=123456789012345678901 disk,rw ,ro; do
    run run "$guest" --disk $wrong
    [[ $(<../status) == 2 && $(wc -l <../err) == 1 ]] || fail "--disk $wrong: status $(<../status): $(<../err)"
done

# A disk in use: against writers by readers, and against everybody by writers.
"$STASIS" run "$guest" --quiet --disk disk >../busy 2>&1 </dev/null -- ticks=0 &
busy=$!
trap 'kill "$busy" 2>/dev/null || true' EXIT
for _ in $(seq 200); do [[ -s ../busy ]] && break; sleep 0.05; done
refused "is in use by process $busy" run "$guest" --disk disk
refused "is in use by process $busy" run "$guest" --disk disk,ro
kill "$busy"
wait "$busy" || true
run run "$guest" --quiet --disk disk,ro --for 5ms
[[ $(<../status) == 0 ]] || fail "the lock stayed: $(<../err)"

# Snapshots, whose disk is another. As long as it is, nothing is lost: with the disk as it was, the snapshot goes on.
run run "$guest" --clock virtual --quiet --disk disk --for 20ms --save saved -- ticks=0
[[ $(<../status) == 0 ]] || fail "save: $(<../err)"
cp -p disk original
touch disk
refused 'it was written' restore saved
grep -q 'or name a copy from that time with --disk' ../err || fail "no advice: $(<../err)"
touch -d '2001-01-01' disk
refused 'older than those the machine had' restore saved
truncate -s 512K disk
refused 'it had 1048576 bytes and has 524288' restore saved
refused 'it had 1048576 bytes and has 524288' restore saved --disk disk
rm disk
refused 'there is no such file' restore saved
mkdir disk
refused 'is a directory' restore saved
rmdir disk
cp original disk
refused 'is not as it was' restore saved
refused 'the saved machine has 1 disks' restore saved --disk disk --disk original
ln -sf original disk
run restore saved --quiet --for 5ms --disk original
[[ $(<../status) == 0 ]] || fail "a copy is refused: $(<../err)"
rm disk
cp -p original disk
run restore saved --quiet --for 5ms
[[ $(<../status) == 0 ]] || fail "the disk as it was is refused: $(<../err)"

# Network interfaces. Not there, or not what it should be: as root of this name space, an interface would be made.
if [[ ${OF_ITS_OWN:-no} == yes ]]; then
    if [[ -e /dev/net/tun ]]; then
        refused 'lo is no TAP interface' run "$guest" --net lo
        ip tuntap add dev tap0 mode tap user 12345
        ip tuntap add dev tap1 mode tap multi_queue
        "$STASIS" run "$guest" --quiet --net tap0 >../busy 2>&1 </dev/null -- ticks=0 &
        busy=$!
        for _ in $(seq 200); do [[ -s ../busy ]] && break; sleep 0.05; done
        refused 'tap0 is in use by another program' run "$guest" --net tap0
        kill "$busy"
        wait "$busy" || true
        refused 'tap1 is no TAP interface, or has several queues' run "$guest" --net tap1
        as=("${humble[@]}")
        refused 'tap0 is not there, or not this user' run "$guest" --net tap0
        refused 'tap9 is not there, or not this user' run "$guest" --net tap9
        as=()
    fi
    mount -t tmpfs none /dev/net
    refused 'this host has no /dev/net/tun' run "$guest" --net tap0
    mknod /dev/net/tun c 10 200
    chmod 0 /dev/net/tun
    as=("${humble[@]}")
    refused 'this user may not open /dev/net/tun' run "$guest" --net tap0

    # Permissions of files.
    chmod 444 disk
    refused 'may not be written by this user' run "$guest" --disk disk
    refused 'may not be written by this user' restore saved
    run run "$guest" --quiet --disk disk,ro --for 5ms
    [[ $(<../status) == 0 ]] || fail "a read-only disk: $(<../err)"
    chmod 0 disk
    refused 'may not be read by this user' run "$guest" --disk disk,ro
    chmod 644 disk
    cp "$guest" kernel
    chmod 0 kernel
    refused 'kernel: cannot be read: EACCES' run --kernel kernel
    as=()
fi
rm -- *

# Disks that go wrong while the guest runs. The guest is told, the user as well, and both go on.
[[ $MODE != debug ]] || { echo "$refusals refusals of one line each"; exit 0; }

# linux COMMAND OPTION...: Debian's kernel carries out a command; what it prints is in out. In the background.
linux() {
    local command=$1
    shift
    "$STASIS" run --quiet --backend simulator --clock virtual --memory 64M --kernel "$G/vmlinuz" --initrd "$G/initrd.gz" \
        --append "console=ttyS0 quiet stasis.run=\"$command\"" "$@" >../out 2>../err </dev/null &
    busy=$!
}

# said TEXT: waits until the guest has printed it.
said() {
    for _ in $(seq 1200); do
        if grep -q "$1" ../out; then return; fi
        kill -0 "$busy" 2>/dev/null || break
        sleep 0.1
    done
    fail "the guest did not say '$1': $(tail -n 5 ../out) $(<../err)"
}

# A disk becomes shorter, and long again: failures in between, and its contents. A guest that tries often does not fill the screen.
python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(1).randbytes(4 << 20))' >disk
cp disk original
read_all='dd if=/dev/vda of=/dev/null bs=64k 2>/dev/null; s=$?; echo 3 >/proc/sys/vm/drop_caches; (exit $s)'
linux "echo ready; while $read_all; do :; done; echo shorter; for i in 1 2 3 4 5 6 7 8; do $read_all; done; echo so it is; until $read_all; do :; done; echo whole" --disk disk,ro
said '^ready'
truncate -s 1M disk
said '^so it is'
dd if=original of=disk bs=1M skip=1 seek=1 conv=notrunc status=none
said '^whole'
wait "$busy" || fail "shorter disk: ended with $?: $(<../err)"
grep -qE '^stasis: disk .*/disk: reading .* failed: the file is shorter than when the machine started; put back what is missing; the guest was told' ../err ||
    fail "not a word about the shorter disk: $(<../err)"
! grep -v '^stasis: disk .*the guest was told' ../err || fail "something else went wrong"
[[ $(wc -l <../err) -le 6 ]] || fail "too much of it: $(<../err)"

# No room for what the guest writes.
if [[ ${OF_ITS_OWN:-no} == yes ]]; then
    mkdir full
    mount -t tmpfs -o size=1M none full
    truncate -s 4M full/disk
    linux 'dd if=/dev/zero of=/dev/vda bs=64k count=64 conv=fsync && echo written || echo failed; sha256sum /proc/self/exe >/dev/null; exit 0' \
        --disk full/disk
    said '^failed'
    wait "$busy" || fail "no room: ended with $?: $(<../err)"
    grep -q 'failed: ENOSPC .*; make room where it lies; the guest was told' ../err || fail "not a word about room: $(<../err)"
    umount full
    rmdir full
fi

echo "$refusals refusals of one line each; disks that go wrong are the guest's, and it goes on"
