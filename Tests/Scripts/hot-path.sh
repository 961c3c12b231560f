#!/usr/bin/env bash
# Looks at the machine code of the release build: what costs must not creep into the interpreter's hot path.
#
#   Tests/Scripts/hot-path.sh        (STASIS names the program; default .build/release/stasis)
#
# - No handler of an instruction allocates, counts references or checks exclusivity.
# - Handlers end in a jump to the next handler, those of plain instructions without any call on the way.
# - The dispatcher's loop calls nothing but the block, the look at the clock and the lookup of a new block.
#
# Only the ordinary x86-64 release build is looked at; other modes pass at once, which the message says.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/.build/release/interpreter-bench
[[ ${MODE:-release} == release && $(uname -m) == x86_64 ]] || { echo "not the x86-64 release build: nothing to look at"; exit 0; }
[[ -x $program ]] || { echo "hot-path: $program is missing; run swift build -c release" >&2; exit 1; }
toolchain=$(dirname "$(readlink -f "$(command -v swiftc)")")
objdump=$toolchain/llvm-objdump
[[ -x $objdump ]] || objdump=$(command -v objdump)

"$objdump" -d --no-show-raw-insn "$program" | python3 -c '
import re
import sys

bodies, name = {}, None
for line in sys.stdin:
    head = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
    if head:
        name = head.group(1)
        bodies[name] = []
    elif name and line.strip():
        bodies[name].append(line.strip())

costs = re.compile(r"swift_(retain|release|alloc|slowAlloc|beginAccess|bridgeObject)|malloc|posix_memalign")
handlers = {n: b for n, b in bodies.items() if n.startswith("$s9Simulator7handler") and "cfU" in n}
problems = []
if len(handlers) < 150:
    problems.append(f"only {len(handlers)} handlers found: has the naming of the switch changed?")
jumps = pure = 0
for n, body in handlers.items():
    for line in body:
        if costs.search(line):
            problems.append(f"{n}: {line}")
    if any(re.search(r"\bjmp[ql]?\s+\*", line) for line in body):
        jumps += 1
        if not any("call" in line for line in body):
            pure += 1
if jumps < 150:
    problems.append(f"only {jumps} handlers jump to the next one")
if pure < 80:
    problems.append(f"only {pure} handlers do their work without a call")

dispatch = [b for n, b in bodies.items() if "Simulator3CPUC8dispatch" in n]
if len(dispatch) != 1:
    problems.append(f"{len(dispatch)} dispatchers found")
else:
    calls = [line for line in dispatch[0] if re.search(r"\bcall", line)]
    indirect = [line for line in calls if "*" in line]
    named = [line for line in calls if "*" not in line]
    if len(indirect) != 1:
        problems.append(f"the dispatcher has {len(indirect)} indirect calls")
    for line in named:
        if not re.search(r"CPUC(6events|7prepare)", line):
            problems.append(f"the dispatcher calls {line}")

print(f"{len(handlers)} handler functions, {jumps} of them jump on, {pure} without any call; dispatcher of {len(dispatch[0]) if dispatch else 0} instructions")
for p in problems[:20]:
    print("hot-path:", p)
sys.exit(1 if problems else 0)
'
