#!/usr/bin/env bash
# The console at work with Linux's 8250 driver on the simulator: megabytes into the guest, out of it and both ways at
# once, compared byte by byte; then a break, which Linux takes as the first half of a magic SysRq.
set -euo pipefail

[[ $MODE == release ]] || { echo "one build is enough for a test of megabytes"; exit 0; }

fail() {
    echo "FAILED: $*"
    exit 1
}

pid=
trap '[[ -z $pid ]] || kill "$pid" 2>/dev/null || true' EXIT

# boot WORK: what a guest with this work for PID 1 takes for arguments, in `guest`.
boot() {
    local setup='/bin/busybox --install -s /bin; mount -t devtmpfs none /dev; mkdir /t; mount -t tmpfs none /t; '
    setup+='exec </dev/ttyS0 >/dev/ttyS0; stty raw -echo; echo READY; '
    guest=(run --quiet --backend simulator --memory 128M --kernel "$GUESTS/linux/vmlinuz" --initrd "$GUESTS/linux/initrd.gz"
        --append "console=ttyS0 quiet loglevel=0 rdinit=/bin/sh -- -c \"$setup$1 sleep 1000\"")
}

# await TEXT FILE SECONDS: until a line of the file begins with the text.
await() {
    local end=$((SECONDS + $3))
    until grep -qa "^$1" "$2"; do
        kill -0 "$pid" 2>/dev/null || fail "stasis ended before $1: $(cat err; tail -c 300 "$2")"
        ((SECONDS < end)) || fail "no $1 in $3 s: $(tail -c 300 "$2")"
        sleep 0.1
    done
}

size=$((4 << 20)) echoed=$((1 << 20))
head -c "$size" /dev/urandom >sent
head -c "$echoed" /dev/urandom >sent2
mkfifo in
# Before the echo nobody reads for a while: the driver asks for a pause by RTS, and nothing is lost although the kernel's buffers
# hold a sixteenth of it.
work="head -c $size >/t/x; set -- \$(md5sum /t/x); echo; echo SUM \$1; cat /t/x; echo; "
boot "${work}stty crtscts; echo ECHO; sleep 3; head -c $echoed; echo; echo END;"
"$STASIS" "${guest[@]}" <in >out 2>err &
pid=$!
exec 3>in
await READY out 60
start=$SECONDS
cat sent >&3
await SUM out 60
[[ $(grep -a '^SUM' out | tr -d '\r') == "SUM $(md5sum <sent | cut -d' ' -f1)" ]] || fail "into the guest: other bytes arrived"
into=$((SECONDS - start)) start=$SECONDS
await ECHO out 60
back=$((SECONDS - start)) start=$SECONDS
cat sent2 >&3
await END out 60
both=$((SECONDS - start))
[[ ! -s err ]] || fail "stasis said: $(cat err)"
kill "$pid"
wait "$pid" || true
pid=
exec 3>&-

# What came out: after the line SUM the bytes, and after the line ECHO the others.
python3 - <<'END' || fail "out of the guest: other bytes arrived"
out = open("out", "rb").read()
sent, echoed = open("sent", "rb").read(), open("sent2", "rb").read()
first = out.index(b"\n", out.index(b"\nSUM ") + 1) + 1
second = first + len(sent) + len(b"\nECHO\n")
assert out[first:second] == sent + b"\nECHO\n", "the bytes that were sent back"
assert out[second:] == echoed + b"\nEND\n", "the bytes that were echoed"
END
echo "4 MiB in: $into s, 4 MiB out: $back s, 1 MiB both ways: $both s, nothing lost"

# A terminal, where Control-A B is a break and Control-A X the end.
boot 'cat >/dev/null;'
timeout 100 python3 - "$STASIS" "${guest[@]}" <<'END' || fail "break"
import os, pty, select, sys, time

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""


def hear(text, seconds):
    """Reads until the text was said."""
    global said
    end = time.monotonic() + seconds
    while text not in said:
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"no {text} in {seconds} s: {said[-300:]}")
        said += os.read(terminal, 4096)


hear(b"READY", 60)
# Without a break before it, it is a letter like any other.
os.write(terminal, b"h")
time.sleep(0.5)
assert not select.select([terminal], [], [], 0)[0], os.read(terminal, 4096)
os.write(terminal, b"\x01bh")
hear(b"sysrq: HELP", 20)
os.write(terminal, b"\x01x")
end = time.monotonic() + 20
while os.waitpid(pid, os.WNOHANG)[0] == 0:
    if time.monotonic() > end:
        sys.exit("Control-A X did not end it")
    # Output nobody reads would hold it.
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            os.read(terminal, 4096)
        except OSError:
            pass
END
echo "a break is a break"
