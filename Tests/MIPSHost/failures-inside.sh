#!/bin/sh
# shellcheck disable=SC2015,SC3045  # `A && B || fail` is meant; busybox's ulimit has -v
# What Tests/MIPSHost/failures.sh runs inside the emulated machine, by busybox's shell: ways for Stasis to fail on a real /dev/kvm. Each
# ends with a clear line, the right exit status, and nothing left behind.

work=/tmp/failures
mkdir -p "$work" && cd "$work" || exit 1
ticker="/guests/ticker.te.elf --backend kvm --quiet"

fail() {
    echo "FAILED: $*"
    [ ! -s err ] || sed 's/^/    err: /' err
    exit 1
}

passed() { echo "ok: $*"; }

# expect STATUS WORDS COMMAND...: the command ends with the status, says one line, and these words are in it.
expect() {
    wanted=$1 words=$2
    shift 2
    status=0
    "$@" >out 2>err </dev/null || status=$?
    [ "$status" = "$wanted" ] || fail "$*: status $status, not $wanted"
    [ -n "$words" ] || { [ ! -s err ] || fail "$*: text on standard error"; return 0; }
    [ "$(wc -l <err)" = 1 ] || fail "$*: not one line"
    grep -q -- "$words" err || fail "$*: nothing about '$words'"
}

# Only these files are here.
left() {
    for file in * .[!.]*; do
        [ -e "$file" ] || continue
        case " out err $* " in *" $file "*) ;; *) fail "$file was left behind" ;; esac
    done
}

works() { expect 0 "" stasis run /guests/hello.te.elf --backend kvm --quiet; grep -q hello out || fail "no hello on KVM"; }

# start ARGUMENT...: a ticking guest in the background, reading from $input; comes back when it has said something.
input=/dev/null
start() {
    rm -f out
    # shellcheck disable=SC2086  # words
    stasis run $ticker "$@" >out 2>err <"$input" &
    pid=$!
    tries=0
    until [ -s out ]; do
        usleep 50000
        tries=$((tries + 1))
        [ $tries -lt 200 ] || fail "the guest says nothing"
    done
}

ended() {
    status=0
    wait "$pid" 2>/dev/null || status=$?
    [ "$status" = "$1" ] || fail "$2: status $status, not $1"
}

works
passed "the control: a guest runs on KVM"

expect 0 "" stasis doctor
for words in "KVM for MIPS, API 12, trap-and-emulate, 16384 byte pages" "VM types 0, 2; FPU; COUNT_HZ 100000000" " ONE_REG" \
    "IM0 (5.8 to 5.12): \(present\|absent\)" "crashes the kernel (5.13 to 6.4): absent" "after a long freeze: present" \
    "auto takes kvm, profile te-" "mode 600, owner 0, group 0 (you are in it): you may open it"; do
    grep -q -- "$words" out || fail "doctor: nothing about '$words': $(cat out)"
done
expect 0 "" stasis doctor --json
tr -d ' \n' <out | grep -q '"machineTypes":\[0,2\],"fpu":true,"countHz":100000000,' || fail "doctor --json: $(cat out)"
left
passed "doctor says what this kernel has"

# Signals.
start -- ticks=0
kill -TERM "$pid"
ended 1 "SIGTERM"
[ "$(wc -l <err)" = 1 ] && grep -q "stopped by signal 15" err || fail "SIGTERM: no line"
left
passed "SIGTERM: a line, status 1"

start --save snapshot -- ticks=0
kill -TERM "$pid"
ended 0 "SIGTERM with --save"
left snapshot
expect 0 "" stasis restore snapshot --quiet --for 50ms
passed "SIGTERM with --save: saved, status 0, and it goes on"

start -- ticks=0
kill -KILL "$pid"
ended 137 "SIGKILL"
left snapshot
works
passed "SIGKILL while it runs: nothing left, and KVM goes on working"

# A console in raw mode goes back to what it was.
before=$(stty -F /dev/console -g 2>/dev/null)
input=/dev/console
start -- ticks=0
[ "$(stty -F /dev/console -g 2>/dev/null)" != "$before" ] || fail "the terminal is not raw"
kill -TERM "$pid"
ended 1 "SIGTERM on a terminal"
[ "$(stty -F /dev/console -g 2>/dev/null)" = "$before" ] || fail "the terminal is still raw"
input=/dev/null
left snapshot
passed "SIGTERM: the terminal is what it was"

# SIGKILL at any point of a save: the name leads to a whole snapshot, the old one or the new one.
ln snapshot old
killed=0
for delay in 0 10000 20000 40000 80000 160000; do
    ln -f old snapshot
    start --save snapshot -- ticks=0
    kill -TERM "$pid"
    usleep "$delay"
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    [ $? = 137 ] && killed=$((killed + 1))
    expect 0 "" stasis inspect snapshot
done
[ "$killed" -gt 0 ] || fail "every save was over before it was killed"
# What killed saves leave has the documented name, snapshot.new-PID-RANDOM, and the next save takes it away.
start --save snapshot -- ticks=0
kill -TERM "$pid"
ended 0 "the save after"
left snapshot old
expect 0 "" stasis restore snapshot --quiet --for 50ms
rm -f snapshot old
passed "SIGKILL in a save, $killed times: the old snapshot or the new one, and nothing stays"

# Memory.
expect 2 "out of range" stasis run /guests/hello.te.elf --backend kvm --quiet --memory 2G
expect 0 "" stasis run /guests/hello.te.elf --backend kvm --quiet --memory 1536M
left
passed "more memory than a guest can have: bad usage; more than the host has: what is not touched is not needed"
limited() { (ulimit -v 20000 && exec stasis "$@"); }
expect 1 "memory" limited run /guests/hello.te.elf --backend kvm --quiet
left
passed "ulimit -v: a line, status 1"

# A guest that writes to all of its memory, on a host that has less: the kernel ends it.
mkdir /tmp/ballast && mount -t tmpfs -o size=300m none /tmp/ballast || fail "no ballast"
dd if=/dev/zero of=/tmp/ballast/file bs=1M count=$(($(awk '/MemAvailable/ { print $2 }' /proc/meminfo) / 1024 - 180)) 2>/dev/null
# lui t0, 0x4001; sw t0, 0(t0); addiu t0, t0, 0x1000; b -3; nop
printf '\001\100\010\074\000\000\010\255\000\020\010\045\375\377\000\020\000\000\000\000' >eater
stasis run eater --raw 0x40001000 --memory 256M --backend kvm --quiet >out 2>err </dev/null
status=$?
umount /tmp/ballast && rmdir /tmp/ballast
[ "$status" = 137 ] || fail "no memory left: status $status, not 137"
rm -f eater
left
works
passed "out of memory: the kernel ends it, nothing left, and KVM goes on working"

# The device.
device() {
    rm -f /dev/kvm
    "$@"
}

# refused WORDS: KVM fails with a line, auto takes the simulator and says why, and doctor knows what to do.
refused() {
    expect 1 "$1" stasis run /guests/hello.te.elf --backend kvm
    expect 0 "$1" stasis run /guests/hello.elf
    grep -q "backend simulator" err || fail "auto does not say what it takes"
    grep -q hello out || fail "no hello on the simulator"
    expect 0 "" stasis doctor
    grep -q -- "$1" out || fail "doctor: nothing about '$1'"
    grep -q "auto takes the simulator" out || fail "doctor: which backend?"
    left
}

mv /dev/kvm /dev/kvm.away
refused "there is no such device"
passed "/dev/kvm missing: a line, status 1; auto takes the simulator"
device mknod /dev/kvm c 1 3
refused "not KVM: .*ENOTTY"
passed "/dev/kvm is another device"
device touch /dev/kvm
refused "not KVM: .*ENOTTY"
passed "/dev/kvm is a file"
device mkdir /dev/kvm
refused "cannot be opened: .*EISDIR"
rmdir /dev/kvm
passed "/dev/kvm is a folder"
device mknod /dev/kvm c 10 99
refused "no driver answers"
passed "/dev/kvm without a driver"
rm -f /dev/kvm
mv /dev/kvm.away /dev/kvm

# A user who may not open it, and after the remedy may.
mkdir -p /etc
echo "root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/:/bin/sh" >/etc/passwd
echo "root:x:0:
kvm:x:104:
nogroup:x:65534:" >/etc/group
chgrp kvm /dev/kvm
chmod 660 /dev/kvm
as_nobody() { su -s /bin/sh nobody -c "stasis $*"; }
chmod 777 "$work"
expect 1 "may not open it: EACCES.*group kvm, mode 660.*usermod -aG kvm" as_nobody run /guests/hello.te.elf --backend kvm
expect 0 "backend simulator.*may not open it" as_nobody run /guests/hello.elf
expect 0 "" as_nobody doctor
grep -q "usermod -aG kvm USER" out || fail "doctor: no remedy"
grep -q "you may not open it" out || fail "doctor: who may open it?"
sed -i 's/^kvm:x:104:/&nobody/' /etc/group
expect 0 "" as_nobody run /guests/hello.te.elf --backend kvm
left
passed "/dev/kvm forbidden: a line with the remedy, status 1; auto takes the simulator; the remedy helps"

works
left
! dmesg | grep -E "Oops|BUG|WARNING" || fail "the kernel's log"
passed "and KVM still works, and the kernel has nothing to complain about"
