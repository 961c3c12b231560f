# What comes from Debian: packages of this machine's own architecture, installed, and files of others, kept by package and
# architecture in ${XDG_CACHE_HOME:-~/.cache}/stasis. To be sourced after common.bash.
#
# MIRROR names another Debian mirror than deb.debian.org.

mirror=${MIRROR:-http://deb.debian.org/debian}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stasis
mkdir -p "$cache" 2>/dev/null || die "$cache cannot be made; set XDG_CACHE_HOME to a folder that can"

# install_packages PACKAGE... installs them as root, and otherwise ends with the line to run. Nothing to do without names.
install_packages() {
    (($#)) || return 0
    local install="apt-get install -y --no-install-recommends $*"
    command -v apt-get >/dev/null || die "tools are missing; on Debian they are in: $*"
    ((EUID == 0)) || die "tools are missing; as root, run: $install"
    echo "$(basename "$0"): installing $* ..." >&2
    export DEBIAN_FRONTEND=noninteractive
    # Fresh package lists are only fetched if the present ones do not do.
    $install >/dev/null 2>&1 || { apt-get update >/dev/null && $install >/dev/null; } ||
        die "installing failed; as root, run: apt-get update && $install"
}

# open_lists SUITE ARCHITECTURE: gets the lists of packages of a suite for an architecture, without touching the machine's own. Sets
# `lists` to their folder and `apt_options` to apt's options; the caller removes the folder.
open_lists() {
    command -v apt-get >/dev/null || die "packages come from Debian, and there is no apt-get here"
    lists=$(mktemp -d)
    mkdir -p "$lists"/{lists/partial,archives/partial}
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$lists/sources.list"
    : >"$lists/status"
    apt_options=(-q -o "Dir::Etc::SourceList=$lists/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State=$lists" -o "Dir::State::Lists=$lists/lists" -o "Dir::State::Status=$lists/status"
        -o "Dir::Cache=$lists" -o "APT::Architecture=$2" -o "APT::Architectures=$2" -o APT::Sandbox::User=root)
    # Part of it may fail (translations, say) and the packages be there all the same: the download tells, with this log.
    (cd "$lists" && apt-get "${apt_options[@]}" update) >"$lists/log" 2>&1 || true
}

# fetch SUITE ARCHITECTURE PACKAGE [LATEST]: downloads a package into the cache, unless it is there. Sets `package` to its file. With
# LATEST the package is only a name for the newest of a series: what it depends on and begins with LATEST is fetched.
fetch() {
    local folder=$cache/$3-$2 name=$3
    # Nothing there is no error here.
    package=$(compgen -G "$folder/*.deb" | head -n 1 || true)
    [[ -z $package ]] || return 0
    echo "$(basename "$0"): downloading $3 for $2 from Debian's $1 ..." >&2
    mkdir -p "$folder"
    open_lists "$1" "$2"
    if (($# > 3)); then
        name=$(apt-cache "${apt_options[@]}" depends "$3" 2>/dev/null | sed -n "s/^ *Depends: \\($4[^ ]*\\)$/\\1/p" | head -n 1)
    fi
    (cd "$lists" && apt-get "${apt_options[@]}" download "${name:-$3}") >>"$lists/log" 2>&1 || {
        # apt may also end without a line of that kind.
        local reason
        reason=$(grep -m 1 '^E:' "$lists/log" || true)
        rm -rf "$lists"
        die "$3 could not be had from $mirror ($1): $reason; set MIRROR to a mirror that has it" \
            "(Debian moves old suites to its archive)"
    }
    mv "$lists"/*.deb "$folder/"
    rm -rf "$lists"
    package=$(compgen -G "$folder/*.deb" | head -n 1)
}
