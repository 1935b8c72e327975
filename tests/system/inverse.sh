#!/bin/bash
# log(sigma), sigma = exp(u), is u (ir/inverse.c), where exp(u) is 0 or inf in double precision as well; what asks for sigma itself is told that.
. "$(dirname "$0")/../expect.sh"

# one NAME MODEL [PARAMETER]: the log density, without the Jacobian, at u = -800, 0.5, 800
one() {
  printf 'parameters { %s; real mu; }\nmodel { %s }\n' "${3:-real<lower=0> sigma}" "$2" >"$work/$1.stanlite"
  "$STANLITE" build "$work/$1.stanlite" -o "$work/$1" || { failed=1 && return; }
  echo '{"params_r": [[-800, 1], [0.5, 1], [800, 1]]}' >"$work/points.json"
  "$work/$1" log_prob unconstrained_params="$work/points.json" jacobian=0 output file="$work/$1.csv" >"$work/log" 2>&1 || cat "$work/log"
  awk -F, '/^[^#l]/ { printf "%s%s", sep, $1; sep = " " } END { print "" }' "$work/$1.csv"
}

# expect NAME MODEL DENSITIES [PARAMETER]
expect() {
  local got
  got=$(one "$1" "$2" "${4:-}")
  [ "$got" = "$3" ] || { echo "$1: '$got', expected '$3'" && failed=1; }
}

expect logarithm 'target += log(sigma);' '-800 0.5 800'
expect root 'target += log(sqrt(sigma)) - log(2 / sigma) + log(2);' '-1200 0.75 1200'
expect modulus 'target += sqrt(square(mu * 1e200));' '1e+200 1e+200 1e+200'
expect checked 'mu ~ normal(1, sigma);' '-inf -0.5 -800' # an infinite scale is allowed
expect probability 'target += log(p) - log1m(p);' '-800 0.5 800' 'real<lower=0, upper=1> p'
exit $failed
