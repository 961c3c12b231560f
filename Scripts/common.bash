# What several scripts need. To be sourced; sets `root`, the top folder of the checkout.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The oldest Swift that compiles Stasis: major and minor version.
swift_needed=(6 3)

# Prints an error under the calling script's name and ends.
die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# Prints the head comment of the calling script, which is its usage text, and ends.
usage_from_head() {
    sed -n '2,/^[^#]/{/^#/!q;s/^# \{0,1\}//;p}' "$0"
    exit 0
}

# Ends with advice unless a new enough Swift is on the PATH.
need_swift() {
    local advice="get it from https://www.swift.org/install (swiftly is the shortest way), put it on PATH and start again"
    local wanted="Swift ${swift_needed[0]}.${swift_needed[1]} or newer"
    command -v swift >/dev/null || die "no Swift on PATH; Stasis needs $wanted: $advice"
    local text major minor
    text=$(swift --version 2>/dev/null) || die "'swift --version' fails; Stasis needs $wanted: $advice"
    if [[ ! $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]]; then
        die "'swift --version' names no version; Stasis needs $wanted: $advice"
    fi
    major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    if ((major < swift_needed[0] || (major == swift_needed[0] && minor < swift_needed[1]))); then
        die "this is Swift $major.$minor; Stasis needs $wanted: $advice"
    fi
}
