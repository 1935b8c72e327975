#!/bin/bash
# What the pages of examples/ say: each example builds and samples, `stanlite run` prints its table, and the sampler finds the
# exact answer of the beta-binomial example.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

cat >"$work/exact.json" <<'JSON'
{"summary": {"p": {"mean": 0.6666666666666667, "sd": 0.1307440900921227}}}
JSON
for folder in examples/*/; do
  name=$(basename "$folder")
  example=$PWD/examples/$name/$name
  mkdir "$work/$name"
  cd "$work/$name"
  "$STANLITE" build "$example.stanlite"
  "./$name" sample num_chains=4 data file="$example.json" random seed=1 output refresh=0
  "$STANLITE" summary output_1.csv output_2.csv output_3.csv output_4.csv
  "$STANLITE" summary --json output_[1-4].csv >summary.json
  "$STANLITE" run "$example.stanlite" "$example.json" num_chains=4 random seed=1 >table
  grep -q '^lp__ ' table || { echo "stanlite run prints no table"; cat table; exit 1; }
  cd - >/dev/null
done
"$BUILD/tests/compare_summary" "$work/exact.json" "$work/beta_binomial/summary.json"
