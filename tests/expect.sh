# shellcheck shell=bash
# expect.sh: what the scripts of tests/system share. Each sources it first:
#   . "$(dirname "$0")/../expect.sh"
# and is then in the repository's folder ($root), with the compiler in STANLITE and what was built in BUILD, both as whole
# paths; an empty folder $work, which goes away at the end; and failed=0. It ends with `exit $failed`.
set -u
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
cd "$root" || exit 70
export BUILD STANLITE
BUILD=$(realpath "${BUILD:-build}")
STANLITE=${STANLITE:-$BUILD/stanlite}
[ -x "$STANLITE" ] || { echo "there is no compiler at $STANLITE"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# wrong WORDS: something is not as it must be
wrong() {
  echo "$1"
  failed=1
}

# is WHAT GOT WANTED
is() {
  [ "$2" = "$3" ] || wrong "$1: '$2', not '$3'"
}

# code WANTED WORDS COMMAND...: the exit code, and what the command must print, on either stream. Both are in $work/out.
code() {
  local wanted=$1 words=$2 got
  shift 2
  "$@" >"$work/out" 2>&1
  got=$?
  [ $got -eq "$wanted" ] || wrong "exit code $got, not $wanted: $* ($(head -n 3 "$work/out"))"
  [ -z "$words" ] || grep -qF -- "$words" "$work/out" || wrong "$* does not say '$words': $(head -n 5 "$work/out")"
}

# told WANTED WORDS COMMAND...: the exit code, and what standard error must say. The streams are in $work/out, $work/errors.
told() {
  local wanted=$1 words=$2 got
  shift 2
  "$@" >"$work/out" 2>"$work/errors"
  got=$?
  [ $got -eq "$wanted" ] || wrong "exit code $got, not $wanted: $* ($(head -n 3 "$work/errors"))"
  [ -z "$words" ] || grep -qF -- "$words" "$work/errors" ||
    wrong "$*: standard error does not say '$words': $(cat "$work/errors")"
}

# columns FILE, rows FILE: of a CSV with comments
columns() { grep -v '^#' "$1" | head -n 1; }
rows() { grep -v '^#' "$1" | tail -n +2; }
