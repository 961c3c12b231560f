# A Debian root disk, by debootstrap. To be sourced by guest-linux.

# What it has besides the essential packages. SysV init, because it starts a tenth of the processes that systemd does; without udev,
# because this board's devices are all there at the start, and the kernel makes their nodes.
packages=sysvinit-core,sysv-rc,kmod,ifupdown,isc-dhcp-client,iproute2,iputils-ping,procps,netbase,e2fsprogs,busybox-static

# build_rootfs OUTPUT SIZE IMAGE: takes the disk from the cache, where its name says what it was made of, so that a change makes another
# one. IMAGE is the package of the kernel whose modules it gets. A disk that a guest has written to is left alone.
build_rootfs() {
    local disks disk lock stamp=$1.made-of
    disks=$cache/guest-root-$( (cat "$parts/rootfs.bash" "$parts/session.c" "$programs"/*.c
        declare -f pick_modules build_programs
        echo "${modules[*]} $(basename "$3") $2") | sha256sum | cut -c1-16)
    disk=$disks/root.img
    if [[ -e $1 && -e $stamp && $(<"$stamp") == "$disks" ]]; then return; fi
    if [[ -e $1 && $1 -nt $stamp ]]; then
        say "$1 has been written to, and stays as it is; without it, a fresh one is made"
        return
    fi
    if [[ ! -e $disk ]]; then
        mkdir -p "$disks"
        exec {lock}>"$disks/lock"
        flock -n "$lock" || { say "waiting for the root disk, which another guest-linux makes ..."; flock "$lock"; }
        [[ -e $disk ]] || make_rootfs "$disks" "$2" "$3"
        exec {lock}>&-
    fi
    cp --sparse=always "$disk" "$work/part"
    mv "$work/part" "$1"
    echo "$disks" >"$stamp"
    touch -r "$1" "$stamp"
}

# make_rootfs FOLDER SIZE IMAGE
make_rootfs() {
    local tree=$1/tree log=$1/log
    ((EUID == 0)) || die "a root disk has files of many owners, and its own programs set it up: --rootfs needs root"
    need debootstrap debootstrap mkfs.ext4 e2fsprogs qemu-mipsel-static qemu-user-static unshare util-linux
    : >"$log"
    ! mountpoint -q "$tree" || umount "$tree"
    rm -rf "$tree"
    mkdir -p "$tree" "$cache/debootstrap-mipsel"
    let_mipsel_run
    # In memory if that can be: a disk would see each of some ten thousand small files synced.
    if mount -t tmpfs -o mode=755 stasis-root "$tree" 2>/dev/null; then mounted=$tree; fi
    say "making Debian 12 for mipsel, once; this takes some minutes ..."
    # A mount name space of its own: what debootstrap mounts goes with it.
    watch "$log" unshare --mount debootstrap --arch=mipsel --variant=minbase --include="$packages" \
        --cache-dir="$cache/debootstrap-mipsel" bookworm "$tree" "$mirror" ||
        die "debootstrap failed: $(grep '^[WE]:' "$log" | tail -n 1); see $log"
    keep_it_small "$tree"
    set_up "$tree" "$3"
    say "making the file system ..."
    make_file_system "$tree" "$1/part" "$2" >>"$log" 2>&1 || die "no file system of $2 could be made of it; see $log"
    mv "$1/part" "$1/root.img"
    [[ -z $mounted ]] || umount "$mounted"
    mounted=
    rm -rf "$tree"
}

# in_tree TREE COMMAND...: runs it there.
in_tree() {
    local tree=$1
    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C chroot "$tree" "$@"
}

# This machine runs mipsel programs by QEMU's user emulation, which its kernel has to know of. What is told here is taken back at
# the end.
let_mipsel_run() {
    local known=/proc/sys/fs/binfmt_misc line=/usr/lib/binfmt.d/qemu-mipsel.conf package probe=$work/busybox
    fetch bookworm mipsel busybox-static
    unpack "$package" ./bin/busybox >"$probe"
    chmod +x "$probe"
    # No output: it fails where it cannot run, and that is the question.
    ! "$probe" true 2>/dev/null || return 0
    [[ -e $known/register ]] || mount -t binfmt_misc binfmt_misc "$known" ||
        die "this kernel has no binfmt_misc (or it cannot be mounted here), so it cannot run the new system's own programs"
    [[ -e $line ]] || die "$line is missing, which is part of Debian's qemu-user-static"
    registered=$known/stasis-mipsel-$$
    sed "s/^:qemu-mipsel:/:$(basename "$registered"):/" "$line" >"$known/register"
    "$probe" true || die "mipsel programs do not run here, though $registered is there; is qemu-user-static whole?"
}

# Documentation and languages, of which only the licences stay, now and later.
keep_it_small() {
    mkdir -p "$1/etc/dpkg/dpkg.cfg.d" "$1/etc/apt/apt.conf.d"
    cat >"$1/etc/dpkg/dpkg.cfg.d/small" <<'TEXT'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
TEXT
    cat >"$1/etc/apt/apt.conf.d/small" <<'TEXT'
APT::Install-Recommends "false";
Acquire::Languages "none";
TEXT
    find "$1/usr/share/doc" -type f ! -name copyright -delete
    rm -rf "$1"/usr/share/{man,info,locale}/*
}

# set_up TREE IMAGE: what makes a system of it.
set_up() {
    local tree=$1
    echo stasis >"$tree/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 stasis\n' >"$tree/etc/hosts"
    echo 'LABEL=stasis / ext4 errors=remount-ro 0 1' >"$tree/etc/fstab"
    echo "deb http://deb.debian.org/debian bookworm main" >"$tree/etc/apt/sources.list"
    # Init makes these two if they are not there, and says so each time.
    ln -sf /proc/mounts "$tree/etc/mtab"
    mkdir -p "$tree/etc/inittab.d"
    # eth0 may have an address from the kernel's command line.
    printf 'auto lo\niface lo inet loopback\n\niface eth0 inet dhcp\n' >"$tree/etc/network/interfaces"
    # No screen, but a serial line, and the virtio console where there is one.
    sed -i '/^[1-6]:.*getty/d' "$tree/etc/inittab"
    cat >>"$tree/etc/inittab" <<'TEXT'
S0:2345:respawn:/sbin/getty -L ttyS0 115200 vt100
H0:2345:respawn:/bin/sh -c '[ -c /dev/hvc0 ] || exec sleep infinity; exec getty -L hvc0 115200 vt100'
TEXT
    # A kernel without CONFIG_POWER_RESET_SYSCON_POWEROFF only halts. So the register of the board's power switch is written, last of
    # all, and before init's halt would: /etc/init.d/halt reads this file.
    cat >>"$tree/etc/default/halt" <<'TEXT'

# The end of the machine: the board's power switch, which this kernel may have no driver for.
halt() {
    if [ "$INIT_HALT" = POWEROFF ] && [ ! -e /sys/bus/platform/drivers/syscon-poweroff ] &&
        grep -q stasis,virt /proc/device-tree/compatible; then
        busybox devmem 0x10002000 32 0x5555
    fi
    command halt "$@"
}
TEXT
    mkdir -p "$tree/usr/local/bin"
    build_programs "$tree/usr/local/bin"
    rm "$tree/usr/local/bin/session"
    pick_modules "$2" "$tree"
    # Debian's own hash takes a simulated processor long; this password is no secret.
    in_tree "$tree" sh -c 'echo root:stasis | chpasswd -c SHA256 -s 1000'
    rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* "$tree"/var/log/*.log \
        "$tree"/var/cache/ldconfig/* "$tree"/debootstrap
}

# make_file_system TREE OUTPUT SIZE: ext4 with features that every kernel here has, and nothing left for the kernel to finish.
make_file_system() {
    cat >"$work/mke2fs.conf" <<'TEXT'
[defaults]
    blocksize = 4096
    inode_size = 256
    inode_ratio = 16384
    base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
[fs_types]
    ext4 = {
        features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
    }
TEXT
    rm -f "$2"
    MKE2FS_CONFIG=$work/mke2fs.conf PATH=$PATH:/usr/sbin:/sbin \
        mkfs.ext4 -q -L stasis -m 1 -E lazy_itable_init=0,nodiscard,root_owner=0:0 -d "$1" "$2" "$3"
    PATH=$PATH:/usr/sbin:/sbin e2fsck -f -n "$2"
}
