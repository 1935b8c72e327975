#!/bin/bash
# What the lectures print comes out: the quick part of `make lectures`. A figure that differs and has no reason in lectures/reasons.tsv
# is asked for again with another seed, and a third: one that differs each time is wrong. What a lecture's own run has by chance does
# not change with our seed, hence runs longer than theirs (lectures/commands). From the distances of ten seeds: one run in 75 takes a
# second seed, one in 10,000 a third, and one in a million fails for no reason.
. "$(dirname "$0")/../expect.sh"
[ -d ../shared/data ] || { echo "skipped: ../shared is not there"; exit 77; }

# differing SEED: the figures that differ for no known reason, in $work/differing; false when there is no comparison at all.
differing() {
  SEED=$1 lectures/run "$BUILD" --quick >"$work/log"
  if ! tail -n 1 "$work/log" | grep -q '^Matched / total'; then
    tail -n 20 "$work/log"
    return 1
  fi
  echo "seed $1: $(tail -n 1 "$work/log")"
  grep '  no$' "$work/log" >"$work/rows"
  cat "$work/rows"
  cut -c1-72 "$work/rows" | sort >"$work/differing"
}

for seed in 1 2 3; do
  differing $seed || exit 1
  [ -e "$work/always" ] || cp "$work/differing" "$work/always"
  comm -12 "$work/always" "$work/differing" >"$work/both" && mv "$work/both" "$work/always"
  [ -s "$work/always" ] || exit 0
done
echo "with each seed:" && cat "$work/always"
exit 1
