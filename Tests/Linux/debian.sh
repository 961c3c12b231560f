#!/usr/bin/env bash
# Debian on a disk, on the simulator, as somebody would use it: it boots to the login, gets a package from a server over the network,
# reboots, is the same again, and powers off. Then its disk is checked, and what it logged is searched for warnings.
#
# The disk is a copy of Scripts/guest-linux --rootfs's. Server and TAP interface are in a network name space of the test's own, which
# takes root and /dev/net/tun; without them there is nothing to test. Takes about two minutes.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "FAILED: $*"
    exit 1
}

if [[ ${IN_OWN_NETWORK:-no} == no ]]; then
    ((EUID == 0)) || { echo "skipped: a network name space and a TAP interface take root"; exit 0; }
    [[ -e /dev/net/tun ]] || { echo "skipped: this host has no /dev/net/tun"; exit 0; }
    [[ -e $GUESTS/linux/root.img ]] || fail "no disk to boot; Scripts/guest-linux --rootfs makes it"
    IN_OWN_NETWORK=yes exec unshare --net -- "$0"
fi

PATH=$PATH:/usr/sbin:/sbin
server=
clean() { [[ -z $server ]] || kill "$server" 2>/dev/null || true; }
trap clean EXIT

# package NAME VERSION DEPENDS: makes it of the folder NAME.
package() {
    mkdir -p "$1/DEBIAN" repository
    cat >"$1/DEBIAN/control" <<TEXT
Package: $1
Version: $2
Architecture: all
Maintainer: nobody <nobody@localhost>
Depends: $3
Description: part of a test
TEXT
    dpkg-deb --root-owner-group -Znone --build "$1" repository >/dev/null
}

# Two packages, so that there is a dependency to follow, and enough data that a lost frame shows.
mkdir -p stasis-greeting/usr/bin stasis-greeting-data/usr/share/stasis-greeting
data=stasis-greeting-data/usr/share/stasis-greeting/data
python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(4).randbytes(3000000))' >$data
cat >stasis-greeting/usr/bin/stasis-greeting <<TEXT
#!/bin/sh
data=/usr/share/stasis-greeting/data
set -- \$(sha256sum \$data)
[ "\$1" = $(sha256sum <$data | cut -d ' ' -f 1) ] || { echo "\$data is damaged: \$1"; exit 1; }
echo "Debian greets: \$(wc -c <\$data) bytes as they were"
TEXT
chmod 755 stasis-greeting/usr/bin/stasis-greeting
package stasis-greeting 1.0 'stasis-greeting-data (= 1.0)'
package stasis-greeting-data 1.0 libc6

# The index, and the index's checksums.
(
    cd repository
    for file in *.deb; do
        dpkg-deb --field "$file"
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
    done >Packages
    printf 'Date: %s\nSHA256:\n %s %s Packages\n' "$(LC_ALL=C date -Ru)" "$(sha256sum <Packages | cut -d ' ' -f 1)" \
        "$(stat -c %s Packages)" >Release
)

ip link set lo up
ip tuntap add dev tap0 mode tap
ip address add 10.77.0.1/24 dev tap0
ip link set tap0 up
python3 -m http.server --bind 10.77.0.1 --directory repository 80 >server.log 2>&1 &
server=$!

cp --sparse=always "$GUESTS/linux/root.img" root.img
PYTHONDONTWRITEBYTECODE=1 python3 "$here/debian.py" . "$STASIS" run --backend simulator --memory 256M \
    --kernel "$GUESTS/linux/vmlinuz" --initrd "$GUESTS/linux/initrd.gz" \
    --append 'console=ttyS0 root=/dev/vda rw stasis.ip=10.77.0.2/24,10.77.0.1' \
    --disk root.img,serial=debian --net tap0 --rng || { tail -n 40 console.log; cat server.log; exit 1; }
grep -q 'GET /./stasis-greeting-data_1.0_all.deb HTTP/1.1" 200' server.log || fail "the package came from elsewhere: $(cat server.log)"

e2fsck -fn root.img >fsck.log 2>&1 || fail "the disk's file system: $(cat fsck.log)"

# harmful FILE: lines that nobody has explained.
grep -v '^#' "$here/harmless" | grep . >harmless
# A zero byte may be among them: init's startpar writes one where it breaks another's line.
harmful() { tr -d '\r' <"$1" | sed -E 's/^\[ *[0-9]+\.[0-9]+\] //' | grep -a . | grep -avxE -f harmless; }
sounds='warn|error|fail|bug:|oops|panic|call trace|cut here|\bstall|\bhung|lockup|timed? ?out|unable|cannot|corrupt|segfault|bad page'
suspicious() { { harmful "$1" || true; } | grep -aiE "$sounds"; }
for file in dmesg-1 dmesg-2; do
    [[ -s $file ]] || fail "$file is empty: the kernel always has something to say"
    ! harmful $file || fail "$file: the kernel warned of this"
done
! suspicious console.log || fail "the console's log has this"
# What the search is worth.
printf '[    1.000000] WARNING: CPU: 0 PID: 1 at kernel/time/timer.c:1 start+0x0\n' | cat console.log - >spoilt.log
suspicious spoilt.log >/dev/null || fail "a warning would not have been found"

echo "Debian booted, installed, rebooted and powered off; disk and logs are clean"
