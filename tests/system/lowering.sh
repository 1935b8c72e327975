#!/bin/bash
# The programs of tests/lowering hold the language to itself: each computes the same in two ways and rejects where they
# differ. Compiled with all passes and with none.
. "$(dirname "$0")/../expect.sh"

for program in tests/lowering/*.stanlite; do
  for without in nothing all; do
    options=()
    [ $without = all ] && options=(--without=all)
    if ! "$STANLITE" build "${options[@]}" "$program" -o "$work/model" >"$work/log" 2>&1; then
      echo "$program does not build: $(head -n 5 "$work/log")" && failed=1
    elif ! "$work/model" sample algorithm=fixed_param num_chains=1 num_warmup=0 num_samples=1 data file=tests/lowering/data.json \
      output file="$work/draws.csv" profile_file="$work/profile.csv" refresh=0 >"$work/log" 2>&1; then
      echo "$program without $without: $(head -n 5 "$work/log")" && failed=1
    elif grep -q 'check [0-9]' "$work/log"; then
      echo "$program without $without: $(grep 'check [0-9]' "$work/log")" && failed=1
    fi
  done
done
exit $failed
