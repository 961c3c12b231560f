// A system that lets no program run code it made itself, for one program.
//
//   forbid_code files|mappings PROGRAM [ARGUMENT]...
//
// files      no anonymous file that may hold code, as under vm.memfd_noexec=2: memfd_create fails with EACCES unless MFD_NOEXEC_SEAL
// mappings   no shared mapping to run code from, as some security policies have it: mmap fails with EPERM
//
// Any other call is as ever, so that what the program lacks is just this. By seccomp, which needs no rights. For x86-64 and arm64.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
// Over so many instructions unless the accumulator is VALUE, or has a bit of it.
#define UNLESS(value, over) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, over)
#define UNLESS_BIT(bits, over) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, over)
#define IF_BIT(bits, over) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, over, 0)
#define ANSWER(answer) BPF_STMT(BPF_RET | BPF_K, answer)
#define NOEXEC_SEAL 8u

static struct sock_filter files[] = {
    FIELD(nr), UNLESS(SYS_memfd_create, 3), FIELD(args[1]), IF_BIT(NOEXEC_SEAL, 1), ANSWER(SECCOMP_RET_ERRNO | EACCES),
    ANSWER(SECCOMP_RET_ALLOW),
};
static struct sock_filter mappings[] = {
    FIELD(nr), UNLESS(SYS_mmap, 5), FIELD(args[2]), UNLESS_BIT(PROT_EXEC, 3), FIELD(args[3]), UNLESS_BIT(MAP_SHARED, 1),
    ANSWER(SECCOMP_RET_ERRNO | EPERM), ANSWER(SECCOMP_RET_ALLOW),
};

int main(int argc, char **argv) {
    struct sock_fprog program = {0, NULL};
    if (argc >= 3 && strcmp(argv[1], "files") == 0) {
        program.filter = files;
        program.len = sizeof files / sizeof *files;
    } else if (argc >= 3 && strcmp(argv[1], "mappings") == 0) {
        program.filter = mappings;
        program.len = sizeof mappings / sizeof *mappings;
    } else {
        fprintf(stderr, "usage: forbid_code files|mappings PROGRAM [ARGUMENT]...\n");
        return 2;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("forbid_code: seccomp");
        return 3;
    }
    execv(argv[2], argv + 2);
    perror(argv[2]);
    return 126;
}
