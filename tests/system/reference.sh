#!/bin/bash
# Posterior samples agree with what other programs and quadrature found. Every model of ../shared that has a reference is built,
# sampled with 4 chains and a fixed seed, and compared quantity by quantity: means to 4 Monte Carlo standard errors, sds to 10 %
# (tests/tools/compare_summary.c says how exactly); those in exact.json with these values too. WAIC and LOO agree as well
# (tests/tools/compare_elpd.c).
#
# About 3,000 quantities are compared. A model with one that does not agree is sampled once more, with another seed and twice the
# draws: what does not agree both times is wrong (tests/twice.sh).
#
# A reference with a "caution" (divergences) names the model whose sample is to be used: the model is sampled with delta=0.99,
# since it is the hard one of two parameterisations, and held to what both have in common; where there are exact values, to
# their means and sds: no step size reaches the narrow end of a centred model's funnel, where its lowest quantiles lie.
#
# tests/reference/NAME.json is a longer sample of Stan's for a model whose sample in ../shared is too short: of that the means are
# held then. (mc_slopes_good_N50_J5: with 5 groups the tails are so heavy that 4,000 draws do not settle an sd. Stan's 20,000 draws
# give sd(eta[2]) = 0.547, those in ../shared 0.646.)
# MODELS="name ..." selects; those that no release depends on and that take long are sampled only then. SEED=N takes other draws.
. "$(dirname "$0")/../expect.sh"
. tests/twice.sh
shared=$(realpath -m ../shared)
[ -d "$shared/reference" ] || { echo "skipped: ../shared/reference is not there"; exit 77; }
failed=0 models=0 seed=${SEED:-20240100}
slow=' trolley_story_nopool trolley_story_partial trolley_story_pooled '

# member FILE NAME, of the flat top of a reference file: "model": "models/x.stan"
member() { sed -n "s/^ \"$2\": \"\(.*\)\",*$/\1/p" "$1" | head -n 1; }

# agrees ATTEMPT DRAWS: samples, compares. Says what differs.
agrees() {
  local code=0
  rm -f "$work"/draws*.csv
  if ! "$exe" sample num_chains=4 num_samples=$(($1 * $2)) $delta data file="$shared/$data" random seed=$((seed + $1)) \
    output file="$work/draws.csv" refresh=0 >"$work/log" 2>&1; then
    echo "it does not sample:" && tail -n 10 "$work/log"
    return 2
  fi
  "$STANLITE" summary --json "$work"/draws_[1-4].csv >"$work/summary.json" || return 2
  [ -e "tests/reference/$name.json" ] && option=--means
  # shellcheck disable=SC2086 # an option or none
  "$BUILD/tests/compare_summary" $option "$shared/reference/$other.json" "$work/summary.json" || code=1
  if [ "$option" = --means ]; then
    "$BUILD/tests/compare_summary" "tests/reference/$name.json" "$work/summary.json" || code=1
  fi
  if grep -q "^ \"$name\": {" "$shared/reference/exact.json"; then
    "$BUILD/tests/compare_summary" --exact="$name" $option "$shared/reference/exact.json" "$work/summary.json" || code=1
  fi
  if grep -q '"elpd_loo"' "$shared/reference/$other.json"; then
    "$STANLITE" loo --json "$work"/draws_[1-4].csv >"$work/loo.json" || return 2
    "$STANLITE" waic --json "$work"/draws_[1-4].csv >"$work/waic.json" || return 2
    "$BUILD/tests/compare_elpd" "$shared/reference/$other.json" "$work/loo.json" "$work/waic.json" || code=1
  fi
  return $code
}

for reference in "$shared"/reference/*.json; do
  name=$(basename "$reference" .json)
  program=$(member "$reference" model) data=$(member "$reference" data)
  [ -n "$program" ] && [ -n "$data" ] || continue
  if [ -n "${MODELS:-}" ]; then
    [[ " $MODELS " == *" $name "* ]] || continue
  elif [[ $slow == *" $name "* ]]; then
    echo "$name: not now; MODELS=$name asks for it" && continue
  fi
  exe=$work/$(basename "$program" .stan)
  if [ ! -x "$exe" ] && ! "$STANLITE" build "$shared/$program" -o "$exe" >"$work/log" 2>&1; then
    echo "$name does not build:" && head -n 10 "$work/log"
    failed=$((failed + 1))
    continue
  fi
  draws=2000 delta= option= other=$(member "$reference" caution | sed -n 's/.*the same posterior as \([a-z_]*\);.*/\1/p')
  [[ $name == trolley_* ]] && draws=1000
  if [ -n "$other" ]; then delta=delta=0.99 draws=10000 option=--common; else other=$name; fi
  models=$((models + 1))
  twice "$name" agrees $draws || failed=$((failed + 1))
done
echo "$models models sampled, $failed do not agree"
[ $failed -eq 0 ]
