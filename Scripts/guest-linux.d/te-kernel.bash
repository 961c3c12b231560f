# The kernel for trap-and-emulate hosts, from Debian 11's Linux 5.10. To be sourced by guest-linux.

# build_te_kernel OUTPUT: takes it from the cache, where its name says what it was made of, so that a change makes another one.
build_te_kernel() {
    local kernels vmlinux lock
    kernels=$cache/guest-kernel-$(cat "$parts/te-kernel.config" <(declare -f make_te_kernel) | sha256sum | cut -c1-16)
    vmlinux=$kernels/vmlinux
    if [[ ! -e $vmlinux ]]; then
        mkdir -p "$kernels"
        exec {lock}>"$kernels/lock"
        flock -n "$lock" || { say "waiting for the kernel, which another guest-linux builds ..."; flock "$lock"; }
        [[ -e $vmlinux ]] || make_te_kernel "$kernels"
        exec {lock}>&-
    fi
    if [[ ! -e $1 || $vmlinux -nt $1 ]]; then
        cp "$vmlinux" "$work/part"
        mv "$work/part" "$1"
    fi
}

# make_te_kernel FOLDER. Trap-and-emulate keeps its guests below 0x80000000, their kernels from 0x40000000 on.
make_te_kernel() {
    local build=$1/build log=$1/log make package
    need flex flex bison bison bc bc make make gcc gcc xz xz-utils
    fetch bullseye all linux-source-5.10
    rm -rf "$build"
    mkdir -p "$build/source" "$build/out"
    say "unpacking Linux 5.10 ..."
    unpack "$package" ./usr/src/linux-source-5.10.tar.xz | tar -xJ --strip-components=1 -C "$build/source" ||
        die "$package cannot be unpacked; is there room in $cache?"
    make=(make -C "$build/source" O="$build/out" ARCH=mips CROSS_COMPILE="$cross")
    "${make[@]}" KCONFIG_ALLCONFIG="$parts/te-kernel.config" allnoconfig >"$log" 2>&1 ||
        die "configuring the kernel failed; see $log"
    check_te_config "$build/out/.config"
    say "building the kernel for trap-and-emulate hosts, once; this takes some minutes ..."
    watch "$log" "${make[@]}" -j"$(nproc)" vmlinux load-y=0x40100000 || die "building the kernel failed: see $log"
    "${cross}strip" -o "$1/part" "$build/out/vmlinux"
    mv "$1/part" "$1/vmlinux"
    rm -rf "$build"
}

check_te_config() {
    local option
    while read -r option; do
        grep -qx "$option" "$1" || die "the kernel's configuration lost $option"
    done < <(grep '^CONFIG' "$parts/te-kernel.config")
}
