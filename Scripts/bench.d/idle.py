"""What waiting costs: processor time of idle guests, and how late they wake, beside the host's own timer."""
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time

from linux_guests import KERNEL, SHELL, Guest, stasis_command
from tools import GUESTS, PROGRAM, ROOT, SCRIPTS, fail, processor_clock, run

ENGINES = ("translated", "interpreted")
RATE = 100
COUNT_RATE = 100_000_000
# Debian's kernel for MIPS has no idle without ticks (CONFIG_HZ_PERIODIC): at its shell it wakes as often.
LINUX_RATE = 250
MEGABYTES = 128
# What a guest's start leaves to be done takes a second or two; Stasis gives memory back after another.
SETTLING = 4
# Per cent of a core, and how much later than the host's own timer, in microseconds.
MOST_SHARE = 1.0
MOST_LATER = 100.0


def ticker(program, engine, rate, *words):
    """The command of a bare-metal guest that sleeps in WAIT between timer interrupts."""
    return [
        program, "run", "--quiet", "--backend", "simulator", "--engine", engine, os.path.join(GUESTS, "ticker.elf"), "--",
        f"hz={rate}", *words]


def start(command):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(processes):
    for process in processes:
        process.kill()
        process.wait()


def wake_ups(pid):
    """How often threads of the process have given their processor up to wait."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8") as file:
            total += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.M)[1])
    return total


def stretch(pids, seconds):
    """Per cent of a core and sleeps a second of each of these processes, over the same stretch of time."""
    begun = [(processor_clock(pid), wake_ups(pid), time.monotonic()) for pid in pids]
    time.sleep(seconds)
    figures = []
    for pid, (processor, sleeps, instant) in zip(pids, begun):
        took, slept, passed = processor_clock(pid) - processor, wake_ups(pid) - sleeps, time.monotonic() - instant
        figures.append((took / passed * 100, slept / passed))
    return figures


def host_timer(folder):
    """The program that does for itself what is done for a waiting guest."""
    program = os.path.join(folder, "host-timer")
    # Swift brings a compiler along.
    compiler = shutil.which("cc") or os.path.join(os.path.dirname(os.path.realpath(shutil.which("swiftc"))), "clang")
    run([compiler, "-O2", "-std=gnu11", "-o", program, os.path.join(ROOT, "Tests", "HostPrograms", "host_timer.c")])
    return program


def lateness(program, engine, timer, count):
    """Microseconds that each of a guest's wake-ups and each of the host program's were late, measured at the same time. The guest's is
    Count as its handler first reads it less Compare."""
    # The first ticks have to warm the handler up.
    extra = 20
    with subprocess.Popen([timer, str(RATE), str(count + extra)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as host:
        guest = run(ticker(program, engine, RATE, f"ticks={count + extra}", "work=wait", "print=all"))
        own = [int(line) / 1000 for line in host.communicate()[0].split()]
    ticks = re.findall(r"^tick \d+ count=([0-9a-f]{8}) compare=([0-9a-f]{8})", guest, re.M)
    late = [(int(now, 16) - int(due, 16) & 0xFFFFFFFF) * 1e6 / COUNT_RATE for now, due in ticks]
    if len(late) != count + extra or len(own) != count + extra:
        fail(f"{len(late)} ticks of the guest and {len(own)} of the host, not {count + extra}: {guest[-300:]}")
    return late[extra:], own[extra:]


def shares(folder, seconds):
    """Rows of what idle guests cost. All idle at the same time, after each has booted by itself."""
    guests = []
    try:
        for engine in ENGINES:
            guest = Guest(stasis_command(MEGABYTES, "--engine", engine), folder, engine)
            guests.append(("Linux at its shell", f"Stasis, {engine}", guest.process))
        guest = Guest([os.path.join(SCRIPTS, "qemu-peer"), "--memory", f"{MEGABYTES}M", "--kernel", KERNEL, "--append", SHELL], folder, "qemu")
        guests.append(("Linux at its shell", "QEMU", guest.process))
        for engine in ENGINES:
            guests.append((f"WAIT, {RATE} interrupts/s", f"Stasis, {engine}", start(ticker(PROGRAM, engine, RATE, "ticks=0", "work=wait", "print=none"))))
        malta = os.path.join(GUESTS, "ticker.malta.elf")
        guests.append((f"WAIT, {RATE} interrupts/s", "QEMU", start([
            "qemu-system-mipsel", "-M", "malta", "-cpu", "24Kf", "-m", "32M", "-nographic", "-nic", "none", "-vga", "none", "-no-reboot",
            "-kernel", malta, "-append", f"hz={RATE} ticks=0 work=wait print=none"])))
        timer = host_timer(folder)
        for rate in (LINUX_RATE, RATE):
            guests.append((f"no guest: wakes {rate} times/s", "host program", start([timer, str(rate), str(int(rate * (SETTLING + seconds + 60)))])))
        time.sleep(SETTLING)
        figures = stretch([process.pid for _, _, process in guests], seconds)
        for what, where, process in guests:
            if process.poll() is not None:
                fail(f"{what} on {where} ended with {process.returncode}")
    finally:
        end([process for _, _, process in guests])
    return [
        {"guest": what, "machine": where, "percent": percent, "sleeps_per_second": sleeps}
        for (what, where, _), (percent, sleeps) in zip(guests, figures)]


def percentiles(values):
    return statistics.median(values), statistics.quantiles(values, n=10)[-1]


def latencies(folder, count):
    timer = host_timer(folder)
    rows = []
    for engine in ENGINES:
        guest, host = lateness(PROGRAM, engine, timer, count)
        (guest_median, guest_most), (host_median, host_most) = percentiles(guest), percentiles(host)
        rows.append({
            "engine": engine, "wake_ups": count, "guest_median_us": guest_median, "guest_p90_us": guest_most,
            "host_median_us": host_median, "host_p90_us": host_most, "later_us": guest_median - host_median})
    return rows


def idle_tables(seconds, as_json):
    if not shutil.which("qemu-system-mipsel"):
        fail("qemu-system-mipsel is missing; as root: apt-get install qemu-system-mips")
    run(["swift", "build", "-c", "release", "--product", "stasis", "--package-path", ROOT])
    run([os.path.join(SCRIPTS, "build-guests"), "--malta"])
    run([os.path.join(SCRIPTS, "guest-linux")])
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as folder:
        idle = shares(folder, seconds)
        late = latencies(folder, max(100, min(1000, int(seconds * RATE / 4))))
    met = all(row["percent"] < MOST_SHARE for row in idle if row["machine"].startswith("Stasis")) and all(row["later_us"] <= MOST_LATER for row in late)
    if as_json:
        print(json.dumps({"seconds": seconds, "idle": idle, "wake_up": late, "met": met}, indent=2))
        return
    print(f"idle guests over {seconds:g} s: processor time of all threads, in per cent of a core")
    print(f"{'guest':<30}{'machine':<22}{'per cent':>9}{'sleeps/s':>10}")
    for r in idle:
        print(f"{r['guest']:<30}{r['machine']:<22}{r['percent']:>9.2f}{r['sleeps_per_second']:>10.1f}")
    print(f"how late a timer wakes, in microseconds, {late[0]['wake_ups']} times at {RATE} Hz, the guest and a program of the host's at once")
    print(f"{'engine':<14}{'guest':>8}{'90 %':>8}{'host':>8}{'90 %':>8}{'later':>8}")
    for r in late:
        print(
            f"{r['engine']:<14}{r['guest_median_us']:>8.1f}{r['guest_p90_us']:>8.1f}{r['host_median_us']:>8.1f}{r['host_p90_us']:>8.1f}"
            f"{r['later_us']:>8.1f}")
    print(f"idle below {MOST_SHARE:g} %, medians at most {MOST_LATER:g} us apart: {'met' if met else 'MISSED'}")
