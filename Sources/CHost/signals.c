// Signals as 64-bit masks, and one handler that only records. The handler does what is allowed in a handler: an atomic
// or into a word, and at most one write to an eventfd.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

static uint32_t recorded[2];
static int32_t notify = -1;

static void set(sigset_t *signals, uint64_t mask) {
    sigemptyset(signals);
    for (int number = 1; number <= 64; number++) {
        if (mask >> (number - 1) & 1) { sigaddset(signals, number); }
    }
}

static uint64_t bits(const sigset_t *signals) {
    uint64_t mask = 0;
    for (int number = 1; number <= 64; number++) {
        if (sigismember(signals, number) == 1) { mask |= (uint64_t)1 << (number - 1); }
    }
    return mask;
}

void chost_signal_mask(int32_t how, uint64_t mask, uint64_t *old) {
    static const int native[] = {SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK};
    sigset_t signals, before;
    set(&signals, mask);
    sigemptyset(&before);
    if (how >= 0 && how <= 2) { pthread_sigmask(native[how], &signals, &before); }
    if (old) { *old = bits(&before); }
}

uint64_t chost_signal_pending(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigpending(&signals);
    return bits(&signals);
}

static void record(int number) {
    int saved = errno;
    if (number >= 1 && number <= 64) {
        __atomic_fetch_or(&recorded[(number - 1) / 32], (uint32_t)1 << (number - 1) % 32, __ATOMIC_SEQ_CST);
    }
    int32_t fd = __atomic_load_n(&notify, __ATOMIC_SEQ_CST);
    if (fd >= 0) {
        uint64_t one = 1;
        // A full counter is as good a wake-up as one more.
        ssize_t ignored = write(fd, &one, sizeof one);
        (void)ignored;
    }
    errno = saved;
}

int64_t chost_signal_install(int32_t number, int32_t action) {
    struct sigaction new;
    memset(&new, 0, sizeof new);
    sigemptyset(&new.sa_mask);
    // No SA_RESTART: a recorded signal is meant to interrupt what waits.
    new.sa_handler = action == 0 ? SIG_DFL : action == 1 ? SIG_IGN : record;
    ANSWER(sigaction(number, &new, NULL));
}

uint64_t chost_signal_recorded(uint64_t clear) {
    uint32_t low = __atomic_fetch_and(&recorded[0], ~(uint32_t)clear, __ATOMIC_SEQ_CST);
    uint32_t high = __atomic_fetch_and(&recorded[1], ~(uint32_t)(clear >> 32), __ATOMIC_SEQ_CST);
    return (uint64_t)high << 32 | low;
}

void chost_signal_notify(int32_t fd) { __atomic_store_n(&notify, fd, __ATOMIC_SEQ_CST); }

int64_t chost_signal_raise(int32_t number) { return -(int64_t)pthread_kill(pthread_self(), number); }

int64_t chost_signal_alarm(uint64_t nanoseconds) {
    struct itimerval timer;
    memset(&timer, 0, sizeof timer);
    uint64_t microseconds = (nanoseconds + 999) / 1000;
    timer.it_value.tv_sec = (time_t)(microseconds / 1000000);
    timer.it_value.tv_usec = (suseconds_t)(microseconds % 1000000);
    ANSWER(setitimer(ITIMER_REAL, &timer, NULL));
}

int64_t chost_signalfd(uint64_t mask) {
    GATE(CHOST_CALL_SIGNALFD, mask, 0, 0, NULL);
    sigset_t signals;
    set(&signals, mask);
    ANSWER(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

int32_t chost_signal_number(int32_t name) {
    static const int32_t numbers[] = {SIGHUP,  SIGINT,  SIGQUIT,  SIGKILL, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2,
                                      SIGCHLD, SIGWINCH, SIGCONT, SIGSTOP, SIGBUS,  SIGSEGV, SIGABRT, SIGILL,  SIGTRAP,
                                      SIGTSTP};
    return name >= 0 && (size_t)name < sizeof numbers / sizeof numbers[0] ? numbers[name] : 0;
}

#endif
