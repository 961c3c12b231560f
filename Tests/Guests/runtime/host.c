// The host twin's side of guest.h: console on descriptor 1, parameters from argv.

#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "params.h"

static char buffer[4096];
static size_t buffered;

static void flush(void) {
    for (size_t done = 0; done < buffered;) {
        ssize_t wrote = write(1, buffer + done, buffered - done);
        if (wrote <= 0) _exit(1);
        done += (size_t)wrote;
    }
    buffered = 0;
}

void put_char(char c) {
    buffer[buffered++] = c;
    if (buffered == sizeof buffer) flush();
}

uint32_t cycle_count(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 100000000u + (uint64_t)now.tv_nsec / 10);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) params_add(argv[i]);
    int status = guest_main();
    flush();
    return status;
}
