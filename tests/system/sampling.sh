#!/bin/bash
# Draws come from the posterior: tests/sampling/closed_forms has one of each kind whose moments and quantiles are known exactly.
# 4 chains of 10,000 draws (of Metropolis, which moves less in one, ten times as many, thinned); means, sds and quantiles to 4 Monte
# Carlo standard errors (tests/tools/compare_summary.c). Each of the three metrics, static integration instead of NUTS, and
# random-walk Metropolis must find them; a run that is off is made once more with another seed (tests/twice.sh).
. "$(dirname "$0")/../expect.sh"
cd "$(dirname "$0")/../sampling" || exit 70
. ../twice.sh

agrees() { # agrees SEED PROGRAM ARGUMENT...
  local seed=$1 name=$2 data=
  shift 2
  rm -f "$work"/draws*.csv
  [ -e "$name.json" ] && data="data file=$name.json"
  # shellcheck disable=SC2086 # words on purpose
  "$work/$name" sample num_chains=4 "$@" $data random seed="$seed" \
    output file="$work/draws.csv" refresh=0 >"$work/log" 2>&1 || { tail -n 10 "$work/log" && return 2; }
  "$STANLITE" summary --json "$work"/draws_[1-4].csv >"$work/summary.json" || return 2
  "$BUILD/tests/compare_summary" --exact="$name" "$name.expected.json" "$work/summary.json"
}

while read -r name arguments; do
  [ -x "$work/$name" ] || "$STANLITE" build "$name.stanlite" -o "$work/$name" || exit 1
  # shellcheck disable=SC2086 # words on purpose
  twice "$name, $arguments" agrees "$name" $arguments || failed=1
done <<'RUNS'
closed_forms num_samples=10000 algorithm=hmc metric=diag_e
closed_forms num_samples=10000 algorithm=hmc metric=dense_e
closed_forms num_samples=10000 algorithm=hmc metric=unit_e
closed_forms num_samples=10000 algorithm=hmc engine=static int_time=2 stepsize_jitter=0.5
closed_forms num_samples=100000 thin=10 num_warmup=10000 algorithm=mh
closed_forms num_samples=100000 thin=10 num_warmup=10000 algorithm=mh metric=dense_e
bernoulli_nonconjugate num_samples=10000 algorithm=hmc
bernoulli_nonconjugate num_samples=10000 algorithm=mh
bernoulli_nonconjugate num_samples=10000 algorithm=mh stepsize=1 num_warmup=100 adapt engaged=0
RUNS
exit $failed
