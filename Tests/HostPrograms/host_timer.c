// The host's own timer: how late a thread wakes that sleeps until an instant.
//
//   host_timer HZ COUNT
//
// Does what a guest that waits for its timer has done for it, and nothing else: sleeps in poll(2) until an instant that moves by whole
// periods, takes the clock, and sleeps again. One line of nanoseconds for each wake-up, at the end.
#define _GNU_SOURCE
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int argc, char **argv) {
    long rate = argc == 3 ? atol(argv[1]) : 0, count = argc == 3 ? atol(argv[2]) : 0;
    if (rate < 1 || rate > 100000 || count < 1 || count > 10000000) {
        fprintf(stderr, "usage: host_timer HZ COUNT\n");
        return 2;
    }
    int64_t *late = calloc((size_t)count, sizeof *late);
    if (!late) return 1;
    int64_t due = now();
    for (long i = 0; i < count; i++) {
        due += 1000000000 / rate;
        for (;;) {
            int64_t rest = due - now();
            if (rest <= 0) break;
            struct timespec timeout = {rest / 1000000000, rest % 1000000000};
            if (ppoll(NULL, 0, &timeout, NULL) < 0) return 1;
        }
        late[i] = now() - due;
    }
    for (long i = 0; i < count; i++) printf("%" PRId64 "\n", late[i]);
    return ferror(stdout) || fflush(stdout) != 0;
}
