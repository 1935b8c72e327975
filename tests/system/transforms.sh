#!/bin/bash
# Each constrained type, alone, in arrays and with bounds that depend on data and parameters: its transform comes back where it
# began, and its Jacobian is that of a numerical determinant (tests/gradient/transform.c).
. "$(dirname "$0")/../expect.sh"

echo '{"K": 3, "b": [-1, 0, 2.5], "s": 0.7, "free": ["-Inf", 1, "-Inf"]}' >"$work/data.json"
count=0

# transform DECLARATIONS COORDINATES: those of a vector, on which the volume is measured; COORDINATES may be statements that
# set `c`, a vector of the size that stands before them; without them: of unit vectors
transform() {
  count=$((count + 1))
  local quantity="vector[${2-}] c; ${3-}"
  [ $# -eq 1 ] && quantity=
  cat >"$work/model.stan" <<STAN
data { int K; vector[K] b; real s; vector[K] free; }
parameters { $1 }
generated quantities { $quantity }
STAN
  "$STANLITE" build --emit=c "$work/model.stan" >"$work/model.c" 2>"$work/log" || { wrong "$1: $(head -n 5 "$work/log")" && return; }
  local lapack=
  grep -q 'sl_\(cholesky\|mdivide\|inverse\)' "$work/model.c" && lapack='-llapack -lblas'
  # shellcheck disable=SC2086 # words on purpose
  ${CC:-gcc} -std=gnu17 -O0 -w -I. "$work/model.c" tests/gradient/transform.c "$BUILD/lib/libstanlite.a" $lapack -pthread -lm \
    -o "$work/transform" 2>"$work/log" || { wrong "$1: $(head -n 5 "$work/log")" && return; }
  "$work/transform" "$work/data.json" >"$work/log" 2>&1 || wrong "$1: $(head -n 3 "$work/log")"
}

lower() { echo "{ int n = 0; for (i in 1 : K) for (j in 1 : $1) { n += 1; c[n] = x[i, j]; } }"; }

transform 'real x;' 1 'c[1] = x;'
transform 'real<lower=2> x;' 1 'c[1] = x;'
transform 'real<upper=2> x;' 1 'c[1] = x;'
transform 'real<lower=-2, upper=5> x;' 1 'c[1] = x;'
transform 'real<offset=3, multiplier=s> x;' 1 'c[1] = x;'
transform 'real<multiplier=s> x;' 1 'c[1] = x;'
transform 'vector<lower=b>[K] x;' K 'c = x;'
transform 'vector<lower=free>[K] x;' K 'c = x;'
transform 'vector<lower=free, upper=b + 4>[K] x;' K 'c = x;'
transform 'row_vector<lower=b'"'"', upper=3>[K] x;' K "c = x';"
transform 'matrix<upper=[[1, 2, 3], [4, 5, 6]]>[2, K] x;' '2 * K' 'c = to_vector(x);'
transform 'array[2] vector<offset={b, 2 * b}, multiplier=s>[K] x;' '2 * K' 'c = append_row(x[1], x[2]);'
transform 'array[2, 2] real<lower=0, upper={{1, 2}, {3, 4}}> x;' 4 'c = to_vector(to_array_1d(x));'
transform 'real<lower=0> t; vector<lower=t, upper=t + 2>[K] x; real<upper=x[2]> z; real<offset=z, multiplier=t> u;' 'K + 3' \
  'c = append_row(append_row(t, x), [z, u]'"'"');'
transform 'tuple(real<lower=0>, simplex[K]) t; real<lower=t.1> x; vector<lower=-t.2, upper=t.2 + t.1>[K] y; real<multiplier=t.2[1]> z;' \
  '2 * K + 2' 'c = append_row(append_row([t.1, x, z]'"'"', head(t.2, K - 1)), y);'
transform 'complex w; real<lower=get_real(w)> x; vector<offset=[get_imag(w), x]'"'"', multiplier=x - get_real(w)>[2] y;' 5 \
  'c = append_row([get_real(w), get_imag(w), x]'"'"', y);'
transform 'ordered[K] x;' K 'c = x;'
transform 'ordered[1] x;' 1 'c = x;'
transform 'positive_ordered[K] x;' K 'c = x;'
transform 'array[2, 2] positive_ordered[2] x;' 8 'c = append_row(append_row(x[1, 1], x[1, 2]), append_row(x[2, 1], x[2, 2]));'
transform 'simplex[K] x;' 'K - 1' 'c = head(x, K - 1);'
transform 'array[2] simplex[5] x;' 8 'c = append_row(x[1][2 : 5], x[2][1 : 4]);'
transform 'sum_to_zero_vector[4] x;' 4 'c = x;'
transform 'array[2] sum_to_zero_vector[K] x;' 6 'c = append_row(x[1], x[2]);'
transform 'sum_to_zero_matrix[3, 4] x;' 12 'c = to_vector(x);'
transform 'column_stochastic_matrix[3, 4] x;' 8 'c = to_vector(x[1 : 2]);'
transform 'row_stochastic_matrix[3, 4] x;' 9 'c = to_vector(x[ : , 1 : 3]);'
transform 'array[2] row_stochastic_matrix[2, 2] x;' 4 'c = append_row(x[1][ : , 1], x[2][ : , 2]);'
transform 'cholesky_factor_corr[K] x;' 3 "$(lower 'i - 1')"
transform 'cholesky_factor_corr[5] x;' 10 "$(lower 'i - 1' | sed 's/1 : K/1 : 5/')"
transform 'corr_matrix[K] x;' 3 "$(lower 'i - 1')"
transform 'corr_matrix[4] x;' 6 "$(lower 'i - 1' | sed 's/1 : K/1 : 4/')"
transform 'cholesky_factor_cov[K] x;' 6 "$(lower i)"
transform 'cholesky_factor_cov[K, 2] x;' 5 "$(lower 'min(i, 2)')"
transform 'cholesky_factor_cov[2 + 3, K] x;' 12 "$(lower 'min(i, K)' | sed 's/1 : K/1 : 5/')"
transform 'cov_matrix[K] x;' 6 "$(lower i)"
transform 'cov_matrix[1] x;' 1 'c[1] = x[1, 1];'
transform 'unit_vector[K] x;'
transform 'array[2] unit_vector[2] x;'
echo "$count declarations"
exit $failed
