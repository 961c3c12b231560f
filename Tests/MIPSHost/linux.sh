#!/usr/bin/env bash
# One Linux, two backends: it boots to user space on the real /dev/kvm and on the simulator, with a disk and a source of entropy. In the
# middle of the checksum of a file of 16 MiB it is saved, goes on with the other backend, its disk under another name, finishes with
# the right sum, writes that to the disk and powers off. Both directions. Runs in an empty folder; takes about two minutes.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
STASIS=${STASIS:-$root/.build/release/stasis}
GUESTS=${GUESTS:-$root/.build/guests}
PATH=$PATH:/usr/sbin:/sbin

fail() {
    echo "FAILED: $*"
    exit 1
}

for file in vmlinux-te initrd-te.gz; do
    [[ -e $GUESTS/linux/$file ]] || fail "no $file; Scripts/guest-linux --te-kernel makes it"
    cp "$GUESTS/linux/$file" .
done

# The disk: one file system with one file, and what the guest does. It says how much it has read, in sectors, while it sums up.
mkdir tree
python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(16).randbytes(16 << 20))' >tree/file
sum=$(sha256sum <tree/file | cut -d ' ' -f 1)
cat >tree/work <<'TEXT'
head -c 64 /dev/hwrng >/disk/entropy && [ $(wc -c </disk/entropy) = 64 ] || exit 4
sync
echo "before: $(cat /proc/uptime)"
(while usleep 100000; do set -- $(cat /sys/block/vda/stat); echo "progress $3"; done) &
sha256sum </disk/file >/disk/sum || exit 5
kill $!
echo "the sum is $(cut -c 1-64 </disk/sum)"
sync
TEXT
mkfs.ext4 -q -O ^orphan_file -E lazy_itable_init=0,nodiscard -d tree there.img 32M >mkfs.log 2>&1 || fail "no file system: $(cat mkfs.log)"
cp -p there.img here.img
options=(--memory 32M --rng --kernel vmlinux-te --initrd initrd-te.gz
    --append 'console=ttyS0 stasis.run="mkdir /disk && mount -t ext4 /dev/vda /disk && . /disk/work"')

# middle NAME SNAPSHOT BACKEND OPTION...: runs a guest in pieces until it is in the middle of its sum, and leaves it in SNAPSHOT, its
# disk in NAME.img, what it printed in NAME.txt. The MIPS host's shell does it as well, so it is a file.
cat >middle <<'TEXT'
name=$1 snapshot=$2 backend=$3 read=0 pieces=1
shift 3
stasis run --backend $backend --quiet --disk $name.img --for 1s --save $snapshot "$@" >$name.txt || exit
while [ $read -lt 9000 ]; do
    [ $((pieces += 1)) -lt 500 ] || { echo "$name: no end of it" >&2; exit 1; }
    stasis restore $snapshot --backend $backend --quiet --for 400ms --save $snapshot >>$name.txt || exit
    read=$(sed -n 's/^progress \([0-9]*\).*/\1/p' $name.txt | tail -n 1)
    read=${read:-0}
done
echo "$name: saved in piece $pieces, with $read of 32768 sectors read" >&2
TEXT

# Here, in the simulator, on the virtual clock.
ln -s "$(realpath "$STASIS")" stasis
PATH=$PWD:$PATH sh middle here here.snap simulator --profile te-fixed --clock virtual "${options[@]}" </dev/null || fail "here: status $?: $(tail -n 5 here.txt)"
rm stasis
mv here.img moved-there.img

# There, on /dev/kvm: what came from here goes on, and one begins. Snapshots lie in that host's memory meanwhile: over the folder it
# shares, each page of a mapped file takes a message, which on a busy machine takes long.
status=0
"$root/Scripts/mips-host" --kernel te-fixed -- sh -c '
    cp here.snap /tmp/here.snap || exit
    stasis restore /tmp/here.snap --backend kvm --quiet --disk moved-there.img --for 300s >here-2.txt
    echo $? >here-2.status
    rm /tmp/here.snap
    sh middle there /tmp/there.snap kvm "$@" && cp /tmp/there.snap there.snap
' sh "${options[@]}" </dev/null || fail "there: status $?: $(tail -n 5 there.txt here-2.txt)"
mv there.img moved-here.img

# And back here.
"$STASIS" restore there.snap --backend simulator --quiet --disk moved-here.img --for 300s >there-2.txt </dev/null || status=$?
echo $status >there-2.status

# finished NAME DISK: began on one side, saved in the middle, ended well on the other, the disk in order.
finished() {
    local text
    grep -q '^before: ' "$1.txt" || fail "$1: user space was not reached: $(tail -n 5 "$1.txt")"
    ! grep -q '^the sum is' "$1.txt" || fail "$1: it was finished when it was saved"
    [[ $(<"$1-2.status") == 0 ]] || fail "$1: ended with $(<"$1-2.status") on the other side: $(tail -n 5 "$1-2.txt")"
    # A fast machine does the rest before it says how far it is.
    text=$(sed -n 's/^progress \([0-9]*\).*/\1/p' "$1.txt" | tail -n 1)
    ((text < 32768)) || grep -q '^progress' "$1-2.txt" || fail "$1: it was not in the middle, with $text sectors read: $(<"$1-2.txt")"
    text=$(tr -d '\r' <"$1-2.txt" | sed -n 's/^the sum is //p')
    [[ $text == "$sum" ]] || fail "$1: the sum is '$text', not $sum: $(tail -n 5 "$1-2.txt")"
    grep -q 'reboot: Power down' "$1-2.txt" || fail "$1: no power-off: $(tail -n 5 "$1-2.txt")"
    ! grep -iE 'warning|bug:|oops|panic|error|call trace|stall' "$1.txt" "$1-2.txt" || fail "$1: the kernel complains"
    e2fsck -fn "$2" >fsck.log 2>&1 || fail "$1: the file system: $(<fsck.log)"
    text=$(debugfs -R 'cat /sum' "$2" 2>/dev/null)
    [[ ${text%% *} == "$sum" ]] || fail "$1: the disk says '$text'"
}
finished here moved-there.img
finished there moved-here.img
cmp -s <(debugfs -R 'cat /entropy' moved-here.img 2>/dev/null) <(debugfs -R 'cat /entropy' moved-there.img 2>/dev/null) &&
    fail "entropy is the same twice"
echo "Linux began on either side, finished on the other: $sum"
