// Switching the FPU on, for guests built with -mhard-float.

#ifndef FPU_H
#define FPU_H

#include "machine.h"

/// FCSR (FCR31) and FIR (FCR0).
static inline uint32_t read_fcsr(void) {
    uint32_t value;
    __asm__ volatile("cfc1 %0, $31" : "=r"(value));
    return value;
}

static inline void write_fcsr(uint32_t value) { __asm__ volatile("ctc1 %0, $31" : : "r"(value)); }

static inline uint32_t read_fir(void) {
    uint32_t value;
    __asm__ volatile("cfc1 %0, $0" : "=r"(value));
    return value;
}

/// Enables the FPU with FR = 0, round to nearest and no traps. False when there is none (Config1.FP).
static inline bool fpu_start(void) {
    if (!(mfc0(CP0_CONFIG1) & 1)) return false;
    mtc0(CP0_STATUS, (mfc0(CP0_STATUS) | STATUS_CU1) & ~STATUS_FR);
    write_fcsr(0);
    return true;
}

#endif
