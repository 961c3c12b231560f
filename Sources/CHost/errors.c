// Error numbers by name. Numbers differ between architectures (EOPNOTSUPP is 122 on MIPS and 95 on x86), names do not,
// so only positions in this list leave the module. The order is that of Host's `Errno.Name`.
#include "internal.h"

#ifdef CHOST_HOSTED

static const int32_t numbers[] = {
    EPERM,  ENOENT, ESRCH,  EINTR,     EIO,        ENXIO,     E2BIG,     EBADF,        ECHILD,      EAGAIN,
    ENOMEM, EACCES, EFAULT, EBUSY,     EEXIST,     EXDEV,     ENODEV,    ENOTDIR,      EISDIR,      EINVAL,
    ENFILE, EMFILE, ENOTTY, ETXTBSY,   EFBIG,      ENOSPC,    ESPIPE,    EROFS,        EMLINK,      EPIPE,
    EDOM,   ERANGE, EDEADLK, ENAMETOOLONG, ENOSYS, ENOTEMPTY, ELOOP,     EOVERFLOW,    EOPNOTSUPP,  ETIMEDOUT,
    ECONNREFUSED, ECONNRESET, EADDRINUSE, ENOTCONN, EDQUOT,
};
enum { count = sizeof numbers / sizeof numbers[0] };

uint8_t chost_errno_name(int32_t number) {
    for (unsigned index = 0; index < count; index++) {
        if (numbers[index] == number) { return (uint8_t)index; }
    }
    return count;
}

int32_t chost_errno_number(uint8_t name) { return name < count ? numbers[name] : 0; }

uint8_t chost_errno_names(void) { return count + 1; }

#endif
