#!/usr/bin/env bash
# The libraries from another package: Tests/LibraryUse, which is also the example in README.md, builds, runs and prints what
# it should.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
[[ ${MODE:-release} == debug ]] || { echo "done by the debug run"; exit 0; }
swift build --package-path "$root/Tests/LibraryUse" --scratch-path "$root/.build-library"
program=$root/.build-library/debug/stand-still
"$program" | tee first
"$program" >second
cmp first second || { echo "FAILED: two runs on a virtual clock differ"; exit 1; }

# Frozen means frozen, and the restored guest goes on where it stood.
numbers=$(sed -n 's/^frozen for 2 s: Count \([0-9]*\), then \([0-9]*\)$/\1 \2/p' first)
restored=$(sed -n 's/^restored: Count \([0-9]*\);.*/\1/p' first)
read -r before after <<<"$numbers"
[[ -n $before && $before == "$after" && $before == "$restored" ]] || { echo "FAILED: Count moved"; exit 1; }

# The example in README.md is this program.
diff <(sed -n '/^```swift$/,/^```$/p' "$root/README.md" | sed '1d;$d') \
    <(sed -n '/^\/\/ A clock that counts/,$p' "$root/Tests/LibraryUse/Sources/stand-still/main.swift") ||
    { echo "FAILED: the example in README.md is not Tests/LibraryUse"; exit 1; }
