"""What the measurements of Scripts/bench share."""
import os
import resource
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPTS = os.path.join(ROOT, "Scripts")
GUESTS = os.environ.get("STASIS_GUESTS", os.path.join(ROOT, ".build", "guests"))
LINUX = os.path.join(GUESTS, "linux")
PROGRAM = os.path.join(ROOT, ".build", "release", "stasis")


def fail(message):
    print(f"bench: {message}", file=sys.stderr)
    sys.exit(1)


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        tail = done.stdout.decode(errors="replace").strip().splitlines()[-3:]
        fail(f"{' '.join(command)} ended with {done.returncode}: {' | '.join(tail)}")
    return done.stdout.decode(errors="replace")


def processor_time(command):
    """Seconds of processor time `command` takes, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, output


def processor_clock(pid):
    """Seconds of processor time that all threads of a process have had."""
    # Linux's number of the clock of another process.
    return time.clock_gettime(~pid << 3 | 2)
