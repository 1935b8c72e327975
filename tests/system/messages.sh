#!/bin/bash
# What fails while a model runs names the statement: the message, file, line and column, and the line itself. Each program of
# tests/messages has lines `if (which == N) STATEMENT // MESSAGE`, or `STATEMENT // which == N // MESSAGE` where what runs it
# stands elsewhere; it is run for each N.
. "$(dirname "$0")/../expect.sh"

# says NAME N LINE MESSAGE FILE: the file holds the message, the place, and the program's line
says() {
  grep -F -- "$4 (" "$5" | grep -q "(in '$1.stanlite', line $3, column " || wrong "$1, which = $2 does not say '$4': $(head -n 4 "$5")"
  grep -qE "^ *$3 \| .*which == $2" "$5" || wrong "$1, which = $2 does not show line $3: $(head -n 4 "$5")"
  grep -qE '^ *\| *\^' "$5" || wrong "$1, which = $2 underlines nothing: $(head -n 4 "$5")"
}

# each NAME: "N LINE MESSAGE" for each statement that fails
each() {
  sed -n 's/.*which == \([0-9]*\).* \/\/ \(.*\)/\1 \2/;T;=;p' "tests/messages/$1.stanlite" | sed 'N;s/\([0-9]*\)\n\([0-9]*\) /\2 \1 /'
}

for name in data density; do
  for option in -O0 -O3; do
    (cd tests/messages && "$STANLITE" build "$option" "$name.stanlite" -o "$work/$name" >"$work/log" 2>&1) ||
      { echo "$name does not build: $(head -n 5 "$work/log")" && exit 1; }
    while read -r which line message; do
      echo "{\"which\": $which}" >"$work/data.json"
      wanted=65
      method=(sample num_chains=1 num_warmup=20 num_samples=1 refresh=0)
      [ "$which" -gt 30 ] && [ $name = density ] && wanted=0 # a draw without its generated quantities counts
      code $wanted '' "$work/$name" "${method[@]}" data file="$work/data.json" output file="$work/out.csv"
      says $name "$which" "$line" "$message" "$work/out"
    done < <(each $name)
    echo '{"which": 0}' >"$work/data.json"
    code 0 '' "$work/$name" sample num_chains=1 num_warmup=20 num_samples=1 data file="$work/data.json" output file="$work/out.csv"
  done
done

# what print writes
for option in -O0 --without=all; do
  "$STANLITE" build "$option" tests/messages/print.stanlite -o "$work/print" 2>"$work/log" || wrong "print.stanlite does not build"
  "$work/print" sample num_chains=1 num_samples=1 refresh=0 output file="$work/out.csv" 2>/dev/null >"$work/printed"
  diff <(sed -n 's|.*; // ||p' tests/messages/print.stanlite) "$work/printed" || wrong "print ($option) writes something else"
done

# unfit JSON MESSAGE: data that do not fit the declaration, which is shown
line=$(grep -n '^  int which;' tests/messages/density.stanlite | cut -d: -f1)
unfit() {
  echo "$1" >"$work/data.json"
  code 65 "$2 (data block, \`int which\`) (in 'density.stanlite', line $line, column 7)" \
    "$work/density" sample num_chains=1 data file="$work/data.json" output file="$work/out.csv"
  grep -qxF "$(printf '%5d |   int which;' "$line")" "$work/out" || wrong "$1 does not show line $line: $(cat "$work/out")"
}
unfit '{}' "$work/data.json: variable which is missing (expected a single number)"
unfit '{"which": [1, 2]}' "$work/data.json: variable which: expected a single number, found 2 elements"
unfit '{"which": "two"}' "$work/data.json: variable which: which is the text \"two\", not a number"
unfit '{"which": 2.5}' "$work/data.json: which is 2.5, but must be an integer"
unfit '{"which": 3000000000}' "$work/data.json: which is 3000000000, which is beyond the range of integers (32 bits)"

# unfit_init JSON MESSAGE: initial values that do not fit
echo '{"which": 0}' >"$work/data.json"
unfit_init() {
  echo "$1" >"$work/init.json"
  code 65 "$2" "$work/density" sample num_chains=1 init="$work/init.json" data file="$work/data.json" output file="$work/out.csv"
  grep -qxF "$(printf '%5d |   vector[3] y;' "$(grep -n 'vector\[3\] y;' tests/messages/density.stanlite | cut -d: -f1)")" "$work/out" ||
    wrong "$1 does not show the declaration: $(cat "$work/out")"
}
unfit_init '{"y": [1, 2]}' "$work/init.json: variable y: expected 3 elements, found 2 elements (parameters block, \`vector y\`)"
unfit_init '{"y": [1, 2, "three"]}' "$work/init.json: variable y: y[3] is the text \"three\", not a number"
unfit_init '{"y": 1}' "$work/init.json: variable y: expected 3 elements, found a single number"

exit $failed
