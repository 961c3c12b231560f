// Shared by the C files of this module and by nobody else: feature macros before any system header, the test whether
// there is an operating system at all, and the gate through which every system call passes in debug builds.
#ifndef CHOST_INTERNAL_H
#define CHOST_INTERNAL_H

#define _GNU_SOURCE 1
// 64-bit file offsets and times on 32-bit hosts as well.
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS 64

#include "CHost.h"

// Without system headers (the compile check for bare metal) there are no bodies.
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && defined(__has_include)
#if __has_include(<sys/mman.h>) && __has_include(<unistd.h>)
#define CHOST_HOSTED 1
#endif
#endif

#ifdef CHOST_HOSTED
#include <errno.h>

// In a forked child: chost_thread_id asks the kernel again.
void chost_thread_forget_id(void);

#define ANSWER(expression)                                   \
    do {                                                     \
        int64_t result_ = (int64_t)(expression);             \
        return result_ < 0 ? -(int64_t)errno : result_;      \
    } while (0)

#ifdef DEBUG
// Asks the thread's driver about a call: what chost_driver_function answers, 0 without a driver.
int64_t chost_gate(int32_t call, uint64_t first, uint64_t second, uint64_t third, const char *path);
#else
#define chost_gate(call, first, second, third, path) ((int64_t)0)
#endif

#define GATE(call, first, second, third, path)                                                              \
    do {                                                                                                    \
        int64_t forced_ = chost_gate((call), (uint64_t)(first), (uint64_t)(second), (uint64_t)(third), (path)); \
        if (forced_ < 0) { return forced_; }                                                                \
    } while (0)

// The same for a call that moves bytes: a positive answer shortens `count`.
#define GATE_BYTES(call, fd, count, offset)                                                             \
    do {                                                                                                \
        int64_t forced_ = chost_gate((call), (uint64_t)(fd), (uint64_t)(count), (uint64_t)(offset), NULL); \
        if (forced_ < 0) { return forced_; }                                                            \
        if (forced_ > 0 && (uint64_t)forced_ < (count)) { (count) = (size_t)forced_; }                  \
    } while (0)

// The same for a call whose answer a driver may make up: a positive answer is one more than the call's.
#define GATE_ANSWER(call, first, second, third)                                                              \
    do {                                                                                                     \
        int64_t forced_ = chost_gate((call), (uint64_t)(first), (uint64_t)(second), (uint64_t)(third), NULL); \
        if (forced_ < 0) { return forced_; }                                                                 \
        if (forced_ > 0) { return forced_ - 1; }                                                             \
    } while (0)

#endif
#endif
