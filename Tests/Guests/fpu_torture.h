// Shared by the parts of the FPU torture.

#ifndef FPU_TORTURE_H
#define FPU_TORTURE_H

#ifdef HOST_TWIN
#include "runtime/guest.h"
#else
#include "runtime/fpu.h"
#endif

// FCSR: rounding mode in bits 1..0, flags in 6..2, enables in 11..7, causes in 17..12.
enum { inexact = 1, underflow = 2, overflow = 4, division = 8, invalid = 16, unimplemented = 32 };
#define FLAGS(bits) ((uint32_t)(bits) << 2)
#define ENABLES(bits) ((uint32_t)(bits) << 7)
#define CAUSES(bits) ((uint32_t)(bits) << 12)
#define FCSR_FCC0 0x00800000u

/// Prints a checksum line per operation and rounding mode.
void values(void);

/// Checks flags, traps, NaNs, conditions, moves and both register files. Returns the number of failures.
uint32_t checks(void);

#endif
