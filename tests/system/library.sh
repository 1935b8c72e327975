#!/bin/bash
# The library in the language against reference values: tests/reference/library_values.py says how they were made and how the
# programs are laid out. Each group is evaluated point by point and, where that exists, by the overloads for containers.
. "$(dirname "$0")/../expect.sh"
cd "$(dirname "$0")/../library" || exit 70

# compare NAME FILE [VALUES]: the second line of FILE against NAME.expected, line by line; without VALUES not the part by u.
compare() {
  sed -n 2p "$2" | tr ',' '\n' >"$work/printed"
  awk -v name="$1" -v printed="$work/printed" -v columns="$(wc -l <"$work/printed")" '
    /^#/ { next }
    (getline actual < printed) <= 0 { print name ": no value for " $0; bad++; exit }
    {
      expected = $1 + 0; value = actual + 0; size = expected < 0 ? -expected : expected
      what = $3; for (i = 4; i <= NF; i++) what = what " " $i
      if (what !~ /by argument/ && what !~ /the sum/ && !'"$3"') next
      difference = value - expected; if (difference < 0) difference = -difference
      if (actual !~ /^-?[0-9]/ || difference > $2 * (size > 1 ? size : 1)) {
        if (++bad <= 20) printf "%s: %s is %s, expected %s\n", name, what, actual, $1
      }
    }
    END { if (bad) print name ": " bad " of " NR " differ"; exit bad > 0 }' "$1.expected" || failed=1
}

# evaluate NAME DATA OUTPUT JACOBIAN
evaluate() {
  points=$(($(grep -cv '^#' "$1.expected") - 1))
  awk -v n="$points" 'BEGIN { printf "{\"params_r\": ["; for (i = 1; i <= n; i++) printf i < n ? "0," : "0"; print "]}" }' \
    >"$work/zeros.json"
  "$work/$1" log_prob unconstrained_params="$work/zeros.json" jacobian="$4" data file="$2" output file="$3" sig_figs=18 \
    >"$work/log" 2>&1 && return
  echo "$1: $(cat "$work/log")"
  failed=1
  return 1
}

for name in ${ONLY:-continuous positive counts functions complex matrices transforms inverses sums diffusion decompositions processes}; do
  "$STANLITE" build -O1 "$name.stanlite" -o "$work/$name" || { failed=1; continue; }
  jacobian=1
  [ $name = inverses ] && jacobian=0
  evaluate $name $name.json "$work/$name.csv" $jacobian && compare $name "$work/$name.csv" 1
  if grep -q vectorised $name.json; then
    sed 's/"vectorised": 0/"vectorised": 1/' $name.json >"$work/$name.json"
    evaluate $name "$work/$name.json" "$work/$name.csv" 1 && compare $name "$work/$name.csv" 0
  fi
done

# says_nothing NAME DATA: a program that checks itself prints only that it is done.
says_nothing() {
  "$STANLITE" build -O1 "$1.stanlite" -o "$work/$1" || { failed=1; return; }
  echo "$2" >"$work/data.json"
  "$work/$1" sample algorithm=fixed_param num_samples=1 num_warmup=0 num_chains=1 random seed=1 data file="$work/data.json" \
    output file="$work/out.csv" >"$work/log" 2>&1
  grep -q '^done' "$work/log" || { echo "$1: did not finish" && cat "$work/log"; failed=1; }
  ! grep '^case' "$work/log" || failed=1
}
says_nothing boundaries '{"infinite": "Inf", "zero": 0, "one": 1}'
says_nothing one_or_many '{}'
says_nothing random '{"n": 4000}'

# refused NUMBER TEXT: the call is refused with a message that has TEXT in it.
refused() {
  echo "{\"number\": $1, \"bad\": -1}" >"$work/data.json"
  "$work/rejections" sample algorithm=fixed_param num_samples=1 num_warmup=0 data file="$work/data.json" \
    output file="$work/out.csv" >"$work/log" 2>&1
  code=$?
  if [ $code -eq 0 ] || ! grep -q "$2" "$work/log"; then
    echo "rejection $1: exit code $code, expected a message with \"$2\":"
    cat "$work/log"
    failed=1
  fi
}
if "$STANLITE" build -O1 rejections.stanlite -o "$work/rejections"; then
  number=0
  for text in sigma sigma exponential_lpdf beta_lpdf bernoulli_lpmf binomial_lpmf lambda ordered_logistic_lpmf ordered_logistic_lpmf \
    categorical_lpmf uniform_lpdf multi_normal normal_rng theta normal_lpdf; do
    number=$((number + 1))
    refused $number $text
  done
else
  failed=1
fi
exit $failed
