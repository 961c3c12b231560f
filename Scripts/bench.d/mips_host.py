"""KVM calls beside the same calls made in C, on a machine that QEMU plays (Scripts/mips-host)."""
import json
import os
import statistics
import subprocess
import sys

from tools import ROOT, SCRIPTS, fail, run

# The measurements of Tests/MIPSHost/bench.c: what one operation is, and on what Stasis does it there.
MEASUREMENTS = {
    "get": "KVM_GET_ONE_REG",
    "set": "KVM_SET_ONE_REG",
    "calls": "freeze, read, thaw: seven calls",
    "cycle": "freeze, read, thaw: Timekeeper",
    "store-exit": "store: KVM_RUN, exit, bus",
    "load-exit": "load: KVM_RUN, exit, bus",
    "store-loop": "store: run loop of the machine",
    "load-loop": "load: run loop of the machine",
}
# Time of a freeze, read and thaw over C's, and MMIO exits a second over C's.
MOST_CYCLE = 1.05
LEAST_EXITS = 0.95


def compile_in_c(source, program, folder):
    """Compiles a C program for mipsel with the compiler and the libc that Scripts/build-mips uses for Stasis."""
    gcc = "mipsel-linux-gnu-gcc"
    libc = os.path.join(folder, "musl", "usr", "lib", "mipsel-linux-musl")
    headers = [
        os.path.join(folder, "musl", "usr", "include", "mipsel-linux-musl"), run([gcc, "-print-file-name=include"]).strip(),
        "/usr/mipsel-linux-gnu/include",
    ]
    run(
        [gcc, "-march=mips32r2", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-nostdinc"]
        + [word for header in headers for word in ("-isystem", header)]
        + ["-static", "-nostdlib", "-o", program, f"{libc}/crt1.o", f"{libc}/crti.o", source]
        + [f"{libc}/libc.a", "-lgcc", f"{libc}/libc.a", f"{libc}/crtn.o"])


def mips_host_rounds(options):
    """Builds both programs, runs them on the emulated host, and answers with [(C's ns, Stasis's ns)] of each measurement."""
    folder = os.path.join(ROOT, ".build", "mips", "mipsel")
    run([os.path.join(SCRIPTS, "build-mips"), "mipsel"])
    run([os.path.join(SCRIPTS, "build-mips"), "mipsel", "--live"])
    compile_in_c(os.path.join(ROOT, "Tests", "MIPSHost", "bench.c"), os.path.join(folder, "bench-c"), folder)
    # Started several times, since where a program's pages happen to lie matters to the emulator.
    starts = min(options.rounds, 4)
    each = -(-options.rounds // starts)
    loop = f"for start in {' '.join(str(i) for i in range(starts))}; do ./bench-c {each} ./live bench || exit 1; done"
    done = subprocess.run(
        [os.path.join(SCRIPTS, "mips-host"), "--kernel", options.kernel, "--cpu", options.cpu, "--", "sh", "-c", loop],
        cwd=folder, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        fail(f"the programs ended with {done.returncode} on the emulated host")
    rounds = {name: [] for name in MEASUREMENTS}
    for line in done.stdout.decode().splitlines():
        name, there, here = line.split()
        rounds[name].append((float(there), float(here)))
    if any(len(pairs) < options.rounds for pairs in rounds.values()):
        fail("the emulated host said less than it was asked")
    return rounds


def mips_host_table(options):
    rounds = mips_host_rounds(options)
    rows = []
    for name, pairs in rounds.items():
        ratios = sorted(here / there for there, here in pairs)
        low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        rows.append({
            "measurement": name, "what": MEASUREMENTS[name],
            "c_nanoseconds": statistics.median(there for there, _ in pairs),
            "stasis_nanoseconds": statistics.median(here for _, here in pairs),
            "ratio": middle, "lower_quartile": low, "upper_quartile": high,
        })
    ratio = {row["measurement"]: row["ratio"] for row in rows}
    verdicts = []
    for what, name in (("the seven calls", "calls"), ("as pause and resume do it", "cycle")):
        verdicts.append({
            "what": f"freeze, read, thaw: {what}", "value": ratio[name], "bound": f"at most {MOST_CYCLE}",
            "met": ratio[name] <= MOST_CYCLE,
        })
    for what, names in (("vCPU and bus", ("store-exit", "load-exit")), ("the whole run loop", ("store-loop", "load-loop"))):
        rate = 1 / max(ratio[name] for name in names)
        verdicts.append({
            "what": f"MMIO exits a second: {what}", "value": rate, "bound": f"at least {LEAST_EXITS}",
            "met": rate >= LEAST_EXITS,
        })
    met = all(verdict["met"] for verdict in verdicts)
    if options.json:
        print(json.dumps({
            "kernel": options.kernel, "cpu": options.cpu, "rounds": options.rounds,
            "rows": rows, "verdicts": verdicts, "met": met,
        }, indent=2))
    else:
        print(f"{options.kernel} on {options.cpu}, {options.rounds} rounds, microseconds an operation")
        print(f"{'operation':<34}{'C':>9}{'Stasis':>9}{'ratio':>8}{'middle half':>14}")
        for row in rows:
            print(
                f"{row['what']:<34}{row['c_nanoseconds'] / 1000:>9.2f}{row['stasis_nanoseconds'] / 1000:>9.2f}"
                f"{row['ratio']:>8.3f}{row['lower_quartile']:>8.3f}-{row['upper_quartile']:.3f}")
        print("ratio: Stasis's time over C's. Timekeeper: beyond the seven calls both ask for COUNT_CTL first, and read both")
        print("clocks after the freeze and one before the thaw; Stasis keeps a ledger, C a sum. Run loop: both block the signal")
        print("that stops them except inside KVM_RUN.")
        for verdict in verdicts:
            print(
                f"{verdict['what']}: {verdict['value']:.3f} of C's, {verdict['bound']}: "
                f"{'met' if verdict['met'] else 'MISSED'}")
    if options.check and not met:
        sys.exit(1)
