// Simulator: the contract in software.
//
// Purpose. A backend that keeps the contract of KVM/MIPS on any host: the same registers, errors, exits and, above all, the
// same timer, nanosecond by nanosecond. A guest, a test or a snapshot cannot tell it from the kernel whose profile it was
// given.
//
// Parts. Backend/ implements the contract's protocols (SimulatedSystem, SimulatedMachine, SimulatedVCPU) and what the kernel's
// generic KVM does: memory slots, dirty log, ioeventfds, signals. CPU/ is the processor: hot state, predecoder, dispatcher,
// address spaces, CP0 in two personalities. Instructions/ has one function per instruction. FPU/ is floating-point arithmetic
// as pure functions. Translator/ makes machine code of blocks, the engine `translated` (docs/translator.md). Timer/ is the timer as a pure value.
//
// Glossary.
//   op            one predecoded instruction, 16 bytes
//   block         a straight run of ops ending at a branch
//   slice         the instructions between two looks at clock, signals and interrupts
//   epoch         what makes cached block lookups stale when it changes
//   software TLB  direct-mapped cache of translations to host addresses, one each for loads and stores, kernel and user
//   personality   TE (what a guest sees under trap-and-emulate) or VZ (a 24Kf-like processor)
//
// Life cycle. SimulatedSystem → SimulatedMachine → SimulatedVCPU, each keeping what it needs of its parent alive.
//
// Lock order: vCPU lock, then the clock's baton, then memory slots or I/O events, then the clock's value. `interrupt` takes none.
