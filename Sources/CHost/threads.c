// Threads, mutexes, condition variables, and the lock behind 64-bit atomics of 32-bit hosts.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(pthread_t) == sizeof(uintptr_t), "a thread's handle is one word");

void *chost_mutex_new(void) {
    pthread_mutex_t *mutex = malloc(sizeof *mutex);
    if (mutex && pthread_mutex_init(mutex, NULL) != 0) {
        free(mutex);
        return NULL;
    }
    return mutex;
}

void chost_mutex_free(void *mutex) {
    pthread_mutex_destroy(mutex);
    free(mutex);
}

void chost_mutex_lock(void *mutex) { pthread_mutex_lock(mutex); }
bool chost_mutex_try(void *mutex) { return pthread_mutex_trylock(mutex) == 0; }
void chost_mutex_unlock(void *mutex) { pthread_mutex_unlock(mutex); }

void *chost_condition_new(void) {
    pthread_cond_t *condition = malloc(sizeof *condition);
    if (!condition) { return NULL; }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int status = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    if (status != 0) {
        free(condition);
        return NULL;
    }
    return condition;
}

void chost_condition_free(void *condition) {
    pthread_cond_destroy(condition);
    free(condition);
}

void chost_condition_wait(void *condition, void *mutex) { pthread_cond_wait(condition, mutex); }

bool chost_condition_wait_until(void *condition, void *mutex, uint64_t monotonic) {
    struct timespec time = {(time_t)(monotonic / 1000000000), (long)(monotonic % 1000000000)};
    return pthread_cond_timedwait(condition, mutex, &time) == 0;
}

void chost_condition_signal(void *condition) { pthread_cond_signal(condition); }
void chost_condition_broadcast(void *condition) { pthread_cond_broadcast(condition); }

struct start {
    chost_thread_entry entry;
    void *context;
};

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.entry(start.context);
    return NULL;
}

int64_t chost_thread_create(chost_thread_entry entry, void *context, size_t stack, bool blockSignals,
                            uintptr_t *thread) {
    struct start *start = malloc(sizeof *start);
    if (!start) { return -ENOMEM; }
    start->entry = entry;
    start->context = context;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    int status = stack ? pthread_attr_setstacksize(&attributes, stack) : 0;
    pthread_t handle;
    if (status == 0) {
        sigset_t blocked, old;
        // A new thread inherits the mask of its creator, so the mask is set around the creation: no signal slips in.
        if (blockSignals) {
            sigfillset(&blocked);
            sigdelset(&blocked, SIGSEGV);
            sigdelset(&blocked, SIGBUS);
            sigdelset(&blocked, SIGILL);
            sigdelset(&blocked, SIGFPE);
            sigdelset(&blocked, SIGTRAP);
            sigdelset(&blocked, SIGABRT);
            pthread_sigmask(SIG_SETMASK, &blocked, &old);
        }
        status = pthread_create(&handle, &attributes, run, start);
        if (blockSignals) { pthread_sigmask(SIG_SETMASK, &old, NULL); }
    }
    pthread_attr_destroy(&attributes);
    if (status != 0) {
        free(start);
        return -(int64_t)status;
    }
    *thread = (uintptr_t)handle;
    return 0;
}

int64_t chost_thread_join(uintptr_t thread) { return -(int64_t)pthread_join((pthread_t)thread, NULL); }
int64_t chost_thread_detach(uintptr_t thread) { return -(int64_t)pthread_detach((pthread_t)thread); }

// Asked before every KVM_RUN, so the kernel is asked once a thread. A forked child begins as a copy of the thread that forked.
static __thread int32_t thread_id;

void chost_thread_forget_id(void) { thread_id = 0; }

static __attribute__((noinline)) int32_t ask_thread_id(void) { return thread_id = (int32_t)syscall(SYS_gettid); }

int32_t chost_thread_id(void) {
    int32_t id = thread_id;
    return id ? id : ask_thread_id();
}

int64_t chost_thread_kill(int32_t id, int32_t signal) {
    GATE(CHOST_CALL_KILL, id, signal, 0, NULL);
    ANSWER(syscall(SYS_tgkill, getpid(), id, signal));
}

// Linux 5.9; the number is the same on all architectures but for the offset of MIPS's ABIs.
#ifndef SYS_close_range
#if defined(__mips__) && _MIPS_SIM == _ABIO32
#define SYS_close_range 4436
#elif defined(__mips__)
#define SYS_close_range 5436
#else
#define SYS_close_range 436
#endif
#endif

int64_t chost_thread_drop_descriptors(void) {
    enum { unshare = 2 };
    ANSWER(syscall(SYS_close_range, 0u, ~0u, unshare));
}

void chost_thread_yield(void) { sched_yield(); }

// A quarter of the share of a thread that has not. An error would mean that all stays as it is.
void chost_thread_step_back(void) { (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 6); }

// An error would mean that all stays as it is.
void chost_thread_wake_exactly(void) { (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

uint32_t chost_processors(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : (uint32_t)count;
}

static pthread_mutex_t wide = PTHREAD_MUTEX_INITIALIZER;

#define LOCKED(p, expression)              \
    pthread_mutex_lock(&wide);             \
    uint64_t old = *(const uint64_t *)(p); \
    expression;                            \
    pthread_mutex_unlock(&wide);           \
    return old

uint64_t chost_locked_load64(const void *p) { LOCKED(p, (void)0); }
uint64_t chost_locked_exchange64(void *p, uint64_t v) { LOCKED(p, *(uint64_t *)p = v); }
uint64_t chost_locked_or64(void *p, uint64_t v) { LOCKED(p, *(uint64_t *)p = old | v); }
uint64_t chost_locked_and64(void *p, uint64_t v) { LOCKED(p, *(uint64_t *)p = old & v); }
uint64_t chost_locked_add64(void *p, uint64_t v) { LOCKED(p, *(uint64_t *)p = old + v); }
bool chost_locked_compare_exchange64(void *p, uint64_t expected, uint64_t desired) {
    pthread_mutex_lock(&wide);
    bool equal = *(uint64_t *)p == expected;
    if (equal) { *(uint64_t *)p = desired; }
    pthread_mutex_unlock(&wide);
    return equal;
}

#endif
