#!/usr/bin/env bash
# Looks at the machine code of the release build: what costs must not creep into the interpreter's hot path.
#
#   Tests/Scripts/hot-path.sh        (STASIS names the program; default .build/release/stasis)
#
# - No handler of an instruction allocates, counts references or checks exclusivity; nor does what system calls, interrupts and misses
#   of the software TLB run out of line.
# - Handlers of plain instructions, loads, stores and branches end in a jump to the next one and call nothing on the way.
# - The dispatcher's loop calls nothing but the block, the look at the clock, the lookup of a new block and the translation of a
#   warm one, which only the translating engine has.
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
handlers = {}
for n, body in bodies.items():
    found = re.match(r"\$s9Simulator\d+run_([a-z0-9_]+?)\d\d_[0-9A-F]{32}.*To$", n)
    if found:
        handlers[found.group(1)] = body
problems = []
if len(handlers) < 180:
    problems.append(f"only {len(handlers)} handlers found: has the naming of the handlers changed?")
for n, body in handlers.items():
    problems += [f"{n}: {line}" for line in body if costs.search(line)]

late = re.compile(
    r"\$s9Simulator(4MTC0|4ERET|7SYSCALL|2EI|2DI|8slowMFC0|10missedLoad|11missedStore|3CPUC"
    r"(11moveFromCP0|9moveToCP0|9writeCell|7changed|19returnFromException|18raiseSynchronous|5raise|14enterException|13updateContext"
    r"|16noticeInterrupts|15deliverInterrupt|17refreshInterrupts|4load|5store|9translate|17setInterruptEnable))")
found = [n for n in bodies if late.match(n) and "TranslatorC" not in n]
if len(found) < 16:
    problems.append(f"only {len(found)} functions behind handlers found: have their names changed?")
for n in found:
    problems += [f"{n}: {line}" for line in bodies[n] if costs.search(line)]

straight = """addiu addu subu and or xor nor andi ori xori lui slt sltu slti sltiu sll srl sra sllv srlv srav rotr clz ext ins movz movn
mfhi mflo mult multu mul madd msub lb lbu lh lhu lw sb sh sw lwc1 ldc1 swc1 sdc1 mov_s mov_d mfc1 mtc1
beq bne blez bgtz bltz bgez beql bnel j jal jr jalr""".split()
jumps = 0
for n in straight:
    body = handlers.get(n)
    if body is None:
        problems.append(f"{n}: no handler")
        continue
    calls = [line for line in body if "call" in line]
    problems += [f"{n}: {line}" for line in calls]
    if any(re.search(r"\bjmp[ql]?\s+\*", line) for line in body):
        jumps += 1
    else:
        problems.append(f"{n}: does not jump to the next handler")

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
        if not re.search(r"CPUC(6events|7prepare|4warm)", line):
            problems.append(f"the dispatcher calls {line}")

print(f"{len(handlers)} handlers, {jumps} plain ones jump on without any call; dispatcher of {len(dispatch[0]) if dispatch else 0} instructions")
for p in problems[:20]:
    print("hot-path:", p)
sys.exit(1 if problems else 0)
'
