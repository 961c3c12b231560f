// This process and its children: arguments, identity, fork, spawn, wait, random bytes.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int32_t argument_count;
static char **argument_values;
static uint32_t generation;

static void forked(void) {
    generation++;
    chost_thread_forget_id();
}

static void keep(int count, char **values) {
    argument_count = count;
    argument_values = values;
}

#ifdef __GLIBC__
// glibc hands the arguments of main to constructors as well.
__attribute__((constructor)) static void begin(int count, char **values) {
    keep(count, values);
    pthread_atfork(NULL, NULL, forked);
}
#else
// Others do not: the linker's --wrap=main puts this in front of main, which Swift makes and which knows no arguments.
int __real_main(int count, char **values);
int __wrap_main(int count, char **values);

int __wrap_main(int count, char **values) {
    keep(count, values);
    pthread_atfork(NULL, NULL, forked);
    return __real_main(count, values);
}
#endif

int32_t chost_argument_count(void) { return argument_count; }

const char *chost_argument(int32_t index) {
    return index >= 0 && index < argument_count ? argument_values[index] : NULL;
}

const char *chost_environment(const char *name) { return getenv(name); }
int32_t chost_pid(void) { return getpid(); }
uint32_t chost_uid(void) { return geteuid(); }
uint32_t chost_gid(void) { return getegid(); }

int64_t chost_groups(uint32_t *list, uint32_t capacity) {
    _Static_assert(sizeof(gid_t) == sizeof(uint32_t), "a group's number is 32 bits");
    ANSWER(getgroups((int)capacity, list));
}

// Without atexit handlers and without the destructors of other threads' objects: everything that has to be written has
// been written by then.
_Noreturn void chost_exit(int32_t status) { _exit(status); }
_Noreturn void chost_abort(void) { abort(); }

uint32_t chost_fork_generation(void) { return generation; }

int64_t chost_fork(void) {
    GATE(CHOST_CALL_FORK, 0, 0, 0, NULL);
    ANSWER(fork());
}

int64_t chost_wait(int32_t pid, bool block) {
    GATE(CHOST_CALL_WAIT, pid, block, 0, NULL);
    int status = 0;
    pid_t answer = waitpid(pid, &status, block ? 0 : WNOHANG);
    if (answer < 0) { return -errno; }
    if (answer == 0) { return -EAGAIN; }
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

int64_t chost_kill(int32_t pid, int32_t signal) {
    GATE(CHOST_CALL_KILL, pid, signal, 0, NULL);
    // 0 and negative numbers mean groups of processes, which nobody here means.
    if (pid <= 0) { return -EINVAL; }
    ANSWER(kill(pid, signal));
}

int64_t chost_spawn(const char *path, const uint8_t *arguments, uint32_t count, int32_t input, int32_t output,
                    int32_t error) {
    GATE(CHOST_CALL_SPAWN, count, 0, 0, path);
    char **list = calloc((size_t)count + 1, sizeof *list);
    if (!list) { return -ENOMEM; }
    const char *text = (const char *)arguments;
    for (uint32_t index = 0; index < count; index++) {
        list[index] = (char *)text;
        text += strlen(text) + 1;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // The child starts as a shell would start it: no signal blocked or ignored because of us.
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int32_t wanted[3] = {input, output, error};
    // First copies above 2, so that a redirection cannot overwrite the source of a later one.
    int32_t copies[3] = {-1, -1, -1};
    int status = 0;
    for (int target = 0; target < 3 && status == 0; target++) {
        if (wanted[target] < 0) { continue; }
        copies[target] = fcntl(wanted[target], F_DUPFD_CLOEXEC, 3);
        status = copies[target] < 0 ? errno : posix_spawn_file_actions_adddup2(&actions, copies[target], target);
    }
    pid_t pid = 0;
    if (status == 0) { status = posix_spawn(&pid, path, &actions, &attributes, list, environ); }
    for (int target = 0; target < 3; target++) {
        if (copies[target] >= 0) { close(copies[target]); }
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(list);
    return status == 0 ? pid : -(int64_t)status;
}

int64_t chost_random(void *bytes, size_t count) {
    GATE_BYTES(CHOST_CALL_GETRANDOM, 0, count, 0);
    // For names, not for secrets: a machine that has just started need not have gathered enough for those. Kernels before 5.6 do
    // not know the flag.
    ssize_t done = getrandom(bytes, count, 4 /* GRND_INSECURE */);
    if (done < 0 && errno == EINVAL) { done = getrandom(bytes, count, 0); }
    ANSWER(done);
}

int64_t chost_entropy(void *bytes, size_t count) {
    GATE_BYTES(CHOST_CALL_GETRANDOM, 1, count, 0);
    ANSWER(getrandom(bytes, count, 0));
}

int64_t chost_uname(uint32_t field, char *text, size_t capacity) {
    struct utsname name;
    if (uname(&name) < 0) { return -errno; }
    const char *source = field == 0 ? name.sysname : field == 1 ? name.release : name.machine;
    size_t length = strlen(source);
    if (length >= capacity) { return -ERANGE; }
    memcpy(text, source, length + 1);
    return (int64_t)length;
}

static int64_t link_text(const char *link, char *text, size_t capacity) {
    if (capacity < 2) { return -ERANGE; }
    ssize_t length = readlink(link, text, capacity - 1);
    if (length < 0) { return -errno; }
    text[length] = 0;
    return length;
}

int64_t chost_executable(char *text, size_t capacity) { return link_text("/proc/self/exe", text, capacity); }

int64_t chost_working_folder(char *text, size_t capacity) { return link_text("/proc/self/cwd", text, capacity); }

#endif
