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

# fetch SUITE ARCHITECTURE PACKAGE: downloads a package into the cache, unless it is there, without touching the
# machine's own lists. Sets `package` to its file.
fetch() {
    local folder=$cache/$3-$2 state
    package=$(compgen -G "$folder/*.deb" | head -n 1 || true)
    [[ -z $package ]] || return 0
    command -v apt-get >/dev/null || die "$3 comes from Debian, and there is no apt-get here"
    echo "$(basename "$0"): downloading $3 for $2 from Debian's $1 ..." >&2
    state=$(mktemp -d)
    mkdir -p "$state"/{lists/partial,archives/partial} "$folder"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$state/sources.list"
    : >"$state/status"
    local options=(-q -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State=$state" -o "Dir::State::Lists=$state/lists" -o "Dir::State::Status=$state/status"
        -o "Dir::Cache=$state" -o "APT::Architecture=$2" -o "APT::Architectures=$2" -o APT::Sandbox::User=root)
    (cd "$state" && apt-get "${options[@]}" update && apt-get "${options[@]}" download "$3") >"$folder/log" 2>&1 || {
        rm -rf "$state"
        die "$3 could not be had from $mirror ($1): $(grep -m 1 '^E:' "$folder/log"); set MIRROR to a mirror that has it" \
            "(Debian moves old suites to its archive)"
    }
    mv "$state"/*.deb "$folder/"
    rm -rf "$state"
    package=$(compgen -G "$folder/*.deb" | head -n 1)
}
