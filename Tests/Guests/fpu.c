// fpu: arithmetic against the host's (fpu_values.c) and everything the host has no counterpart for (fpu_checks.c).
//
// The host twin runs the first half only; comparisons take the lines that start with "fpu values".

#include "fpu_torture.h"

int guest_main(void) {
#ifdef HOST_TWIN
    values();
    return 0;
#else
    if (!fpu_start()) {
        put("no FPU\n");
        return 0;
    }
    put("FIR=%08x FCSR=%08x\n", read_fir(), read_fcsr());
    uint32_t start = cycle_count();
    values();
    uint32_t failed = checks();
    put_time("fpu", start);
    return failed ? 1 : 0;
#endif
}
