// Atomic access to words of memory that another thread, the kernel or a guest may touch at the same time.
//
// These are `static inline` so that they are compiled into the Swift code that uses them. 32-bit words are always
// native; 64-bit words are native where a pointer is that wide, and elsewhere go through one lock in threads.c, which
// is right among Swift threads and says nothing about the kernel. Orders: loads acquire, stores release, the others
// both, unless the name says relaxed.
#ifndef CHOST_ATOMICS_H
#define CHOST_ATOMICS_H

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t chost_load32(const void *p) { return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE); }
static inline void chost_store32(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELEASE); }
// Without an order: beside a barrier of the caller's.
static inline uint32_t chost_load32_relaxed(const void *p) {
    return __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
}
static inline void chost_store32_relaxed(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELAXED); }
static inline uint32_t chost_or32(void *p, uint32_t v) { return __atomic_fetch_or((uint32_t *)p, v, __ATOMIC_ACQ_REL); }
static inline uint32_t chost_and32(void *p, uint32_t v) {
    return __atomic_fetch_and((uint32_t *)p, v, __ATOMIC_ACQ_REL);
}
static inline uint32_t chost_add32(void *p, uint32_t v) {
    return __atomic_fetch_add((uint32_t *)p, v, __ATOMIC_ACQ_REL);
}
static inline uint32_t chost_exchange32(void *p, uint32_t v) {
    return __atomic_exchange_n((uint32_t *)p, v, __ATOMIC_ACQ_REL);
}
// True when *p was `expected` and is now `desired`.
static inline bool chost_compare_exchange32(void *p, uint32_t expected, uint32_t desired) {
    return __atomic_compare_exchange_n((uint32_t *)p, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
// Plain accesses the compiler neither drops, repeats, splits nor merges: bytes the kernel shares with us.
static inline uint8_t chost_volatile_load8(const void *p) { return *(const volatile uint8_t *)p; }
static inline void chost_volatile_store8(void *p, uint8_t v) { *(volatile uint8_t *)p = v; }

uint64_t chost_locked_load64(const void *p);
uint64_t chost_locked_exchange64(void *p, uint64_t v);
uint64_t chost_locked_or64(void *p, uint64_t v);
uint64_t chost_locked_and64(void *p, uint64_t v);
uint64_t chost_locked_add64(void *p, uint64_t v);
bool chost_locked_compare_exchange64(void *p, uint64_t expected, uint64_t desired);

#if __SIZEOF_POINTER__ >= 8
static inline uint64_t chost_load64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE); }
static inline void chost_store64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE); }
static inline uint64_t chost_or64(void *p, uint64_t v) { return __atomic_fetch_or((uint64_t *)p, v, __ATOMIC_ACQ_REL); }
static inline uint64_t chost_and64(void *p, uint64_t v) {
    return __atomic_fetch_and((uint64_t *)p, v, __ATOMIC_ACQ_REL);
}
static inline uint64_t chost_add64(void *p, uint64_t v) {
    return __atomic_fetch_add((uint64_t *)p, v, __ATOMIC_ACQ_REL);
}
static inline uint64_t chost_exchange64(void *p, uint64_t v) {
    return __atomic_exchange_n((uint64_t *)p, v, __ATOMIC_ACQ_REL);
}
static inline bool chost_compare_exchange64(void *p, uint64_t expected, uint64_t desired) {
    return __atomic_compare_exchange_n((uint64_t *)p, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
#else
static inline uint64_t chost_load64(const void *p) { return chost_locked_load64(p); }
static inline void chost_store64(void *p, uint64_t v) { (void)chost_locked_exchange64(p, v); }
static inline uint64_t chost_or64(void *p, uint64_t v) { return chost_locked_or64(p, v); }
static inline uint64_t chost_and64(void *p, uint64_t v) { return chost_locked_and64(p, v); }
static inline uint64_t chost_add64(void *p, uint64_t v) { return chost_locked_add64(p, v); }
static inline uint64_t chost_exchange64(void *p, uint64_t v) { return chost_locked_exchange64(p, v); }
static inline bool chost_compare_exchange64(void *p, uint64_t expected, uint64_t desired) {
    return chost_locked_compare_exchange64(p, expected, desired);
}
#endif

// Keeps the compiler, not the processor, from moving memory accesses across.
static inline void chost_compiler_barrier(void) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
// Keeps both from it.
static inline void chost_memory_barrier(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

#endif
