"""Linux guests at their shell, on Stasis and on QEMU."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

from tools import LINUX, PROGRAM, SCRIPTS, fail, processor_clock

SHELL = "console=ttyS0 quiet rdinit=/bin/sh"


def wait_for(what, condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            fail(f"{what} did not come in {seconds} s")
        time.sleep(0.05)


def prompt_in(path):
    def condition():
        with open(path, "rb") as file:
            return b"/ # " in file.read()
    return condition


class Guest:
    """A Linux at its shell, in a process of its own, with a socket to talk to."""

    def __init__(self, command, folder, name):
        self.console = os.path.join(folder, name + ".console")
        with open(self.console, "wb") as console:
            # Its input stays open: QEMU would take the end of it for a wish.
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=console, stderr=subprocess.DEVNULL, cwd=folder)
        wait_for(f"the shell of {name}", prompt_in(self.console))

    def end(self):
        self.process.kill()
        self.process.wait()

    def processor_seconds(self):
        """Processor time of all threads the process has had."""
        return processor_clock(self.process.pid)

    def obey(self):
        """From now on the guest does what `do` says, and types no prompt."""
        self.write("export PATH=/bin; /bin/busybox --install -s /bin; stty -echo; while read -r line; do eval \"$line\"; echo \"=$?=\"; done")
        self.answers = 0
        self.do("true")

    def write(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def do(self, line, seconds=600):
        """Has the guest's shell do a line, and answers with the processor time it took and with what it printed."""
        before, start = os.path.getsize(self.console), self.processor_seconds()
        self.write(line)
        text = b""

        def answered():
            nonlocal text
            with open(self.console, "rb") as file:
                file.seek(before)
                text = file.read().replace(b"\r", b"")
            return re.search(rb"=\d+=\n", text)
        wait_for(f"the end of {line}", answered, seconds)
        # The guest waits for the next line meanwhile.
        took = self.processor_seconds() - start
        if b"=0=\n" not in text:
            fail(f"{line}: {text.decode(errors='replace')[-300:]}")
        return took, text.decode(errors="replace").replace("=0=\n", "").strip()

    def memory_beyond(self, megabytes):
        """KiB resident in all mappings but the guest's RAM: one of that size, by whatever name."""
        total = guest = size = 0
        with open(f"/proc/{self.process.pid}/smaps", encoding="utf-8", errors="replace") as file:
            for line in file:
                words = line.split()
                if "-" in words[0] and not words[0].endswith(":"):
                    start, end = words[0].split("-")
                    size = int(end, 16) - int(start, 16)
                elif words[0] == "Rss:":
                    total += int(words[1])
                    if size == megabytes << 20:
                        guest += int(words[1])
        if guest == 0:
            fail("the guest's RAM is no mapping of its own")
        return total - guest


class Prompt:
    """QEMU's monitor."""

    def __init__(self, path, seconds=60):
        wait_for(f"a listener at {path}", lambda: self.connect(path), seconds)
        self.until_prompt()

    def connect(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.connect(path)
            return True
        except OSError:
            return False

    def until_prompt(self):
        text = b""
        while not text.endswith(b"(qemu) "):
            part = self.socket.recv(65536)
            if not part:
                fail("QEMU ended")
            text += part
        return text

    def ask(self, command):
        self.socket.sendall(command.encode() + b"\n")
        return self.until_prompt()

    def milliseconds(self, command):
        start = time.monotonic()
        self.ask(command)
        return (time.monotonic() - start) * 1000


class Control:
    """Stasis's control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")
        self.lines.readline()

    def milliseconds(self, command, **arguments):
        start = time.monotonic()
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                fail(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return (time.monotonic() - start) * 1000


KERNEL = os.path.join(LINUX, "vmlinuz")


def stasis_command(megabytes, *further, kernel=KERNEL):
    return [
        PROGRAM, "run", "--quiet", "--backend", "simulator", "--memory", f"{megabytes}M", "--kernel", kernel,
        "--initrd", os.path.join(LINUX, "initrd.gz"), "--append", SHELL, *further]


def start_stasis(folder, megabytes):
    name = f"stasis-{megabytes}"
    guest = Guest(stasis_command(megabytes, "--control", name), folder, name + ".run")
    guest.control = Control(os.path.join(folder, name))
    return guest


def start_qemu(folder, megabytes, kernel=KERNEL, cpu="24Kf"):
    """A QEMU with a place for its state (in a file) and a monitor (a socket) in the folder. Answers with the guest and the command line that makes it once more: QEMU's, with files in place of descriptors."""
    name = f"qemu-{megabytes}"
    guest = Guest(
        [os.path.join(SCRIPTS, "qemu-peer"), "--monitor", os.path.join(folder, name),
         "--state", os.path.join(folder, name + ".state"), "--memory", f"{megabytes}M", "--kernel", kernel, "--append", SHELL, "--", "-cpu", cpu],
        folder, name + ".run")
    guest.control = Prompt(os.path.join(folder, name))
    with open(f"/proc/{guest.process.pid}/cmdline", encoding="utf-8") as file:
        words = file.read().split("\0")[:-1]
    command = []
    for word in words:
        for number in re.findall(r"/dev/fd/(\d+)", word):
            copy = os.path.join(folder, f"{name}.fd{number}")
            if not os.path.exists(copy):
                shutil.copyfile(f"/proc/{guest.process.pid}/fd/{number}", copy)
            word = word.replace(f"/dev/fd/{number}", copy)
        command.append(word)
    command[0] = os.readlink(f"/proc/{guest.process.pid}/exe")
    return guest, command
