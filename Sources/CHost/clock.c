// Clocks: the monotonic one that KVM/MIPS counts by, the calendar one, and both read as one instant.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <time.h>

static inline __attribute__((always_inline)) uint64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

uint64_t chost_clock_monotonic(void) { return now(CLOCK_MONOTONIC); }
int64_t chost_clock_realtime(void) { return (int64_t)now(CLOCK_REALTIME); }
uint64_t chost_clock_cpu(void) { return now(CLOCK_PROCESS_CPUTIME_ID); }

void chost_clock_read(uint64_t *monotonic, int64_t *realtime, uint64_t *width) {
    // No two hosts' wall clocks agree to this many nanoseconds, and only a pause between the readings takes longer.
    const uint64_t narrow = 10000;
    *width = UINT64_MAX;
    for (int attempt = 0; attempt < 8 && *width > narrow; attempt++) {
        uint64_t before = now(CLOCK_MONOTONIC);
        int64_t calendar = (int64_t)now(CLOCK_REALTIME);
        uint64_t after = now(CLOCK_MONOTONIC);
        if (after - before < *width) {
            *width = after - before;
            *monotonic = before + (after - before) / 2;
            *realtime = calendar;
        }
    }
}

int64_t chost_sleep_until(uint64_t monotonic) {
    GATE(CHOST_CALL_NANOSLEEP, monotonic, 0, 0, NULL);
    struct timespec time = {(time_t)(monotonic / 1000000000), (long)(monotonic % 1000000000)};
    if (time.tv_sec < 0) { return -EINVAL; }
    return -(int64_t)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

#endif
