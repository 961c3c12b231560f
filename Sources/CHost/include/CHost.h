// The C face of the operating system: everything Stasis asks of it, and nothing more.
//
// Why C. Swift code of this package is compiled twice, once as ordinary Swift and once as Embedded Swift whose
// result is carried to MIPS; the system headers of the target parse in neither way. So this header names no system
// type, and the bodies are compiled by the C compiler of the target.
//
// Rules. Every function is called `chost_...`. Only fixed-width integers, pointers and callbacks cross the border,
// never a struct by value. A function that can fail answers an `int64_t`: the value, or minus the host's errno. Text
// goes in as NUL-terminated bytes. No function retries: EINTR reaches the caller, because KVM_RUN needs to see it.
#ifndef CHOST_H
#define CHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chost_atomics.h"
#include "chost_kvm.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define CHOST_NULLABLE _Nullable
#else
#define CHOST_NULLABLE
#endif

// MARK: Error numbers (errors.c)

// Position of the host's error `number` in the list of names, which is Host's `Errno.Name`; the last position means
// "some other error".
uint8_t chost_errno_name(int32_t number);
// The host's number for a position, 0 for the last one.
int32_t chost_errno_number(uint8_t name);
// Numbers that follow ERRNO names: how many positions there are, the last one included.
uint8_t chost_errno_names(void);

// MARK: The driver of system calls, in debug builds (driver.c)

// What a driver answers: negative, that -errno without making the call; 0, make the call; positive, make the call and
// move at most that many bytes; for an ioctl, do not make it: it answers one less.
typedef int64_t (*chost_driver_function)(void *CHOST_NULLABLE context, int32_t call, uint64_t first, uint64_t second,
                                         uint64_t third, const char *CHOST_NULLABLE path);
// Installs a driver for the calling thread, or takes it away (NULL). False when this build has none.
bool chost_driver_install(chost_driver_function CHOST_NULLABLE function, void *CHOST_NULLABLE context);

// The calls a driver sees. Host's `SystemCall.Name` follows this order.
enum chost_call {
    CHOST_CALL_OPEN, CHOST_CALL_CLOSE, CHOST_CALL_READ, CHOST_CALL_PREAD, CHOST_CALL_WRITE, CHOST_CALL_PWRITE,
    CHOST_CALL_FSYNC, CHOST_CALL_FTRUNCATE, CHOST_CALL_FSTAT, CHOST_CALL_LSEEK, CHOST_CALL_FLOCK, CHOST_CALL_DUP,
    CHOST_CALL_PIPE, CHOST_CALL_EVENTFD, CHOST_CALL_SIGNALFD, CHOST_CALL_IOCTL, CHOST_CALL_RENAME, CHOST_CALL_UNLINK,
    CHOST_CALL_ACCESS, CHOST_CALL_MMAP, CHOST_CALL_MUNMAP, CHOST_CALL_MPROTECT, CHOST_CALL_MADVISE, CHOST_CALL_POLL,
    CHOST_CALL_NANOSLEEP, CHOST_CALL_FORK, CHOST_CALL_SPAWN, CHOST_CALL_WAIT, CHOST_CALL_KILL, CHOST_CALL_GETRANDOM,
    CHOST_CALL_SOCKET, CHOST_CALL_BIND, CHOST_CALL_LISTEN, CHOST_CALL_ACCEPT, CHOST_CALL_CONNECT, CHOST_CALL_FCNTL,
    CHOST_CALL_TERMIOS, CHOST_CALL_MKDIR,
    CHOST_CALL_FDATASYNC, CHOST_CALL_FALLOCATE, CHOST_CALL_PREADV, CHOST_CALL_PWRITEV, CHOST_CALL_REALPATH,
    CHOST_CALL_PTY,
};

// MARK: Descriptors (descriptors.c)

enum chost_open_flag {
    CHOST_OPEN_READ = 1, CHOST_OPEN_WRITE = 2, CHOST_OPEN_CREATE = 4, CHOST_OPEN_EXCLUSIVE = 8,
    CHOST_OPEN_TRUNCATE = 16, CHOST_OPEN_APPEND = 32, CHOST_OPEN_NONBLOCK = 64, CHOST_OPEN_DIRECTORY = 128,
    CHOST_OPEN_NOFOLLOW = 256,
};
int64_t chost_open(const char *path, uint32_t flags, uint32_t mode);
int64_t chost_close(int32_t fd);
int64_t chost_read(int32_t fd, void *bytes, size_t count);
int64_t chost_pread(int32_t fd, void *bytes, size_t count, uint64_t offset);
int64_t chost_write(int32_t fd, const void *bytes, size_t count);
int64_t chost_pwrite(int32_t fd, const void *bytes, size_t count, uint64_t offset);
int64_t chost_fsync(int32_t fd);
int64_t chost_ftruncate(int32_t fd, uint64_t size);

// kind: 0 regular, 1 directory, 2 character device, 3 block device, 4 pipe, 5 socket, 6 anything else.
typedef struct chost_file_status {
    uint32_t kind;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    uint64_t size;
    uint64_t allocated;     // bytes on disk
    int64_t modified;       // nanoseconds since 1970 UTC
    uint64_t device;
    uint64_t inode;
} chost_file_status;
int64_t chost_fstat(int32_t fd, chost_file_status *status);
int64_t chost_stat(const char *path, chost_file_status *status);
// The same of a symbolic link itself, whose kind is 6.
int64_t chost_lstat(const char *path, chost_file_status *status);
// whence: 0 set, 1 current, 2 end, 3 next data, 4 next hole.
int64_t chost_lseek(int32_t fd, int64_t offset, int32_t whence);
int64_t chost_flock(int32_t fd, bool exclusive, bool wait);
int64_t chost_unlock(int32_t fd);
int64_t chost_dup(int32_t fd);
int64_t chost_pipe(int32_t *ends);
int64_t chost_eventfd(uint32_t initial, bool nonblocking);
int64_t chost_set_nonblocking(int32_t fd, bool on);
int32_t chost_ioctl(int32_t fd, uintptr_t request, uintptr_t argument);
bool chost_isatty(int32_t fd);
int64_t chost_rename(const char *from, const char *to);
int64_t chost_unlink(const char *path);
int64_t chost_mkdir(const char *path, uint32_t mode);
// The names in a directory, one after the other, each with its terminating 0. Returns their length, -ERANGE if there is no room.
int64_t chost_names(const char *path, char *names, size_t capacity);
// need: 0 exists, 1 execute, 2 write, 4 read, added.
int64_t chost_access(const char *path, uint32_t need);

typedef struct chost_pollfd {
    int32_t fd;
    int16_t events;     // 1 readable, 4 writable, as poll(2)
    int16_t revents;    // also 8 error, 16 hung up, 32 not a descriptor
} chost_pollfd;
// timeout in nanoseconds, negative for ever. When `masked`, exactly the signals of `mask` are blocked during the wait.
int64_t chost_poll(chost_pollfd *CHOST_NULLABLE entries, uint32_t count, int64_t timeout, bool masked, uint64_t mask);

// Local (AF_UNIX) stream sockets, for the control channel.
int64_t chost_unix_listen(const char *path);
// `nonblocking`: -EAGAIN when the other side has too many waiting, and the connection does not block either.
int64_t chost_unix_connect(const char *path, bool nonblocking);
int64_t chost_accept(int32_t fd);
// Writes to a socket: -EPIPE without a SIGPIPE.
int64_t chost_send(int32_t fd, const void *bytes, size_t count);

// MARK: Disks (disks.c)

// Lets the way of these bytes to the medium begin, without waiting.
void chost_start_writeback(int32_t fd, uint64_t offset, uint64_t count);
// Contents, and of the rest what is needed to find them again.
int64_t chost_fdatasync(int32_t fd);
// how: 0 a hole that reads as zeros, 1 zeros that keep their place on the disk. The length stays as it is.
int64_t chost_fallocate(int32_t fd, uint32_t how, uint64_t offset, uint64_t count);

typedef struct chost_iovec {
    uintptr_t base;
    size_t count;
} chost_iovec;
enum { CHOST_IOVEC_MOST = 1024 };
int64_t chost_preadv(int32_t fd, const chost_iovec *list, uint32_t entries, uint64_t offset);
int64_t chost_pwritev(int32_t fd, const chost_iovec *list, uint32_t entries, uint64_t offset);
// The path without symbolic links, from the root. Answers its length, -ERANGE if there is no room.
int64_t chost_realpath(const char *path, char *text, size_t capacity);

// MARK: TAP interfaces (tap.c)

// Connects an open /dev/net/tun to the interface `name`, which is made if there is none: whole Ethernet frames, each
// behind a virtio-net header.
int64_t chost_tap_attach(int32_t fd, const char *name);
// How long that header is.
int64_t chost_tap_header(int32_t fd, uint32_t size);
// What the reader takes: 1 partial checksums, 2 TCP segments over IPv4, 4 over IPv6, 8 those with ECN, added.
int64_t chost_tap_offload(int32_t fd, uint32_t offloads);
// 1 when the interface is up, 0 when it is down.
int64_t chost_interface_up(const char *name);

// MARK: Terminals (terminal.c)

int64_t chost_terminal_width(int32_t fd);
// A saved terminal mode is 128 opaque bytes.
int64_t chost_terminal_raw(int32_t fd, void *saved);
int64_t chost_terminal_restore(int32_t fd, const void *saved);
// A new pseudo-terminal that changes no byte. Answers its master's descriptor; the other end's path goes to `path`.
int64_t chost_pty_open(char *path, size_t capacity);

// MARK: Memory (memory.c)

uint32_t chost_page_size(void);
// protection: 1 read, 2 write, added. kind: 0 private, 1 shared. fd -1: anonymous. Answers the address, or -errno in
// the same word: the last page of the address space is never mapped, so the two cannot be confused.
intptr_t chost_mmap(size_t size, uint32_t protection, uint32_t kind, int32_t fd, uint64_t offset);
int64_t chost_munmap(void *base, size_t size);
int64_t chost_mprotect(void *base, size_t size, uint32_t protection);
// advice: 0 the contents are not needed any more, 1 soon needed, 2 huge pages welcome, 3 not for core dumps, 4 to be written at once.
int64_t chost_madvise(void *base, size_t size, uint32_t advice);
// A mapping of a whole file that can be read and run, not written.
intptr_t chost_map_code(size_t size, int32_t fd);
// A file of `size` zeros without a name in any folder (memfd_create): its descriptor.
int64_t chost_memory_file(const char *name, uint64_t size);
// Gives back memory that is free, and the pages of code: those that are still in use come back from the page cache.
void chost_trim(void);
// This process's page table, for chost_untouched.
int32_t chost_pagemap(void);
// Which of at most 64 stretches of bytes from `base` this process has never touched: a bit each, the first one's the lowest. Stretches
// are whole pages, of at most 512. A bit that is 0 says nothing.
uint64_t chost_untouched(int32_t pagemap, const void *base, size_t stretch, uint32_t stretches);
// True when all bytes are 0.
bool chost_is_zero(const void *bytes, size_t count);

// MARK: Checksums (checksum.c)

// Whether this processor has an instruction for CRC-32C, and the sum over more bytes by it. `state` is the sum so far,
// inverted.
bool chost_has_crc32c(void);
uint32_t chost_crc32c(uint32_t state, const void *bytes, size_t count);

// MARK: Time (clock.c)

uint64_t chost_clock_monotonic(void);
int64_t chost_clock_realtime(void);
uint64_t chost_clock_cpu(void);
// Both clocks as one instant: a bracket below 10 us, or the narrowest of a few.
void chost_clock_read(uint64_t *monotonic, int64_t *realtime, uint64_t *width);
int64_t chost_sleep_until(uint64_t monotonic);

// MARK: Threads (threads.c)

// A mutex or condition variable is an object of the heap; NULL when there is no memory.
void *CHOST_NULLABLE chost_mutex_new(void);
void chost_mutex_free(void *mutex);
void chost_mutex_lock(void *mutex);
bool chost_mutex_try(void *mutex);
void chost_mutex_unlock(void *mutex);
void *CHOST_NULLABLE chost_condition_new(void);
void chost_condition_free(void *condition);
void chost_condition_wait(void *condition, void *mutex);
// False when the monotonic instant passed without a signal.
bool chost_condition_wait_until(void *condition, void *mutex, uint64_t monotonic);
void chost_condition_signal(void *condition);
void chost_condition_broadcast(void *condition);
typedef void (*chost_thread_entry)(void *CHOST_NULLABLE context);
// All signals but the synchronous ones are blocked in the new thread when `blockSignals`.
int64_t chost_thread_create(chost_thread_entry entry, void *CHOST_NULLABLE context, size_t stack, bool blockSignals,
                            uintptr_t *thread);
int64_t chost_thread_join(uintptr_t thread);
int64_t chost_thread_detach(uintptr_t thread);
int32_t chost_thread_id(void);
// This thread alone has no descriptors any more.
int64_t chost_thread_drop_descriptors(void);
int64_t chost_thread_kill(int32_t id, int32_t signal);
void chost_thread_yield(void);
// Raises this thread's nice value a little: Linux has one for each thread.
void chost_thread_step_back(void);
// From now on this thread's sleeps end when they are due. Linux puts 50 us on top otherwise, to wake several threads at once.
void chost_thread_wake_exactly(void);
uint32_t chost_processors(void);

// MARK: Signals (signals.c). Signal n is bit n-1 of a mask.

// how: 0 block, 1 unblock, 2 set.
void chost_signal_mask(int32_t how, uint64_t mask, uint64_t *CHOST_NULLABLE old);
uint64_t chost_signal_pending(void);
// action: 0 default, 1 ignore, 2 record.
int64_t chost_signal_install(int32_t signal, int32_t action);
// Signals recorded since the last take; `clear` of them are forgotten.
uint64_t chost_signal_recorded(uint64_t clear);
// An eventfd to be written by the recording handler, or -1.
void chost_signal_notify(int32_t fd);
int64_t chost_signal_raise(int32_t signal);
int64_t chost_signal_alarm(uint64_t nanoseconds);
int64_t chost_signalfd(uint64_t mask);
// name: 0 hangup, 1 interrupt, 2 quit, 3 kill, 4 pipe, 5 alarm, 6 terminate, 7 user1, 8 user2, 9 child, 10 window
// changed, 11 continue, 12 stop, 13 bus error, 14 segmentation violation, 15 abort, 16 illegal instruction, 17 trap.
int32_t chost_signal_number(int32_t name);

// MARK: Processes (process.c)

int32_t chost_argument_count(void);
const char *CHOST_NULLABLE chost_argument(int32_t index);
const char *CHOST_NULLABLE chost_environment(const char *name);
int32_t chost_pid(void);
uint32_t chost_uid(void);
uint32_t chost_gid(void);
// Supplementary groups; the number of them, at most `capacity` stored.
int64_t chost_groups(uint32_t *list, uint32_t capacity);
_Noreturn void chost_exit(int32_t status);
_Noreturn void chost_abort(void);
// How many forks lie between this process and the one that was first executed.
uint32_t chost_fork_generation(void);
int64_t chost_fork(void);
// Waits for a child: its exit status 0...255, or 256 + signal.
int64_t chost_wait(int32_t pid, bool block);
int64_t chost_kill(int32_t pid, int32_t signal);
// `arguments` are `count` NUL-terminated texts one after the other. Descriptors of -1 are inherited.
int64_t chost_spawn(const char *path, const uint8_t *arguments, uint32_t count, int32_t input, int32_t output,
                    int32_t error);
int64_t chost_random(void *bytes, size_t count);
// Random bytes fit for secrets. Waits if the host has just started and has not gathered enough yet.
int64_t chost_entropy(void *bytes, size_t count);
// field: 0 system, 1 release, 2 machine.
int64_t chost_uname(uint32_t field, char *text, size_t capacity);
int64_t chost_executable(char *text, size_t capacity);
// The folder relative paths begin in.
int64_t chost_working_folder(char *text, size_t capacity);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
