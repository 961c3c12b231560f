// Terminals: width, raw mode and the way back; pseudo-terminals.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

_Static_assert(sizeof(struct termios) <= 128, "a saved terminal mode is 128 bytes");

int64_t chost_terminal_width(int32_t fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) { return -errno; }
    return size.ws_col;
}

int64_t chost_terminal_raw(int32_t fd, void *saved) {
    GATE(CHOST_CALL_TERMIOS, fd, 1, 0, NULL);
    struct termios mode;
    if (tcgetattr(fd, &mode) < 0) { return -errno; }
    memcpy(saved, &mode, sizeof mode);
    cfmakeraw(&mode);
    // Output processing stays: our own messages end lines with a newline alone.
    mode.c_oflag |= OPOST;
    ANSWER(tcsetattr(fd, TCSADRAIN, &mode));
}

int64_t chost_terminal_restore(int32_t fd, const void *saved) {
    GATE(CHOST_CALL_TERMIOS, fd, 0, 0, NULL);
    struct termios mode;
    memcpy(&mode, saved, sizeof mode);
    ANSWER(tcsetattr(fd, TCSADRAIN, &mode));
}

// The path of a master's other end. Not by ptsname_r: musl's is the only thing in a program for MIPS that needs printf, and
// printf brings 25 kB of floating point along.
static int pty_path(int master, char *path, size_t capacity) {
    static const char folder[] = "/dev/pts/";
    unsigned int number = 0;
    char digits[10];
    size_t count = 0;
    if (ioctl(master, TIOCGPTN, &number) < 0) { return errno; }
    do { digits[count++] = (char)('0' + number % 10); } while ((number /= 10) != 0);
    if (capacity < sizeof folder + count) { return ERANGE; }
    memcpy(path, folder, sizeof folder - 1);
    path += sizeof folder - 1;
    while (count) { *path++ = digits[--count]; }
    *path = '\0';
    return 0;
}

int64_t chost_pty_open(char *path, size_t capacity) {
    GATE(CHOST_CALL_PTY, 0, 0, 0, NULL);
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) { return -errno; }
    int other = -1;
    int status = 0;
    struct termios mode;
    if (grantpt(master) < 0 || unlockpt(master) < 0) {
        status = errno;
    } else if ((status = pty_path(master, path, capacity)) == 0) {
        // The mode stays for as long as the master is open. Whether somebody is there shows only after the other end
        // was open once: then the master counts as hung up until it is opened again.
        other = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (other < 0 || tcgetattr(other, &mode) < 0) {
            status = errno;
        } else {
            cfmakeraw(&mode);
            if (tcsetattr(other, TCSANOW, &mode) < 0) { status = errno; }
        }
    }
    if (other >= 0) { close(other); }
    if (status == 0) { return master; }
    close(master);
    return -(int64_t)status;
}

#endif
