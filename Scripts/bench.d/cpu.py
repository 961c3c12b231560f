"""The processor, beside QEMU's: the same programs for bare metal and in the same Linux, in turns, by processor time."""
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import plot
from linux_guests import KERNEL, Guest, Prompt, start_qemu, stasis_command, wait_for
from tools import GUESTS, PROGRAM, ROOT, SCRIPTS, fail, processor_time, run

MEGABYTES = 128
# What QEMU plays. Its 24Kf has 16 entries in the TLB, Stasis's processor 64: the guest would do other work, ten times as much in
# programs whose data is just too much for 16. Its 34Kf has 64.
PEER = "34Kf"
METER = os.path.join(ROOT, ".build", "release", "interpreter-bench")
# Each program for bare metal: group, name, what it is about, rounds of the short run. The long one has FACTOR times as many, which
# takes a translator something like a second.
BARE = (
    ("algorithms", "crc32", "integers, table", 180),
    ("algorithms", "sha256", "integers", 105),
    ("algorithms", "bignum", "multiplication, carries", 3),
    ("algorithms", "sort", "memory, compares", 15),
    ("algorithms", "lz", "bytes, matches", 20),
    ("algorithms", "memory", "moves, lists, columns", 70),
    ("algorithms", "branches", "unforeseeable branches", 35),
    ("algorithms", "calls", "recursion, pointers", 20),
    ("algorithms", "matrix", "integer, single, double", 15),
    ("algorithms", "nbody", "double, roots", 10),
    ("TLB", "pages", "a miss in each load", 5),
    ("cold code", "cold", "each instruction 240 times", 2),
)
FACTOR = 9
# What is done in Linux: group, name, what it is about, command. Its output goes to a file, which has to be the same on both.
DATA = "loads data 4 >/tmp/data; head -c 1048576 /tmp/data >/tmp/less; cat /tmp/data /tmp/data >/tmp/more"
LOADS = (
    ("busybox", "md5sum", "24 MiB", "md5sum /tmp/more /tmp/more /tmp/more"),
    ("busybox", "sha256sum", "12 MiB", "sha256sum /tmp/data /tmp/data /tmp/data"),
    ("busybox", "gzip", "4 MiB", "gzip -c </tmp/data"),
    ("busybox", "bzip2", "1 MiB", "bzip2 -c </tmp/less"),
    ("busybox", "awk", "1 MiB: count, add up",
     "awk '{ n[$1]++; s += $2; f += NF } END { for (w in n) t += n[w] * length(w); print s, t, f, NR }' /tmp/less"),
    ("busybox", "sort", "1 MiB of lines", "sort /tmp/less"),
    ("kernel", "fork/exec", "100 processes", "loads forks 100"),
    ("kernel", "pipes", "4,000 times there and back", "loads pipes 4000"),
    ("kernel", "system calls", "400,000", "loads calls 400000"),
    ("kernel", "page faults", "20,000", "loads faults 20000"),
    ("TLB", "pointers", "a million, over 32 MiB", "loads chase 32 1000000"),
)
# The first boot begins on both where the kernel is unpacked; the second is of Debian's file, which Stasis unpacks outside of the guest:
# that is no measure of the engine, and no part of the mean.
BOOT = ("boot", "Linux", "to PID 1 and its prompt")
PACKED = ("boot", "as packed", "not in the mean: see below")
BOOTS = (BOOT, PACKED)
GROUPS = ("algorithms", "cold code", "boot", "busybox", "kernel", "TLB")
PAGE = os.path.join(ROOT, "docs", "performance.md")
PICTURE = os.path.join(ROOT, "docs", "images", "cpu-ratios.svg")


def in_turns(pairs, ours, theirs):
    """Measures both in turns, ours first in every other pair, and answers with the figures of a row."""
    times = []
    for number in range(pairs):
        if number % 2 == 0:
            a = ours()
            times.append((a, theirs()))
        else:
            b = theirs()
            times.append((ours(), b))
    ratios = [b / a for a, b in times]
    return {
        "stasis_seconds": statistics.median(a for a, _ in times), "qemu_seconds": statistics.median(b for _, b in times),
        "ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios),
    }


def bare_stasis(engine, name, rounds):
    return [
        PROGRAM, "run", "--quiet", "--backend", "simulator", "--engine", engine, "--memory", "32M", os.path.join(GUESTS, name + ".elf"),
        "--", f"n={rounds}"]


def bare_qemu(emulator, name, *further):
    return [
        emulator, "-M", "malta", "-cpu", PEER, "-m", "32M", "-display", "none", "-nic", "none", "-vga", "none", "-no-reboot",
        "-kernel", os.path.join(GUESTS, name + ".malta.elf"), *further]


def checksum(output):
    return [line.strip() for line in output.splitlines() if "checksum=" in line]


def bare_row(emulator, engine, pairs, name, rounds):
    def ours(count):
        return bare_stasis(engine, name, count)

    def theirs(count):
        return bare_qemu(emulator, name, "-serial", "stdio", "-monitor", "none", "-append", f"n={count}")

    def net_time(command):
        """A process with many rounds less one with few: starting and translating cancel, unless each round has code of its own."""
        few, _ = processor_time(command(rounds))
        many, _ = processor_time(command(rounds * FACTOR))
        return max(many - few, 1e-6)

    a, b = (checksum(run(command(rounds * FACTOR))) for command in (ours, theirs))
    if not a or a != b:
        fail(f"{name}: Stasis printed {a}, QEMU {b}; they must agree before they are timed")
    return in_turns(pairs, lambda: net_time(ours), lambda: net_time(theirs))


class Linuxes:
    """A Linux guest on each of both, booted again and again; the last ones stay for loads."""

    def __init__(self, engine, folder):
        self.engine, self.folder = engine, folder
        self.guests = {}
        self.unpacked = os.path.join(folder, "vmlinux.elf")
        run([METER, "--unpack", KERNEL, self.unpacked])

    def boot(self, name, command):
        if name in self.guests:
            self.guests[name].end()
        self.guests[name] = Guest(command, self.folder, name)
        return self.guests[name].processor_seconds()

    def boots(self, pairs, kernel):
        # qemu-peer's own work is not QEMU's: its command line is taken, and used without it.
        guest, command = start_qemu(tempfile.mkdtemp(dir=self.folder), MEGABYTES, kernel, PEER)
        guest.end()
        return in_turns(
            pairs, lambda: self.boot("stasis", stasis_command(MEGABYTES, "--engine", self.engine, kernel=kernel)),
            lambda: self.boot("qemu", command))

    def prepare(self):
        """Both shells do what they are told, and have data to work on."""
        self.both = [self.guests["stasis"], self.guests["qemu"]]
        for guest in self.both:
            guest.obey()
            guest.do(DATA)

    def load(self, pairs, name, command):
        printed = []
        for guest in self.both:
            guest.do(f"{command} >/tmp/out")
            printed.append(guest.do("md5sum </tmp/out; wc -c </tmp/out")[1])
        if printed[0] != printed[1] or printed[0].split()[-1] == "0":
            fail(f"{name}: Stasis printed {printed[0]}, QEMU {printed[1]}; they must agree before they are timed")
        return in_turns(pairs, *(lambda guest=guest: guest.do(f"{command} >/tmp/out")[0] for guest in self.both))

    def end(self):
        for guest in self.guests.values():
            guest.end()


def linux_rows(engine, pairs, boots, loads, add):
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build")) as folder:
        linuxes = Linuxes(engine, folder)
        if PACKED in boots:
            add(PACKED, {**linuxes.boots(pairs, KERNEL), "counts": False})
        if BOOT in boots:
            add(BOOT, linuxes.boots(pairs, linuxes.unpacked))
        elif loads:
            linuxes.boots(1, linuxes.unpacked)
        if loads:
            linuxes.prepare()
        for row in loads:
            add(row[:3], linuxes.load(pairs, row[1], row[3]))
        linuxes.end()


def meter(engine, names):
    """Of each program, by interpreter-bench: millions of instructions a second, and (instructions, bytes) translated."""
    rates, code, name = {}, {}, None
    for line in run([METER, "--engine", engine] + [os.path.join(GUESTS, n + ".elf") for n in names]).splitlines():
        words = line.split()
        if len(words) == 7 and words[0] in names:
            name = words[0]
            rates[name] = float(words[5])
        elif words[:1] == ["code:"]:
            code[name] = (int(words[3]), int(words[5]))
    return rates, code


def qemu_code(emulator, name, folder):
    """(Instructions, bytes) QEMU has translated when the program ends, by its own account."""
    monitor = os.path.join(folder, "monitor")
    process = subprocess.Popen(
        bare_qemu(emulator, name, "-serial", "null", "-monitor", f"unix:{monitor},server=on,wait=off", "-no-shutdown"),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        prompt = Prompt(monitor)
        wait_for(f"the end of {name}", lambda: b"shutdown" in prompt.ask("info status"))
        text = prompt.ask("info jit").decode(errors="replace")
    finally:
        process.kill()
        process.wait()
    size, count, target = (
        int(re.search(pattern, text)[1]) for pattern in (r"gen code size +(\d+)/", r"TB count +(\d+)", r"TB avg target size +(\d+)"))
    return count * target / 4, size


def code_sizes(emulator, ours):
    """Bytes of the host's code for an instruction of the guest, of the programs that repeat what they do and of cold code."""
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        for what, names in (("algorithms", [n for n in ours if n != "cold"]), ("cold code", [n for n in ours if n == "cold"])):
            if not names:
                continue
            theirs = [qemu_code(emulator, name, folder) for name in names]
            own = [ours[name] for name in names]
            sizes.append({
                "code": what, "stasis_instructions": sum(i for i, _ in own), "stasis_bytes": sum(b for _, b in own),
                "qemu_instructions": sum(i for i, _ in theirs), "qemu_bytes": sum(b for _, b in theirs),
            })
    return sizes


def measure(engine, pairs, only, say):
    """Answers with everything measured; calls `say` with each row when it is there."""
    emulator = shutil.which(os.environ.get("QEMU", "qemu-system-mipsel"))
    if not emulator:
        fail("qemu-system-mipsel is missing; as root: apt-get install qemu-system-mips")

    def wanted(row):
        return re.search(only, f"{row[0]}/{row[1]}")

    bare, boots, loads = ([row for row in kind if wanted(row)] for kind in (BARE, BOOTS, LOADS))
    if not bare and not loads and not boots:
        fail(f"--only {only}: no row is called that; there are {', '.join(f'{r[0]}/{r[1]}' for r in (*BARE, *BOOTS, *LOADS))}")
    run(["swift", "build", "-c", "release", "--package-path", ROOT])
    rows, sizes = [], []

    def add(row, figures):
        rows.append({"group": row[0], "name": row[1], "what": row[2], **figures})
        say(rows[-1])

    if bare:
        run([os.path.join(SCRIPTS, "build-guests"), "--malta"])
        rates, code = meter(engine, [r[1] for r in bare])
        for row in bare:
            figures = bare_row(emulator, engine, pairs, row[1], row[3])
            add(row, {**figures, "million_per_second": rates[row[1]]})
        sizes = code_sizes(emulator, code)
    if loads or boots:
        run([os.path.join(SCRIPTS, "guest-linux")])
        linux_rows(engine, pairs, boots, loads, add)
    # What does not count comes last in its group.
    rows.sort(key=lambda row: (GROUPS.index(row["group"]), not row.get("counts", True)))
    return {"engine": engine, "pairs": pairs, "rows": rows, "code": sizes}


def geomean(rows):
    counted = [row for row in rows if row.get("counts", True)] or rows
    return math.exp(statistics.fmean(math.log(row["ratio"]) for row in counted))


def spread(row):
    return f"{row['least']:.2f}-{row['most']:.2f}"


HEAD = f"{'':<13}{'':<29}{'million/s':>9}{'Stasis s':>10}{'QEMU s':>9}{'ratio':>8}{'range':>13}"


def line(row):
    rate = f"{row['million_per_second']:.0f}" if "million_per_second" in row else ""
    return (
        f"{row['name']:<13}{row['what']:<29}{rate:>9}{row['stasis_seconds']:>10.2f}{row['qemu_seconds']:>9.2f}{row['ratio']:>8.2f}"
        f"{spread(row):>13}")


def report(result):
    group = None
    print(HEAD)
    for row in result["rows"]:
        if row["group"] != group:
            group = row["group"]
            print(group)
        print(line(row))
    for size in result["code"]:
        a, b = (size[who + "_bytes"] / max(size[who + "_instructions"], 1) for who in ("stasis", "qemu"))
        print(
            f"code cache, {size['code']}: {a:.1f} bytes an instruction, {size['stasis_bytes'] / 1024:.0f} KiB; "
            f"QEMU {b:.1f}, {size['qemu_bytes'] / 1024:.0f} KiB")
    print(f"{result['engine']}; ratio: QEMU's processor time over Stasis's, median of {result['pairs']}; range: all of them")
    print(f"geomean {geomean(result['rows']):.2f}")


def markdown(result):
    """The table of docs/performance.md."""
    lines = ["| load | what | million/s | Stasis s | QEMU s | ratio | range |", "|---|---|---|---|---|---|---|"]
    for row in result["rows"]:
        rate = f"{row['million_per_second']:.0f}" if "million_per_second" in row else ""
        lines.append(
            f"| {row['group']}: {row['name']} | {row['what']} | {rate} | {row['stasis_seconds']:.2f} | {row['qemu_seconds']:.2f} "
            f"| {row['ratio']:.2f} | {row['least']:.2f} to {row['most']:.2f} |")
    lines.append(f"| geometric mean | | | | | {geomean(result['rows']):.2f} | |")
    if result["code"]:
        lines += [
            "", "| code cache | Stasis, bytes an instruction | QEMU | Stasis, KiB | QEMU, KiB |", "|---|---|---|---|---|"]
        for size in result["code"]:
            a, b = (size[who + "_bytes"] / max(size[who + "_instructions"], 1) for who in ("stasis", "qemu"))
            lines.append(
                f"| {size['code']} | {a:.1f} | {b:.1f} | {size['stasis_bytes'] / 1024:.0f} | {size['qemu_bytes'] / 1024:.0f} |")
    return "\n".join(lines)


BEGIN, END = "<!-- Scripts/bench --cpu --record: begin -->", "<!-- Scripts/bench --cpu --record: end -->"


def table_of(page):
    """What the picture needs of the table in docs/performance.md: its rows, and the mean."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    if BEGIN not in text or END not in text:
        fail(f"{page} has no place for the table")
    rows, mean = [], None
    for text_line in text[text.index(BEGIN):text.index(END)].splitlines():
        cells = [cell.strip() for cell in text_line.split("|")]
        found = re.fullmatch(r"([\d.]+) to ([\d.]+)", cells[7]) if len(cells) == 9 else None
        if found:
            group, name = cells[1].split(": ", 1)
            rows.append({
                "group": group, "name": name, "what": cells[2], "ratio": float(cells[6]),
                "least": float(found[1]), "most": float(found[2]), "counts": name != PACKED[1],
            })
        elif cells[1:2] == ["geometric mean"]:
            mean = float(cells[6])
    if not rows or mean is None:
        fail(f"{page} has no table")
    return rows, mean


def record(result, page=PAGE, picture=PICTURE):
    """Writes the table to its place in the documentation, and the picture from that table."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    if BEGIN not in text or END not in text:
        fail(f"{page} has no place for the table")
    text = text[:text.index(BEGIN)] + BEGIN + "\n" + markdown(result) + "\n" + text[text.index(END):]
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    plot.write(picture, *table_of(page))


def table(options):
    if options.check_record:
        with open(PICTURE, encoding="utf-8") as file:
            drawn = file.read()
        if drawn != plot.svg(*table_of(PAGE)):
            fail("the picture is not of the table; Scripts/bench --cpu --record makes both")
        print("the picture is of the table")
        return
    if options.results:
        try:
            with open(options.results, encoding="utf-8") as file:
                result = json.load(file)
            geomean(result["rows"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            fail(f"{options.results}: no figures of --json ({error})")
    else:
        # Progress, for those who watch.
        result = measure(options.engine, options.pairs, options.only, lambda row: print(line(row), file=sys.stderr, flush=True))
    if options.plot:
        plot.write(options.plot, result["rows"], geomean(result["rows"]))
    if options.record:
        record(result)
    if options.json:
        print(json.dumps({**result, "geomean": geomean(result["rows"])}, indent=2))
    else:
        report(result)
