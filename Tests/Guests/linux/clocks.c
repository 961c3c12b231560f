// The guest's clocks, as a program in the guest sees them: one line every 10 ms.
//
//   clocks [PERIOD [COUNT]]      PERIOD in milliseconds (default 10); without COUNT it goes on for ever
//
// A line is three decimal numbers: sequence number, CLOCK_MONOTONIC and CLOCK_REALTIME in nanoseconds, read one after the other
// and written by one write. The program sleeps to absolute instants of CLOCK_MONOTONIC, a grid it starts on its first line.
// Where the clock jumped over points of the grid, they are left out, so a jump is one long step between two lines. A sequence
// number that is missing is a line that was lost.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void sleep_until(long long instant) {
    struct timespec time = {.tv_sec = instant / 1000000000, .tv_nsec = instant % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {}
}

/// Writes a line whole, or ends the program: a reader that went away ends it quietly.
static void put(const char *line, int length) {
    while (length > 0) {
        ssize_t done = write(STDOUT_FILENO, line, length);
        if (done < 0) {
            if (errno == EINTR) continue;
            if (errno != EPIPE) fprintf(stderr, "clocks: standard output: %s\n", strerror(errno));
            exit(1);
        }
        line += done;
        length -= done;
    }
}

int main(int count, char **words) {
    long long period = (count > 1 ? atoll(words[1]) : 10) * 1000000;
    long long lines = count > 2 ? atoll(words[2]) : -1;
    if (count > 3 || period <= 0) {
        fprintf(stderr, "usage: clocks [MILLISECONDS [COUNT]]\n");
        return 2;
    }
    long long next = now(CLOCK_MONOTONIC);
    for (long long sequence = 1; lines < 0 || sequence <= lines; sequence++) {
        char line[80];
        long long monotonic = now(CLOCK_MONOTONIC), realtime = now(CLOCK_REALTIME);
        put(line, snprintf(line, sizeof line, "%lld %lld %lld\n", sequence, monotonic, realtime));
        next += period;
        monotonic = now(CLOCK_MONOTONIC);
        if (next <= monotonic) next += ((monotonic - next) / period + 1) * period;
        sleep_until(next);
    }
    return 0;
}
