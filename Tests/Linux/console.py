"""A machine on this process's pipes, and a conversation with what runs in it.

Everything the machine prints is kept, with what it says of itself (standard error), in one log. Waiting is for a text, with a limit so
generous that only a guest that stands reaches it.
"""

import os
import re
import select
import subprocess
import time


class Failure(Exception):
    """The conversation did not go as it should."""


class Console:
    """A started machine. `log` is the file that gets all it prints."""

    def __init__(self, command, log):
        self.log = open(log, "wb")
        self.unread = b""
        self.number = 0
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def _read(self, seconds):
        """More bytes, nothing after so many seconds, None at the end."""
        output = self.process.stdout
        if not select.select([output], [], [], seconds)[0]:
            return b""
        data = os.read(output.fileno(), 65536)
        self.log.write(data)
        self.log.flush()
        return data or None

    def wait(self, pattern, limit=300):
        """Reads on to a regular expression; what stood before it is dropped. Returns the match."""
        end = time.monotonic() + limit
        while True:
            match = re.search(pattern.encode(), self.unread)
            if match:
                self.unread = self.unread[match.end():]
                return match
            data = self._read(max(0, min(1, end - time.monotonic())))
            if data is None:
                raise Failure(f"the machine ended with {self.process.wait()} before '{pattern}' came: {self.tail()}")
            self.unread += data
            if time.monotonic() > end:
                raise Failure(f"no '{pattern}' within {limit} s: {self.tail()}")

    def send(self, text):
        """Types a text."""
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"the machine ended with {self.process.wait()}: {self.tail()}") from None

    def ended(self, limit=300):
        """Reads to the machine's end. Returns its status."""
        end = time.monotonic() + limit
        while True:
            data = self._read(1)
            if data is None:
                return self.process.wait()
            self.unread += data
            if time.monotonic() > end:
                raise Failure(f"the machine goes on after {limit} s: {self.tail()}")

    def tail(self):
        """The end of what was read and not waited for yet."""
        return self.unread[-600:].decode(errors="replace").strip()

    def log_in(self, name, password, limit=300):
        """From the login prompt to a plain shell: no echo, no prompt, and no kernel messages between its lines."""
        self.wait(r"login: $", limit)
        self.send(name + "\n")
        self.wait(r"[Pp]assword: $")
        self.send(password + "\n")
        self.wait(r":~[#$] ")
        self.send("dmesg -n 1; stty -echo; export TERM=dumb; PS1= exec sh\n")
        self.try_command("true")

    def try_command(self, command, limit=300):
        """Runs a line in the shell of `log_in`. Returns its status and what it printed."""
        self.number += 1
        mark = f"=={self.number}=="
        # On one line: what comes behind a line may be read by the command itself, as apt does.
        self.send(f"{command}; status=$?; echo; echo {mark} $status\n")
        match = self.wait(rf"(?s)^(.*?)\r?\n{mark} (\d+)\r?\n", limit)
        return int(match.group(2)), match.group(1).decode(errors="replace").replace("\r", "")

    def command(self, command, limit=300):
        """The same for a line that has to succeed. Returns what it printed."""
        status, output = self.try_command(command, limit)
        if status != 0:
            raise Failure(f"'{command}' ended with {status}: {output[-2000:]}")
        return output
