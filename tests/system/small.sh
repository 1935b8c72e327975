#!/bin/bash
# A matrix that is not symmetric, not positive definite or not finite is refused in the same words at the same place, and one at the edge is taken, whether
# pass `small` has written out its factorisation or the runtime is called.
. "$(dirname "$0")/../expect.sh"
cat >"$work/cases.stanlite" <<'END'
data {
  int which;
  matrix[3, 3] m;
}
parameters {
  real<lower=0, upper=1> x;
}
model {
  matrix[3, 3] A = m + 0 * x;
  vector[3] b = [x, 1, 2]';
  matrix[3, 3] e = rep_matrix(0, 3, 3);
  e[2, 1] = x * 0;
  if (which == 1) target += cholesky_decompose(A)[1, 1];
  if (which == 2) target += sum(mdivide_left_spd(A, b));
  if (which == 3) target += sum(mdivide_right_spd(b', A));
  if (which == 4) target += sum(inverse_spd(A));
  if (which == 5) target += log_determinant_spd(A + e);
  if (which == 6) b ~ multi_normal(rep_vector(0, 3), A);
  if (which == 7) b ~ multi_normal_prec(rep_vector(0, 3), A);
  if (which == 8) b ~ multi_normal_cholesky(rep_vector(0, 3), A);
  if (which == 9) target += cholesky_decompose(A[1 : 2, 1 : 2])[1, 1];
}
END
"$STANLITE" build "$work/cases.stanlite" -O0 -o "$work/written" 2>"$work/log" || wrong "does not build: $(head -n 3 "$work/log")"
"$STANLITE" build "$work/cases.stanlite" -O0 --without=small -o "$work/called" 2>"$work/log" || wrong "does not build: $(head -n 3 "$work/log")"

# gradient EXECUTABLE: the exit code and what it says of the density and its gradient at a point
gradient() {
  "$work/$1" log_prob unconstrained_params="$work/point.json" data file="$work/data.json" output file="$work/$1.csv" >"$work/$1.out" 2>&1
  echo "exit code $?" >>"$work/$1.out"
  sed -i "s/$1\.csv/FILE/" "$work/$1.out"
  grep -v '^#' "$work/$1.csv" >>"$work/$1.out" 2>/dev/null
  rm -f "$work/$1.csv"
}

refused=0 taken=0
echo '{"params_r": [[0.3]]}' >"$work/point.json"
while read -r m; do
  for which in 1 2 3 4 5 6 7 8 9; do
    echo "{\"which\": $which, \"m\": $m}" >"$work/data.json"
    gradient written
    gradient called
    diff "$work/called.out" "$work/written.out" >"$work/out" || wrong "case $which of $m: $(head -n 6 "$work/out")"
    grep -q '^exit code 0' "$work/written.out" || wrong "case $which of $m: $(head -n 6 "$work/written.out")"
    if grep -q 'A point was rejected' "$work/written.out"; then refused=$((refused + 1)); else taken=$((taken + 1)); fi
  done
done <<'END'
[[2, 0.5, 0.1], [0.5, 3, 0.2], [0.1, 0.2, 1]]
[[2, 0.5, 0.1], [0.50000000999, 3, 0.2], [0.1, 0.2, 1]]
[[2, 0.5, 0.1], [0.5000000101, 3, 0.2], [0.1, 0.2, 1]]
[[2, 0.5, 0.1], [0.5, 3, 0.9], [0.1, 0.2, 1]]
[[0, 0, 0], [0, 1, 0], [0, 0, 1]]
[[-1, 0, 0], [0, 1, 0], [0, 0, 1]]
[[1, 1, 0], [1, 1, 0], [0, 0, 1]]
[[1, 2, 0], [2, 1, 0], [0, 0, 1]]
[[1, 0, 1], [0, 1, 0], [1, 0, 1]]
[[1, 0, 2], [0, 1, 0], [2, 0, -1]]
[["NaN", 0, 0], [0, 1, 0], [0, 0, 1]]
[[1, "NaN", 0], ["NaN", 1, 0], [0, 0, 1]]
[[1, "NaN", 0], [0, 1, 0], [0, 0, 1]]
[["Inf", 0, 0], [0, 1, 0], [0, 0, 1]]
[["Inf", 0, 0], [0, -1, 0], [0, 0, 1]]
[[1, 0, 0], [0, "Inf", 0], [0, 0, "Inf"]]
[[1, "Inf", 0], ["Inf", 1, 0], [0, 0, 1]]
[[1e-300, 0, 0], [0, 1e-300, 0], [0, 0, 1e-300]]
[[1, 0.5, 0], [0, 1, 0], [0, 0, 1]]
[[1, 0, 0], [0.5, 0, 0], [0, 0, 1]]
END
[ $refused -ge 60 ] && [ $taken -ge 20 ] || wrong "only $refused points are refused, and $taken taken"
"$STANLITE" build --emit=small "$work/cases.stanlite" | sed -n '/^log_density/,/^constrain/p' >"$work/small"
! grep -nE '= [a-z_]+\(.*;' "$work/small" || wrong "not all calls are written out"
exit $failed
