#!/bin/bash
# `stanlite data`: a table in, Stan JSON out, all of it or nothing.
# shellcheck disable=SC2016 # backquotes in messages
set -u
stanlite=${STANLITE:-$(cd "$(dirname "$0")/../.." && pwd)/build/stanlite}
if [ ! -x "$stanlite" ]; then
  echo "there is no compiler at $stanlite"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 70
failed=0
wrong() {
  echo "$1"
  failed=1
}

# code WANTED WORDS ARGUMENT...: the exit code, and what standard error must say
code() {
  local wanted=$1 words=$2 got
  shift 2
  "$stanlite" data "$@" >out 2>errors
  got=$?
  [ $got -eq "$wanted" ] || wrong "exit code $got, not $wanted: data $*"
  grep -qF -- "$words" errors || wrong "data $*: standard error does not say '$words': $(cat errors)"
}

printf 'dose,died,log conc,county\n0.5,1,1e-7,"Lake, the"\n2,0,-3,Aitkin\n1.25,1,Inf,"Lake, the"\n' >table.csv
cat >expected <<'JSON'
{
  "N": 3,
  "dose": [0.5, 2.0, 1.25],
  "died": [1, 0, 1],
  "log_conc": [1e-07, -3.0, "Inf"],
  "county": [2, 1, 2],
  "county_levels": 2
}
JSON
code 0 'county is text, coded 1 to county_levels = 2: 1 = Aitkin, 2 = Lake, the' table.csv
diff -u expected out || wrong "standard output is not the expected data"
code 0 'column `log conc` is named log_conc' table.csv -o data.json
diff -u expected data.json || wrong "data.json is not the expected data"
[ "$(stat -c %a data.json)" = "$(touch plain && stat -c %a plain)" ] || wrong "data.json has unusual permissions"

printf 'a,b\n1,2\n3,NA\n' >missing.csv
code 65 'missing.csv:3: row 2 of column `b` is missing (`NA`)' missing.csv -o data.json
diff -u expected data.json || wrong "an error has changed the output"
code 66 'no_such.csv: cannot be opened' no_such.csv
code 73 'no_folder/data.json cannot be written' table.csv -o no_folder/data.json
code 64 'which table?'
code 64 'which file?' table.csv -o
code 64 'no option --tidy' --tidy table.csv
if [ -w /dev/full ]; then
  "$stanlite" data table.csv >/dev/full 2>errors
  [ $? -eq 73 ] || wrong "a full disk is not exit code 73"
fi
[ "$(ls)" = "$(printf '%s\n' data.json errors expected missing.csv out plain table.csv)" ] || wrong "files are left behind: $(ls)"
exit $failed
