"""Debian's life on a machine: debian.py FOLDER STASIS ARGUMENT...

Starts `stasis run` with the arguments, logs in, installs a package from the server that debian.sh has set up, reboots, finds it still
there, powers off. The console's log and what the kernel warned of in each of the two lives go to FOLDER.
"""

import sys
import time

from console import Console, Failure

SERVER = "http://10.77.0.1"
PACKAGE = "stasis-greeting"
# What `stasis-greeting` prints, once it found its data's checksum right.
GREETING = "Debian greets: 3000000 bytes as they were"


def check(condition, text):
    if not condition:
        raise Failure(text)


def warnings(guest, file):
    """Keeps what the kernel warned of since it started."""
    with open(file, "w") as output:
        output.write(guest.command("dmesg --notime --level=emerg,alert,crit,err,warn"))


def install(guest):
    guest.command(f"echo 'deb [trusted=yes] {SERVER} ./' >/etc/apt/sources.list")
    guest.command("apt-get -q update")
    text = guest.command(f"DEBIAN_FRONTEND=noninteractive apt-get -q -y install {PACKAGE}")
    for name in PACKAGE, PACKAGE + "-data":
        check(f"Setting up {name} " in text, f"apt-get did not set up {name}: {text}")
    status, text = guest.try_command("apt-get -q -y install no-such-package")
    check(status == 100 and "Unable to locate" in text, f"a package that is not there: status {status}, {text}")


def greeted(guest, when):
    text = guest.command(PACKAGE)
    check(text.strip() == GREETING, f"{PACKAGE}, {when}: {text}")


def main(folder, *command):
    start = time.monotonic()

    def passed(what):
        print(f"{what} after {time.monotonic() - start:.0f} s", flush=True)

    with Console(list(command), folder + "/console.log") as guest:
        guest.log_in("root", "stasis")
        passed("login")
        check("6.1." in guest.command("uname -r"), "not Debian 12's kernel")
        guest.command("grep -q '^/dev/vda / ext4 rw' /proc/mounts")
        check(guest.command("cat /sys/class/misc/hw_random/rng_current").startswith("virtio_rng"), "no entropy device")
        guest.command("ping -c 3 -i 0.2 10.77.0.1")
        install(guest)
        passed("installed")
        greeted(guest, "installed")
        first = guest.command("cat /proc/sys/kernel/random/boot_id")
        warnings(guest, folder + "/dmesg-1")
        guest.command("dmesg -n 7")
        guest.send("reboot\n")
        guest.wait("reboot: Restarting system")
        passed("restarted")
        guest.log_in("root", "stasis")
        passed("login again")
        check(guest.command("cat /proc/sys/kernel/random/boot_id") != first, "it did not restart")
        greeted(guest, "after a restart")
        # The network again, and a way back.
        guest.command("ping -c 3 -i 0.2 10.77.0.1")
        guest.command(f"apt-get -q -y remove {PACKAGE}")
        status, _ = guest.try_command(PACKAGE)
        check(status == 127, f"{PACKAGE} is still there")
        warnings(guest, folder + "/dmesg-2")
        guest.command("dmesg -n 7")
        guest.send("poweroff\n")
        status = guest.ended()
        check(status == 0, f"the machine ended with {status}: {guest.tail()}")
        passed("powered off")


try:
    main(*sys.argv[1:])
except Failure as failure:
    sys.exit(f"FAILED: {failure}")
