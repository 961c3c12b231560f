#!/usr/bin/env bash
# The built program as a user meets it: exit statuses, where text goes, help, manual, completion.
set -euo pipefail

fail() {
    echo "FAILED: $*"
    exit 1
}

# expect STATUS ARGUMENT... runs the program and compares its exit status; its output is in the files out and err.
expect() {
    local wanted=$1 status=0
    shift
    "$STASIS" "$@" >out 2>err || status=$?
    ((status == wanted)) || fail "stasis $*: status $status, not $wanted: $(cat err)"
}

one_line() {
    [[ $(wc -l <err) == 1 ]] || fail "not one line: $(cat err)"
    [[ ! -s out ]] || fail "an error on standard output: $(cat out)"
}

expect 0 --version
[[ $(cat out) =~ ^stasis\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "version: $(cat out)"

commands=(run restore inspect diff timeline conformance doctor demo completion manual help)
for command in '' "${commands[@]}"; do
    # shellcheck disable=SC2086 # no command is no word
    expect 0 $command --help
    [[ ! -s err ]] || fail "help on standard error"
    (($(wc -l <out) <= 24)) || fail "help of '$command' is longer than a screen"
    (($(wc -L <out) < 80)) || fail "help of '$command' is wider than a screen"
done
expect 0 help run
cp out run-help
expect 0 run -h
cmp out run-help || fail "help run and run -h differ"

# Usage errors: status 2, one line that names the option, the value and the remedy.
expect 2
one_line
expect 2 run --memory 5Q
one_line
[[ $(cat err) == "stasis: run: --memory '5Q': not a size; use a number with K, M or G, for example 64M" ]] ||
    fail "memory: $(cat err)"
expect 2 rnu image
one_line
grep -q "did you mean 'run'" err || fail "no suggestion: $(cat err)"
for words in "run" "run a b" "run a --nonsense" "run a --for" "run a --clock-policy=at=never" "diff a" "inspect" \
    "completion tcsh" "conformance --rows T9-T1" "run a --raw 0x100000000" "--memory=1M run a"; do
    # shellcheck disable=SC2086 # several words
    expect 2 $words
    one_line
done
expect 2 run a --save $'two\nlines' --bad$'\n'option
one_line

# Manual and completion.
expect 0 manual
grep -q '^\.TH STASIS 1' out || fail "no manual page"
expect 0 completion bash
bash -n out || fail "completion for bash does not parse"
expect 0 completion zsh
grep -q '^#compdef stasis' out || fail "no completion for zsh"
expect 0 completion fish
grep -q '^complete -c stasis' out || fail "no completion for fish"

# A reader that leaves early is no failure, a full disk is one.
"$STASIS" manual | head -n 1 >out
[[ ${PIPESTATUS[0]} == 0 ]] || fail "a closed pipe is a failure"
status=0
"$STASIS" manual >/dev/full 2>err || status=$?
((status == 1)) || fail "a full disk is status $status"
one_line_count=$(wc -l <err)
((one_line_count == 1)) || fail "a full disk: $(cat err)"
