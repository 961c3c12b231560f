// Loads for a Linux guest, to compare machines by.
//
//   loads data MIB              lines of words and numbers on standard output, the same in each run
//   loads forks COUNT           processes made one after the other, each of which becomes `busybox true`
//   loads pipes COUNT           a byte sent to another process and back through two pipes
//   loads calls COUNT           calls into the kernel that do nothing
//   loads faults COUNT          pages of new memory, touched and given back, 256 at a time
//   loads chase MIB STEPS       pointers followed through so much memory, each to another page
//
// All but the first print a line with a number that is the same on each machine. What fails says so and ends with 1.

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t state = 2463534242u;

/// The next number below `limit` of a sequence that is the same everywhere (xorshift32).
static uint32_t random_number(uint32_t limit) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (state >> 4) % limit;
}

static void need(int good, const char *what) {
    if (good) return;
    printf("loads: %s: %s\n", what, strerror(errno));
    exit(1);
}

/// Text that compressors find something in: few words often, many seldom.
static void data(uint32_t bytes) {
    char words[512][12];
    for (int i = 0; i < 512; i++) {
        uint32_t length = 2 + random_number(8);
        for (uint32_t k = 0; k < length; k++) words[i][k] = (char)('a' + random_number(26));
        words[i][length] = 0;
    }
    for (uint32_t done = 0; done < bytes;) {
        done += (uint32_t)printf("%s %u", words[random_number(1 + random_number(512))], random_number(100000));
        for (uint32_t k = random_number(9); k > 0; k--)
            done += (uint32_t)printf(" %s", words[random_number(1 + random_number(512))]);
        putchar('\n');
        done++;
    }
}

static uint32_t forks(uint32_t count) {
    uint32_t good = 0;
    for (uint32_t i = 0; i < count; i++) {
        pid_t child = fork();
        need(child >= 0, "fork");
        if (child == 0) {
            execl("/bin/busybox", "busybox", "true", (char *)NULL);
            _exit(127);
        }
        int status;
        need(waitpid(child, &status, 0) == child, "waitpid");
        good += status == 0;
    }
    return good;
}

static uint32_t pipes(uint32_t count) {
    int there[2], back[2];
    unsigned char byte = 0;
    need(pipe(there) == 0 && pipe(back) == 0, "pipe");
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &byte, 1) == 1) {
            byte++;
            if (write(back[1], &byte, 1) != 1) _exit(1);
        }
        _exit(0);
    }
    for (uint32_t i = 0; i < count; i++) {
        need(write(there[1], &byte, 1) == 1, "write");
        need(read(back[0], &byte, 1) == 1, "read");
    }
    close(there[1]);
    need(wait(NULL) == child, "wait");
    return byte;
}

static uint32_t calls(uint32_t count) {
    long sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += syscall(SYS_getppid) == getppid();
    return (uint32_t)sum;
}

static uint32_t faults(uint32_t count) {
    long page = sysconf(_SC_PAGESIZE);
    uint32_t sum = 0;
    for (uint32_t done = 0; done < count; done += 256) {
        unsigned char *at = mmap(NULL, 256 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        need(at != MAP_FAILED, "mmap");
        for (long i = 0; i < 256; i++) at[i * page]++;
        for (long i = 0; i < 256; i++) sum += at[i * page];
        need(munmap(at, 256 * page) == 0, "munmap");
    }
    return sum;
}

static uint32_t chase(uint32_t bytes, uint32_t steps) {
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE), pages = bytes / page;
    char *memory = malloc(bytes + page);
    uint32_t *order = malloc(pages * sizeof *order);
    need(memory && order && pages > 1, "memory");
    for (uint32_t i = 0; i < pages; i++) order[i] = i;
    for (uint32_t i = pages - 1; i > 0; i--) {
        uint32_t k = random_number(i + 1), other = order[i];
        order[i] = order[k], order[k] = other;
    }
    // At another place in each page, which spreads them over a cache.
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t from = order[i], to = order[(i + 1) % pages];
        *(void **)(memory + from * page + from * 68 % page / 4 * 4) = memory + to * page + to * 68 % page / 4 * 4;
    }
    char *at = memory;
    for (uint32_t i = 0; i < steps; i++) at = *(char **)at;
    return (uint32_t)(at - memory);
}

int main(int count, char **words) {
    const char *what = count > 1 ? words[1] : "";
    uint32_t number = count > 2 ? (uint32_t)strtoul(words[2], NULL, 10) : 0, result;
    if (number > 0 && count == 3 && !strcmp(what, "data")) {
        data(number << 20);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    if (number > 0 && count == 3 && !strcmp(what, "forks")) {
        result = forks(number);
    } else if (number > 0 && count == 3 && !strcmp(what, "pipes")) {
        result = pipes(number);
    } else if (number > 0 && count == 3 && !strcmp(what, "calls")) {
        result = calls(number);
    } else if (number > 0 && count == 3 && !strcmp(what, "faults")) {
        result = faults(number);
    } else if (number > 0 && count == 4 && !strcmp(what, "chase")) {
        result = chase(number << 20, (uint32_t)strtoul(words[3], NULL, 10));
    } else {
        fprintf(stderr, "usage: loads data MIB | forks COUNT | pipes COUNT | calls COUNT | faults COUNT | chase MIB STEPS\n");
        return 2;
    }
    printf("%s %u\n", what, result);
    return 0;
}
