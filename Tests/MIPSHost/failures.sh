#!/usr/bin/env bash
# Failing on a real /dev/kvm: signals, no memory, and a device that is missing, forbidden or something else. One boot of Scripts/mips-host;
# the cases are in failures-inside.sh, which prints a line for each and ends at the first that fails. Needs Scripts/build-mips mipsel and
# Scripts/build-guests.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for file in .build/mips/mipsel/stasis .build/guests/ticker.te.elf; do
    [[ -e $root/$file ]] || { echo "FAILED: $file is not built; run Scripts/build-mips mipsel and Scripts/build-guests"; exit 1; }
done
cd "$here"
TIMEOUT=${TIMEOUT:-300} "$root/Scripts/mips-host" "$@" -- sh failures-inside.sh
