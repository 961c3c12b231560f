"""Restoring, saving and memory with a Linux guest, beside QEMU's."""
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from linux_guests import start_qemu, start_stasis
from tools import PROGRAM, ROOT, SCRIPTS, fail, run

RESTORE_SIZES = (64, 128, 256, 512, 1024)
SAVE_SIZES = (128, 256)


def spawn(command, error):
    """Starts a process that says nothing but its standard error; the time before, and the process."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nowhere, 0), (os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, error, 2)]
    before = time.monotonic()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    os.close(nowhere)
    return before, process


def make_nothing(folder):
    """A program that says what restore says and does nothing."""
    source, program = os.path.join(folder, "nothing.c"), os.path.join(folder, "nothing")
    with open(source, "w", encoding="utf-8") as file:
        file.write(
            '#include <unistd.h>\n'
            'static const char line[] = "stasis: restored in 0.0 ms (0.0 ms of processor time)\\n";\n'
            'int main(void) { return write(2, line, sizeof line - 1) < 0 || pause(); }\n')
    run(["cc", "-O2", "-static", "-o", program, source])
    return program


def restore_stasis(command, file):
    """Milliseconds to the guest's first instruction: from outside, from main, and of processor time."""
    reading, writing = os.pipe()
    before, process = spawn(command, writing)
    os.close(writing)
    text = b""
    while b"stasis: restored" not in text:
        part = os.read(reading, 4096)
        if not part:
            fail(f"stasis restore {file}: {text.decode(errors='replace')}")
        text += part
    outside = (time.monotonic() - before) * 1000
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(reading)
    inside, processor = re.search(rb" in ([0-9.]+) ms \(([0-9.]+) ms", text).groups()
    return outside, float(inside), float(processor)


def restore_qemu(command, monitor):
    """Milliseconds until the monitor answers, which it does when the state is loaded."""
    if os.path.exists(monitor):
        os.unlink(monitor)
    nowhere = os.open("/dev/null", os.O_WRONLY)
    before, process = spawn(command + ["-loadvm", "here"], nowhere)
    os.close(nowhere)
    peer = socket.socket(socket.AF_UNIX)
    while True:
        try:
            peer.connect(monitor)
            break
        except OSError:
            if os.waitpid(process, os.WNOHANG)[0]:
                fail("QEMU ended")
            time.sleep(0.0005)
    text = b""
    while not text.endswith(b"(qemu) "):
        text += peer.recv(65536)
    milliseconds = (time.monotonic() - before) * 1000
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return milliseconds


def kvm_memory():
    """KiB resident of a process that runs a guest on the real /dev/kvm of an emulated MIPS host: all of it, the guest's RAM too."""
    run([os.path.join(SCRIPTS, "build-mips"), "mipsel"])
    script = "stasis run --backend kvm --quiet --memory 32M /guests/ticker.te.elf -- hz=100 ticks=0 print=none work=wait & sleep 5; " \
        "cat /proc/$!/status; kill $!; wait"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [os.path.join(SCRIPTS, "mips-host"), "--", "sh", "-c", script], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = re.search(rb"VmRSS:\s*(\d+) kB", done.stdout)
    if not found:
        fail(f"no guest ran on the emulated host: {done.stdout.decode(errors='replace')[-300:]}")
    return int(found[1])


def restore_tables(rounds, as_json):
    run(["swift", "build", "-c", "release", "--product", "stasis", "--package-path", ROOT])
    run([os.path.join(SCRIPTS, "guest-linux")])
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as folder:
        restores, saves, memory = [], [], []
        nothing = make_nothing(folder)
        for megabytes in RESTORE_SIZES:
            ours = start_stasis(folder, megabytes)
            theirs, command = start_qemu(folder, megabytes)
            memory.append({
                "megabytes": megabytes, "stasis_kib": ours.memory_beyond(megabytes), "qemu_kib": theirs.memory_beyond(megabytes),
            })
            file = os.path.join(folder, "here")
            if megabytes in SAVE_SIZES:
                pairs = []
                for number in range(rounds):
                    name = os.path.join(folder, f"save-{number}")
                    pairs.append((
                        ours.control.milliseconds("save", file=name), theirs.control.milliseconds(f"savevm save-{number}")))
                    os.unlink(name)
                    theirs.control.milliseconds(f"delvm save-{number}")
                a, b = (statistics.median(column) for column in zip(*pairs))
                saves.append({
                    "megabytes": megabytes, "stasis_ms": a, "qemu_ms": b,
                    "ratio": statistics.median(x / y for x, y in pairs),
                })
            ours.control.milliseconds("save", file=file)
            theirs.control.milliseconds("savevm here")
            ours.end()
            theirs.end()
            samples = []
            for _ in range(rounds):
                samples.append(
                    restore_stasis([PROGRAM, "restore", "--backend", "simulator", file], file)
                    + restore_stasis([nothing], file)[:1] + (restore_qemu(command, os.path.join(folder, f"qemu-{megabytes}")),))
            outside, inside, processor, floor, qemu = (statistics.median(column) for column in zip(*samples))
            restores.append({
                "megabytes": megabytes, "outside_ms": outside, "nothing_ms": floor, "inside_ms": inside, "processor_ms": processor, "qemu_ms": qemu,
                "disk_mib": os.stat(file).st_blocks * 512 / (1 << 20),
            })
            os.unlink(file)
            for name in os.listdir(folder):
                if name.startswith("qemu-") and os.path.isfile(os.path.join(folder, name)):
                    os.unlink(os.path.join(folder, name))
    kvm = kvm_memory()
    if as_json:
        print(json.dumps({"restore": restores, "save": saves, "memory": memory, "kvm_process_kib": kvm}, indent=2))
        return
    print(f"restore to the first guest instruction, in milliseconds, medians of {rounds}")
    print(f"{'RAM':>7}{'data':>9}{'outside':>9}{'nothing':>9}{'inside':>8}{'processor':>11}{'QEMU':>8}")
    for r in restores:
        print(
            f"{r['megabytes']:>5} M{r['disk_mib']:>7.0f} M{r['outside_ms']:>9.1f}{r['nothing_ms']:>9.1f}{r['inside_ms']:>8.1f}"
            f"{r['processor_ms']:>11.1f}{r['qemu_ms']:>8.0f}")
    print(f"save, in milliseconds, medians of {rounds}")
    print(f"{'RAM':>7}{'Stasis':>9}{'QEMU':>8}{'ratio':>8}")
    for r in saves:
        print(f"{r['megabytes']:>5} M{r['stasis_ms']:>9.1f}{r['qemu_ms']:>8.1f}{r['ratio']:>8.2f}")
    print("memory beyond the guest's RAM, in KiB")
    print(f"{'RAM':>7}{'Stasis':>9}{'QEMU':>8}")
    for r in memory:
        print(f"{r['megabytes']:>5} M{r['stasis_kib']:>9}{r['qemu_kib']:>8}")
    print(f"real KVM {kvm:>7}        the whole process with ticker on Scripts/mips-host, its RAM too")
