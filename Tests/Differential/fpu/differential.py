#!/usr/bin/env python3
"""Compares the simulator's FPU with somebody else's 24Kf on random operands.

    differential.py [--oracle qemu|unicorn] [--count N] [--seed S] [OPERATION...]

--count is the number of operand records for each operation (default 2,000,000). Without names, all operations are run.
Needs swiftc, and qemu-mipsel (Debian: qemu-user) or the Python package unicorn. Exit status 1 if anything disagrees.
"""

import argparse
import ctypes
import pathlib
import struct
import subprocess
import sys
import tempfile

import oracle

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CHUNK = 1 << 18
# Bits 15:8 of FCSR in the last answer.
ANSWER_CAUSE_FROM_END = 7


def build(folder):
    """The FPU and its driver as a shared library."""
    library = pathlib.Path(folder, "libfpu.so")
    sources = sorted((ROOT / "Sources/Simulator/FPU").glob("*.swift")) + sorted(HERE.glob("*.swift"))
    sources.append(ROOT / "Tests/SimulatorTests/FPUOperandGenerator.swift")
    subprocess.run(
        ["swiftc", "-O", "-wmo", "-swift-version", "6", "-module-name", "FPUDifferential", "-emit-library",
         "-o", library, *sources],
        check=True,
    )
    return ctypes.CDLL(str(library))


def describe(name, record, answer, bits, flags):
    a, b, c, fcsr, _ = struct.unpack("<QQQII", record)
    theirs, after, _ = struct.unpack("<QII", answer)
    return (
        f"  {name} a={a:x} b={b:x} c={c:x} fcsr={fcsr:x}: ours {bits:x} flags {flags:05b}, "
        f"oracle {theirs:x} flags {after >> 12 & 63:05b} condition {after >> 23 & 1}"
    )


def prove_alert(check, name, records, answers):
    """Stops if the operands do not vary or a wrong answer goes unseen: agreement would mean nothing."""
    raw = records.raw
    size = len(raw) // oracle.RECORD
    sample = min(size, 1000)
    if len({raw[i * oracle.RECORD : i * oracle.RECORD + 24] for i in range(sample)}) < sample // 2:
        raise SystemExit(f"differential.py: {name}: the operands do not vary")
    # Bit 13 of FCSR is the Cause field's U.
    spoilt = bytearray(answers)
    spoilt[-ANSWER_CAUSE_FROM_END] ^= 0x20
    if abs(check(records, bytes(spoilt)) - check(records, answers)) != 1:
        raise SystemExit(f"differential.py: {name}: a spoilt answer went unseen")


def compare(library, judge, name, count, seed, skip_quiet_nans):
    """Number of disagreements; the first of each chunk is printed."""
    wrong = 0
    first = ctypes.c_ssize_t()
    ours = (ctypes.c_uint64 * 2)()
    for begin in range(0, count, CHUNK):
        size = min(CHUNK, count - begin)
        records = ctypes.create_string_buffer(size * oracle.RECORD)
        # The seed of a chunk depends on where it is, not on how many there are.
        known = library.stasis_fpu_generate(
            name.encode(), ctypes.c_uint64(seed * 1_000_003 + begin), records, ctypes.c_ssize_t(size)
        )
        if not known:
            raise SystemExit(f"differential.py: {name}: the library does not know this operation")
        answers = judge.run(name, records.raw)
        if len(answers) != size * oracle.ANSWER:
            raise SystemExit(f"differential.py: {name}: {len(answers)} bytes of answers to {size} questions")

        def check(asked, answered):
            return library.stasis_fpu_check(
                name.encode(), asked, answered, ctypes.c_ssize_t(size), ctypes.c_bool(skip_quiet_nans),
                ctypes.byref(first), ours,
            )

        if begin == 0:
            prove_alert(check, name, records, answers)
        found = check(records, answers)
        if found:
            i = first.value
            print(describe(
                name, records.raw[i * oracle.RECORD : (i + 1) * oracle.RECORD],
                answers[i * oracle.ANSWER : (i + 1) * oracle.ANSWER], ours[0], ours[1],
            ))
        wrong += found
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", choices=["qemu", "unicorn"], default="qemu")
    parser.add_argument("--count", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="names as in the manual, as add.s")
    options = parser.parse_args()
    names = options.operations or list(oracle.INSTRUCTIONS)
    unknown = [name for name in names if name not in oracle.INSTRUCTIONS]
    if unknown:
        parser.error(f"unknown operation {unknown[0]}; known are {' '.join(oracle.INSTRUCTIONS)}")
    if options.count < 1:
        parser.error("--count: at least 1")

    judge = oracle.oracle(options.oracle)
    disagreements = 0
    with tempfile.TemporaryDirectory() as folder:
        library = build(folder)
        library.stasis_fpu_generate.restype = ctypes.c_bool
        library.stasis_fpu_check.restype = ctypes.c_ssize_t
        for name in names:
            wrong = compare(library, judge, name, options.count, options.seed, options.oracle == "unicorn")
            if wrong or sys.stdout.isatty():
                print(f"{name:<12} {options.count:>10} operands, {wrong} disagree", flush=True)
            disagreements += wrong
    total = options.count * len(names)
    print(
        f"fpu differential ({options.oracle}): {len(names)} operations, {total} operand sets, "
        f"{disagreements} disagreements"
    )
    return 1 if disagreements else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FileNotFoundError as error:
        sys.exit(f"differential.py: {error.filename} is not installed")
    except ModuleNotFoundError as error:
        sys.exit(f"differential.py: the Python package {error.name} is not installed")
    except subprocess.CalledProcessError as error:
        sys.exit(f"differential.py: {error.cmd[0]} failed with status {error.returncode}")
