#!/bin/bash
# Draws come from the posterior: tests/sampling/closed_forms has one of each kind whose moments and quantiles are known exactly.
# 4 chains of 10,000 draws; means, sds and quantiles to 4 Monte Carlo standard errors (tests/tools/compare_summary.c). Each of
# the three metrics, and static integration instead of NUTS, must find them; a run that is off is made once more with another seed,
# since of 4 * 80 numbers one is off by chance in one of 50 runs.
set -u
cd "$(dirname "$0")/../sampling" || exit 70
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$STANLITE" build closed_forms.stanlite -o "$work/closed_forms" || exit 1
failed=0

agrees() { # agrees SEED ARGUMENT...
  local seed=$1
  shift
  rm -f "$work"/draws*.csv
  "$work/closed_forms" sample num_chains=4 num_samples=10000 algorithm=hmc "$@" data file=closed_forms.json random seed="$seed" \
    output file="$work/draws.csv" refresh=0 >"$work/log" 2>&1 || { tail -n 10 "$work/log" && return 1; }
  "$STANLITE" summary --json "$work"/draws_[1-4].csv >"$work/summary.json" || return 1
  "$BUILD/tests/compare_summary" --exact=closed_forms closed_forms.expected.json "$work/summary.json"
}

for arguments in metric=diag_e metric=dense_e metric=unit_e 'engine=static int_time=2 stepsize_jitter=0.5'; do
  # shellcheck disable=SC2086 # words on purpose
  agrees 1 $arguments >"$work/report" || { sed "s/^/$arguments, first: /" "$work/report"; agrees 2 $arguments >"$work/report"; } || failed=1
  sed "s/^/$arguments: /" "$work/report"
done
exit $failed
