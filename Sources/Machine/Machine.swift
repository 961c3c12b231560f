// Machine: the "virt" board, everything a guest finds around its CPU.
//
// Purpose. Puts devices at addresses and on interrupt lines, owns guest memory, loads images, and answers the accesses
// a CPU could not finish by itself. It knows neither which backend runs the CPU nor how long anything takes:
// guest-physical addresses and values go in, values, events and line levels come out.
//
// Glossary.
//   physical address   always the guest's. 64 bits here, 32 on this board.
//   window             a stretch of physical addresses (`AddressWindow`); also the guest kernel's unmapped view of the
//                      first 512 MiB (`KernelWindow`), at 0x80000000 or, under trap-and-emulate, at 0x40000000.
//   line               an interrupt input of the CPU, IP2, IP3, IP4 or IP6. A level.
//   MMIO               an access the backend hands out because no memory slot took it. Under trap-and-emulate that
//                      includes RAM seen through 0x80000000-0xBFFFFFFF, so the board serves RAM too.
//   port               a device in its box on the bus.
//   section            saved state of one part: a four-letter name, a version, bytes.
//
// Life cycle. `GuestMemory` is made or adopted from a snapshot, a `Board` is built around it, `ImageLoader` fills it
// and `Board.writeArguments` leaves what the program is told. Then, for each MMIO exit, `Board.handleMMIO`, and before
// each entry `InterruptLines.update(board.assertedLines)` tells what changed for the CPU. Host input goes in by
// `enqueueInput`, guest output comes out by `drainOutput`. `saveState` and `restoreState` carry the devices over;
// memory travels apart.
//
// The board belongs to one thread at a time.
