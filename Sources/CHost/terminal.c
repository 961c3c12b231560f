// Terminals: width, raw mode and the way back.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

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

#endif
