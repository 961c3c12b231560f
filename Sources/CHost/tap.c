// TAP interfaces: what is asked of /dev/net/tun (Documentation/networking/tuntap.rst) and of an interface by its name.
// The driver of a test plays the device, as with every ioctl.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <net/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(TUN_F_CSUM == 1 && TUN_F_TSO4 == 2 && TUN_F_TSO6 == 4 && TUN_F_TSO_ECN == 8, "offloads of a TAP");
_Static_assert(IFNAMSIZ == 16, "names of interfaces");

static int64_t named(struct ifreq *request, const char *name) {
    memset(request, 0, sizeof *request);
    size_t length = strlen(name);
    if (length == 0 || length >= IFNAMSIZ) { return -EINVAL; }
    memcpy(request->ifr_name, name, length);
    return 0;
}

int64_t chost_tap_attach(int32_t fd, const char *name) {
    struct ifreq request;
    int64_t status = named(&request, name);
    if (status < 0) { return status; }
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    GATE_ANSWER(CHOST_CALL_IOCTL, fd, TUNSETIFF, 0);
    ANSWER(ioctl(fd, TUNSETIFF, &request));
}

int64_t chost_tap_header(int32_t fd, uint32_t size) {
    int value = (int)size;
    GATE_ANSWER(CHOST_CALL_IOCTL, fd, TUNSETVNETHDRSZ, size);
    ANSWER(ioctl(fd, TUNSETVNETHDRSZ, &value));
}

int64_t chost_tap_offload(int32_t fd, uint32_t offloads) {
    GATE_ANSWER(CHOST_CALL_IOCTL, fd, TUNSETOFFLOAD, offloads);
    ANSWER(ioctl(fd, TUNSETOFFLOAD, (unsigned long)offloads));
}

int64_t chost_interface_up(const char *name) {
    struct ifreq request;
    int64_t status = named(&request, name);
    if (status < 0) { return status; }
    GATE_ANSWER(CHOST_CALL_IOCTL, 0, SIOCGIFFLAGS, 0);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) { return -errno; }
    status = ioctl(fd, SIOCGIFFLAGS, &request) < 0 ? -errno : (request.ifr_flags & IFF_UP) != 0;
    close(fd);
    return status;
}

#endif
