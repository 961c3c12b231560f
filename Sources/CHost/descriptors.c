// Descriptors and paths: open to ioctl, one thin function each, closed on exec, EINTR passed on.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == 8, "file offsets are 64 bits");

int64_t chost_open(const char *path, uint32_t flags, uint32_t mode) {
    GATE(CHOST_CALL_OPEN, flags, mode, 0, path);
    int native = O_CLOEXEC | O_NOCTTY;
    if ((flags & CHOST_OPEN_READ) && (flags & CHOST_OPEN_WRITE)) {
        native |= O_RDWR;
    } else if (flags & CHOST_OPEN_WRITE) {
        native |= O_WRONLY;
    } else {
        native |= O_RDONLY;
    }
    if (flags & CHOST_OPEN_CREATE) { native |= O_CREAT; }
    if (flags & CHOST_OPEN_EXCLUSIVE) { native |= O_EXCL; }
    if (flags & CHOST_OPEN_TRUNCATE) { native |= O_TRUNC; }
    if (flags & CHOST_OPEN_APPEND) { native |= O_APPEND; }
    if (flags & CHOST_OPEN_NONBLOCK) { native |= O_NONBLOCK; }
    if (flags & CHOST_OPEN_DIRECTORY) { native |= O_DIRECTORY; }
    if (flags & CHOST_OPEN_NOFOLLOW) { native |= O_NOFOLLOW; }
    ANSWER(open(path, native, (mode_t)mode));
}

int64_t chost_close(int32_t fd) {
    GATE(CHOST_CALL_CLOSE, fd, 0, 0, NULL);
    ANSWER(close(fd));
}

int64_t chost_read(int32_t fd, void *bytes, size_t count) {
    GATE_BYTES(CHOST_CALL_READ, fd, count, 0);
    ANSWER(read(fd, bytes, count));
}

int64_t chost_pread(int32_t fd, void *bytes, size_t count, uint64_t offset) {
    GATE_BYTES(CHOST_CALL_PREAD, fd, count, offset);
    ANSWER(pread(fd, bytes, count, (off_t)offset));
}

int64_t chost_write(int32_t fd, const void *bytes, size_t count) {
    GATE_BYTES(CHOST_CALL_WRITE, fd, count, 0);
    ANSWER(write(fd, bytes, count));
}

int64_t chost_pwrite(int32_t fd, const void *bytes, size_t count, uint64_t offset) {
    GATE_BYTES(CHOST_CALL_PWRITE, fd, count, offset);
    ANSWER(pwrite(fd, bytes, count, (off_t)offset));
}

int64_t chost_fsync(int32_t fd) {
    GATE(CHOST_CALL_FSYNC, fd, 0, 0, NULL);
    ANSWER(fsync(fd));
}

int64_t chost_ftruncate(int32_t fd, uint64_t size) {
    GATE(CHOST_CALL_FTRUNCATE, fd, size, 0, NULL);
    ANSWER(ftruncate(fd, (off_t)size));
}

static void fill(chost_file_status *status, const struct stat *native) {
    memset(status, 0, sizeof *status);
    switch (native->st_mode & S_IFMT) {
    case S_IFREG: status->kind = 0; break;
    case S_IFDIR: status->kind = 1; break;
    case S_IFCHR: status->kind = 2; break;
    case S_IFBLK: status->kind = 3; break;
    case S_IFIFO: status->kind = 4; break;
    case S_IFSOCK: status->kind = 5; break;
    default: status->kind = 6; break;
    }
    status->mode = native->st_mode & 07777;
    status->uid = native->st_uid;
    status->gid = native->st_gid;
    status->size = (uint64_t)native->st_size;
    status->allocated = (uint64_t)native->st_blocks * 512;
    status->modified = (int64_t)native->st_mtim.tv_sec * 1000000000 + native->st_mtim.tv_nsec;
    status->device = native->st_dev;
    status->inode = native->st_ino;
}

int64_t chost_fstat(int32_t fd, chost_file_status *status) {
    GATE(CHOST_CALL_FSTAT, fd, 0, 0, NULL);
    struct stat native;
    if (fstat(fd, &native) < 0) { return -errno; }
    fill(status, &native);
    return 0;
}

int64_t chost_stat(const char *path, chost_file_status *status) {
    GATE(CHOST_CALL_FSTAT, 0, 0, 0, path);
    struct stat native;
    if (stat(path, &native) < 0) { return -errno; }
    fill(status, &native);
    return 0;
}

int64_t chost_lstat(const char *path, chost_file_status *status) {
    GATE(CHOST_CALL_FSTAT, 0, 1, 0, path);
    struct stat native;
    if (lstat(path, &native) < 0) { return -errno; }
    fill(status, &native);
    return 0;
}

int64_t chost_lseek(int32_t fd, int64_t offset, int32_t whence) {
    static const int native[] = {SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE};
    GATE(CHOST_CALL_LSEEK, fd, offset, whence, NULL);
    if (whence < 0 || whence > 4) { return -EINVAL; }
    ANSWER(lseek(fd, (off_t)offset, native[whence]));
}

int64_t chost_flock(int32_t fd, bool exclusive, bool wait) {
    GATE(CHOST_CALL_FLOCK, fd, exclusive, wait, NULL);
    ANSWER(flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB)));
}

int64_t chost_unlock(int32_t fd) {
    GATE(CHOST_CALL_FLOCK, fd, 2, 0, NULL);
    ANSWER(flock(fd, LOCK_UN));
}

int64_t chost_dup(int32_t fd) {
    GATE(CHOST_CALL_DUP, fd, 0, 0, NULL);
    ANSWER(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

int64_t chost_pipe(int32_t *ends) {
    GATE(CHOST_CALL_PIPE, 0, 0, 0, NULL);
    ANSWER(pipe2(ends, O_CLOEXEC));
}

int64_t chost_eventfd(uint32_t initial, bool nonblocking) {
    GATE(CHOST_CALL_EVENTFD, initial, nonblocking, 0, NULL);
    ANSWER(eventfd(initial, EFD_CLOEXEC | (nonblocking ? EFD_NONBLOCK : 0)));
}

int64_t chost_set_nonblocking(int32_t fd, bool on) {
    GATE(CHOST_CALL_FCNTL, fd, on, 0, NULL);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) { return -errno; }
    ANSWER(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

__attribute__((hot)) int32_t chost_ioctl(int32_t fd, uintptr_t request, uintptr_t argument) {
#if defined(__mips__) && !defined(DEBUG)
    // The hot path of a run loop: libc's function with its variable arguments, its guarded stack and errno costs a fifth of the
    // kernel's shortest call. Number in $2, arguments from $4; $7 tells whether $2 is an answer or an errno. The kernel keeps
    // $16 and up.
    register uintptr_t number __asm__("$2") = SYS_ioctl;
    register uintptr_t first __asm__("$4") = (uintptr_t)fd;
    register uintptr_t second __asm__("$5") = request;
    register uintptr_t third __asm__("$6") = argument;
    register uintptr_t failed __asm__("$7");
    __asm__ volatile("syscall"
                     : "+r"(number), "=r"(failed)
                     : "r"(first), "r"(second), "r"(third)
                     : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo",
                       "memory");
    return failed ? -(int32_t)number : (int32_t)number;
#else
    GATE_ANSWER(CHOST_CALL_IOCTL, fd, request, argument);
    int answer = ioctl(fd, (unsigned long)request, argument);
    return answer < 0 ? -errno : answer;
#endif
}

bool chost_isatty(int32_t fd) { return isatty(fd) == 1; }

int64_t chost_rename(const char *from, const char *to) {
    GATE(CHOST_CALL_RENAME, 0, 0, 0, to);
    ANSWER(rename(from, to));
}

int64_t chost_unlink(const char *path) {
    GATE(CHOST_CALL_UNLINK, 0, 0, 0, path);
    ANSWER(unlink(path));
}

int64_t chost_mkdir(const char *path, uint32_t mode) {
    GATE(CHOST_CALL_MKDIR, mode, 0, 0, path);
    ANSWER(mkdir(path, (mode_t)mode));
}

int64_t chost_names(const char *path, char *names, size_t capacity) {
    DIR *directory = opendir(path);
    if (!directory) { return -errno; }
    int64_t length = 0;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        size_t size = strlen(entry->d_name) + 1;
        if (size > capacity - (size_t)length) {
            length = -ERANGE;
            break;
        }
        memcpy(names + length, entry->d_name, size);
        length += (int64_t)size;
    }
    closedir(directory);
    return length;
}

int64_t chost_access(const char *path, uint32_t need) {
    GATE(CHOST_CALL_ACCESS, need, 0, 0, path);
    int native = F_OK;
    if (need & 1) { native |= X_OK; }
    if (need & 2) { native |= W_OK; }
    if (need & 4) { native |= R_OK; }
    ANSWER(access(path, native));
}

_Static_assert(sizeof(chost_pollfd) == sizeof(struct pollfd), "pollfd");
_Static_assert(offsetof(chost_pollfd, events) == offsetof(struct pollfd, events), "pollfd.events");
_Static_assert(offsetof(chost_pollfd, revents) == offsetof(struct pollfd, revents), "pollfd.revents");
_Static_assert(POLLIN == 1 && POLLOUT == 4 && POLLERR == 8 && POLLHUP == 16 && POLLNVAL == 32, "poll events");

int64_t chost_poll(chost_pollfd *entries, uint32_t count, int64_t timeout, bool masked, uint64_t mask) {
    GATE(CHOST_CALL_POLL, count, timeout, mask, NULL);
    struct timespec limit = {timeout / 1000000000, timeout % 1000000000};
    sigset_t signals;
    if (masked) {
        sigemptyset(&signals);
        for (int number = 1; number <= 64; number++) {
            if (mask >> (number - 1) & 1) { sigaddset(&signals, number); }
        }
    }
    ANSWER(ppoll((struct pollfd *)entries, count, timeout < 0 ? NULL : &limit, masked ? &signals : NULL));
}

static int64_t address(struct sockaddr_un *name, const char *path) {
    memset(name, 0, sizeof *name);
    name->sun_family = AF_UNIX;
    size_t length = strlen(path);
    if (length == 0) { return -ENOENT; }
    if (length >= sizeof name->sun_path) { return -ENAMETOOLONG; }
    memcpy(name->sun_path, path, length);
    return 0;
}

int64_t chost_unix_listen(const char *path) {
    struct sockaddr_un name;
    int64_t status = address(&name, path);
    if (status < 0) { return status; }
    GATE(CHOST_CALL_LISTEN, 0, 0, 0, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) { return -errno; }
    // Only the owner may connect: whoever connects controls the machine.
    if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 8) < 0) {
        status = -errno;
        close(fd);
        return status;
    }
    return fd;
}

int64_t chost_unix_connect(const char *path, bool nonblocking) {
    struct sockaddr_un name;
    int64_t status = address(&name, path);
    if (status < 0) { return status; }
    GATE(CHOST_CALL_CONNECT, nonblocking, 0, 0, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
    if (fd < 0) { return -errno; }
    if (connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
        status = -errno;
        close(fd);
        return status;
    }
    return fd;
}

int64_t chost_send(int32_t fd, const void *bytes, size_t count) {
    GATE_BYTES(CHOST_CALL_WRITE, fd, count, 0);
    ANSWER(send(fd, bytes, count, MSG_NOSIGNAL));
}

int64_t chost_accept(int32_t fd) {
    GATE(CHOST_CALL_ACCEPT, fd, 0, 0, NULL);
    ANSWER(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

#endif
