#!/bin/bash
# Posterior samples agree with what other programs found: every reference of ../shared/reference that has a model of bench/models'
# kind is built, sampled (4 chains, fixed seed) and compared, quantity by quantity (tests/tools/compare_summary.c), and those with a
# closed form or a quadrature with that too. MODELS selects by name.
set -u
cd "$(dirname "$0")/../.." || exit 70
shared=$(realpath -m ../shared)
[ -d "$shared/reference" ] || { echo "skipped: ../shared/reference is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# A member of the flat top of a reference file: "model": "models/x.stan"
member() { sed -n "s/^ \"$2\": \"\(.*\)\",*$/\1/p" "$1" | head -n 1; }

for reference in "$shared"/reference/*.json; do
  name=$(basename "$reference" .json)
  program=$(member "$reference" model) data=$(member "$reference" data)
  [ -n "$program" ] && [ -n "$data" ] || continue
  [ -z "${MODELS:-}" ] || [[ " $MODELS " == *" $name "* ]] || continue
  exe=$work/$(basename "$program" .stan)
  if [ ! -x "$exe" ] && ! "$STANLITE" build "$shared/$program" -o "$exe" >"$work/log" 2>&1; then
    echo "$name does not build:" && head -n 10 "$work/log"
    failed=1
    continue
  fi
  rm -f "$work"/draws*.csv
  if ! "$exe" sample num_chains=4 data file="$shared/$data" random seed=20240101 \
    output file="$work/draws.csv" refresh=0 >"$work/log" 2>&1; then
    echo "$name does not sample:" && tail -n 10 "$work/log"
    failed=1
    continue
  fi
  "$STANLITE" summary --json "$work"/draws_[1-4].csv >"$work/summary.json" || failed=1
  "$BUILD/tests/compare_summary" "$reference" "$work/summary.json" >"$work/log" 2>&1 || failed=1
  sed "s/^/$name: /" "$work/log"
done
exit $failed
