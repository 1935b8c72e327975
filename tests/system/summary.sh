#!/bin/bash
# `stanlite summary` over stored chains: the table against tests/system/summary.expected, the JSON, and every way to be wrong.
# shellcheck disable=SC2016 # backquotes in messages
set -u
cd "$(dirname "$0")/../.." || exit 70
stanlite=${STANLITE:-$PWD/build/stanlite}
if [ ! -x "$stanlite" ]; then
  echo "there is no compiler at $stanlite"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
wrong() {
  echo "$1"
  failed=1
}

# code WANTED WORDS ARGUMENT...: the exit code, and what standard error must say
code() {
  local wanted=$1 words=$2 got
  shift 2
  "$stanlite" summary "$@" >"$work/out" 2>"$work/errors"
  got=$?
  [ $got -eq "$wanted" ] || wrong "exit code $got, not $wanted: summary $*"
  grep -qF -- "$words" "$work/errors" || wrong "summary $*: standard error does not say '$words': $(cat "$work/errors")"
}

chains=(tests/data/schools_{1,2,3,4}.csv)
"$stanlite" summary "${chains[@]}" --percentiles=2.5,97.5 --classic-rhat >"$work/table" || wrong "summary failed"
diff -u tests/system/summary.expected "$work/table" || wrong "the table is not the expected one"

"$stanlite" summary --json --sig-figs=3 "${chains[@]}" >"$work/json" || wrong "summary --json failed"
grep -q '"chains": 4,' "$work/json" || wrong "--json does not count the chains"
grep -q '"divergences": 2,' "$work/json" || wrong "--json does not count the divergences"
# posterior 1.4.0 on these draws: ess_bulk 43.392276527679456, rhat 1.039507740138640
grep -q '"mu": {"mean": 4\.797529618.*"ess_bulk": 43\.3922765276.*"rhat": 1\.03950774013' "$work/json" ||
  wrong "--json: mu is not what posterior says"

head -c 5000 tests/data/schools_2.csv >"$work/cut.csv"
"$stanlite" summary "$work/cut.csv" tests/data/schools_1.csv >"$work/lines" || wrong "a file that was cut off is not read"
tr -s '\n ' ' ' <"$work/lines" >"$work/out" # sentences are wrapped
grep -q 'is incomplete and was left out' "$work/out" || wrong "nothing is said of the incomplete line"
grep -q 'only the first [0-9]* of each are used' "$work/out" || wrong "nothing is said of the shorter chain"

code 64 'which CSV files?'
code 64 'no option `--wide`' --wide "${chains[@]}"
code 64 'from 1 to 17' --sig-figs=0 "${chains[@]}"
code 64 'from 0 to 100' --percentiles=5,101 "${chains[@]}"
code 66 'no_such.csv: cannot be opened' "$work/no_such.csv"
printf 'a,b\n1,2\n3,x\n' >"$work/bad.csv"
code 65 'bad.csv:3: `x` is not a number (column b)' "$work/bad.csv"
code 65 'not chains of one model' tests/data/schools_1.csv <(printf 'a\n1\n')
if [ -w /dev/full ]; then
  "$stanlite" summary "${chains[@]}" >/dev/full 2>"$work/errors"
  [ $? -eq 73 ] || wrong "a full disk is not exit code 73"
fi
"$stanlite" summary --help | grep -q 'ESS_bulk, ESS_tail' || wrong "summary --help explains nothing"
exit $failed
