#!/usr/bin/env bash
# Waiting costs nothing: a guest that sleeps in WAIT between timer interrupts takes next to no processor time, its process wakes as often as
# the guest does, and it wakes about as late as a program of the host's that does nothing else. Machines are noisy: each of these is the
# best of three stretches. Scripts/bench --idle has the figures.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
export STASIS_GUESTS=$GUESTS

PYTHONPATH=$root/Scripts/bench.d PYTHONDONTWRITEBYTECODE=1 timeout 300 python3 - <<'END_OF_PROGRAM'
import os
import statistics
import sys

import idle
import linux_guests

program, mode = os.environ["STASIS"], os.environ["MODE"]
failures = 0
# A debug build does each of a guest's few instructions, and translates them, at its leisure.
share = idle.MOST_SHARE * (5 if mode == "debug" else 1)


def judge(what, figure, bound, unit):
    """The best of three; the first that is within the bound will do."""
    global failures
    best = figure()
    for _ in range(2):
        if best <= bound:
            break
        best = min(best, figure())
    good = best <= bound
    failures += not good
    print(f"{'ok' if good else 'FAILED:'} {what}: {best:.2f} {unit}, at most {bound:g}", flush=True)


def judge_idle(what, pid, rate, seconds):
    """Wake-ups beyond the guest's own are the process's: of other threads, or of a wait that looks around in between."""
    judge(f"{what}, wake-ups a second", lambda: idle.stretch([pid], seconds)[0][1], rate * 1.2 + 15, "/s")


for engine in idle.ENGINES:
    guest = idle.start(idle.ticker(program, engine, 10, "ticks=0", "work=wait", "print=none"))
    try:
        # Translating ends, and memory is given back.
        idle.time.sleep(1.5)
        judge(f"WAIT, 10 interrupts a second, {engine}", lambda: idle.stretch([guest.pid], 1)[0][0], share, "% of a core")
        judge_idle(f"WAIT, 10 interrupts a second, {engine}", guest.pid, 10, 1)
    finally:
        idle.end([guest])

# The measurement sees a guest that does not wait.
guest = idle.start(idle.ticker(program, "interpreted", 10, "ticks=0", "work=spin", "print=none"))
try:
    spinning = idle.stretch([guest.pid], 0.5)[0][0]
finally:
    idle.end([guest])
print(f"{'ok' if spinning > 5 else 'FAILED:'} a guest that spins: {spinning:.0f} % of a core")
failures += spinning <= 5

# What is asked of the release build is a hundred microseconds on a machine that has nothing else to do; a timeout in milliseconds would
# cost five hundred. The handler of a debug build takes its time.
timer = idle.host_timer(os.getcwd())
for engine in idle.ENGINES if mode != "debug" else ():
    def later():
        guest, host = idle.lateness(program, engine, timer, 80)
        return statistics.median(guest) - statistics.median(host)
    judge(f"later than the host's timer, {engine}", later, 3 * idle.MOST_LATER, "us")

if mode == "release" and os.path.exists(linux_guests.KERNEL):
    command = linux_guests.stasis_command(64, "--engine", "translated")
    guest = linux_guests.Guest([program] + command[1:], os.getcwd(), "linux")
    try:
        idle.time.sleep(3)
        judge_idle("Linux at its shell", guest.process.pid, idle.LINUX_RATE, 1.5)
    finally:
        guest.end()
sys.exit(1 if failures else 0)
END_OF_PROGRAM
