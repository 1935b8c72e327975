#!/bin/bash
# Tuples and complex numbers outside of a program: in data and inits, in the names and the order of the columns, in `info`, and
# back from a file of draws. Names as CmdStan has them ("Stan CSV", "JSON Format" in its guide).
. "$(dirname "$0")/../expect.sh"

cat >"$work/model.stan" <<'STAN'
data {
  int N;
  tuple(int<lower=0>, tuple(real<lower=1>, array[2] int)) y;
  array[N, 2] tuple(int, tuple(matrix[2, 2], real)) w;
  complex z;
  complex_matrix[2, 3] m;
  array[0] tuple(int, real) nothing;
}
parameters {
  tuple(real<lower=0>, simplex[3]) t;
  array[N] tuple(real<lower=0, upper=1>, array[2] ordered[2], complex) a;
  complex_vector[2] c;
}
model {
  t.1 ~ exponential(1);
  for (n in 1:N) {
    a[n].2[1] ~ normal(0, 1);
    a[n].2[2] ~ normal(0, 1);
    get_real(a[n].3) ~ normal(0, 1);
    get_imag(a[n].3) ~ normal(0, 1);
  }
  get_real(c) ~ normal(0, 1);
  get_imag(c) ~ normal(0, 1);
}
generated quantities {
  array[N, 2] tuple(int, matrix[2, 2]) g;
  complex_matrix[2, 3] h = m;
  complex k = z;
  for (i in 1:N) for (j in 1:2) g[i, j] = (w[i, j].1, w[i, j].2.1);
}
STAN
cat >"$work/data.json" <<'JSON'
{"N": 2, "y": {"1": 3, "2": {"1": 1.5, "2": [4, 5]}},
 "w": [[{"1": 1, "2": {"1": [[1, 2], [3, 4]], "2": 9}}, {"1": 2, "2": {"1": [[5, 6], [7, 8]], "2": 10}}],
       [{"1": 3, "2": {"1": [[11, 12], [13, 14]], "2": 11}}, {"1": 4, "2": {"1": [[15, 16], [17, 18]], "2": 12}}]],
 "z": [1, -2], "m": [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]], "nothing": []}
JSON
"$STANLITE" build -O1 "$work/model.stan" -o "$work/model" >"$work/log" 2>&1 || wrong "$(cat "$work/log")"
cat >"$work/expected" <<'TEXT'
  tuple(int<lower=0>, tuple(real<lower=1>, array[] int)) y
  array[] tuple(real<lower=0, upper=1>, array[] ordered, complex) a
  complex_vector c
TEXT
"$work/model" info | grep -e ' y$' -e ' a$' -e ' c$' | diff -u "$work/expected" - || wrong "info"

# sample DATA-FILE MORE...
sample() {
  local data=$1
  shift
  "$work/model" sample num_warmup=200 num_samples=20 num_chains=1 random seed=1 data file="$data" "$@" \
    output file="$work/draws.csv" refresh=0 >"$work/log" 2>&1
}

sample "$work/data.json" || wrong "$(cat "$work/log")"
grep -v '^#' "$work/draws.csv" | sed -n 1p | cut -d, -f8- >"$work/header"
cat >"$work/expected" <<'TEXT'
t:1,t:2.1,t:2.2,t:2.3,a.1:1,a.1:2.1.1,a.1:2.2.1,a.1:2.1.2,a.1:2.2.2,a.1:3.real,a.1:3.imag,a.2:1,a.2:2.1.1,a.2:2.2.1,a.2:2.1.2,a.2:2.2.2,a.2:3.real,a.2:3.imag,c.1.real,c.1.imag,c.2.real,c.2.imag,g.1.1:1,g.1.1:2.1.1,g.1.1:2.2.1,g.1.1:2.1.2,g.1.1:2.2.2,g.2.1:1,g.2.1:2.1.1,g.2.1:2.2.1,g.2.1:2.1.2,g.2.1:2.2.2,g.1.2:1,g.1.2:2.1.1,g.1.2:2.2.1,g.1.2:2.1.2,g.1.2:2.2.2,g.2.2:1,g.2.2:2.1.1,g.2.2:2.2.1,g.2.2:2.1.2,g.2.2:2.2.2,h.1.1.real,h.1.1.imag,h.2.1.real,h.2.1.imag,h.1.2.real,h.1.2.imag,h.2.2.real,h.2.2.imag,h.1.3.real,h.1.3.imag,h.2.3.real,h.2.3.imag,k.real,k.imag
TEXT
diff -u "$work/expected" "$work/header" || wrong "the names of the columns"
grep -v '^#' "$work/draws.csv" | sed -n 2p | cut -d, -f30- >"$work/values"
echo "1,1,3,2,4,3,11,13,12,14,2,5,7,6,8,4,15,17,16,18,1,2,7,8,3,4,9,10,5,6,11,12,1,-2" >"$work/expected"
diff -u "$work/expected" "$work/values" || wrong "the values of generated quantities"

# A file of draws and its unconstrained points have one log density: back and forth.
"$work/model" log_prob constrained_params="$work/draws.csv" data file="$work/data.json" output file="$work/there.csv" \
  sig_figs=8 >"$work/log" 2>&1 || wrong "$(cat "$work/log")"
awk -F, '/^#/ { next } !seen++ { next } FNR == NR { here[++n] = $1; next } { d = here[++k] - $1; if (d < -1e-4 || d > 1e-4) bad++ }
  END { if (bad || k < 20 || n < 20) { print bad + 0 " of " k " (" n ") differ"; exit 1 } }' \
  <(grep -v '^#' "$work/draws.csv") <(grep -v '^#' "$work/there.csv" | sed 1d) || wrong "lp__ and log_prob differ"

cat >"$work/inits.json" <<'JSON'
{"t": {"1": 0.5, "2": [0.2, 0.3, 0.5]}, "c": [[1, 2], [3, 4]],
 "a": [{"1": 0.25, "2": [[1, 2], [3, 4]], "3": [5, 6]}, {"1": 0.75, "2": [[7, 8], [9, 10]], "3": [11, 12]}]}
JSON
"$work/model" sample algorithm=fixed_param num_warmup=0 num_samples=1 num_chains=1 init="$work/inits.json" \
  data file="$work/data.json" output file="$work/fixed.csv" >"$work/log" 2>&1 || wrong "$(cat "$work/log")"
grep -v '^#' "$work/fixed.csv" | sed -n 2p | cut -d, -f3-24 | tr ',' '\n' | awk '{ printf "%s%.6g", (NR > 1) ? "," : "", $1 } END { print "" }' >"$work/values"
echo "0.5,0.2,0.3,0.5,0.25,1,3,2,4,5,6,0.75,7,9,8,10,11,12,1,2,3,4" >"$work/expected"
diff -u "$work/expected" "$work/values" || wrong "inits"

# Members may be left out; what is no tuple is not overlooked.
echo '{"t": {"1": 0.5}}' >"$work/inits.json"
sample "$work/data.json" init="$work/inits.json" || wrong "a member alone is no init: $(cat "$work/log")"
for inits in '{"t": 3}' '{"t": [0.5, [0.2, 0.3, 0.5]]}' '{"c": [1, 2]}' '{"a": {"1": 0.5}}'; do
  echo "$inits" >"$work/inits.json"
  sample "$work/data.json" init="$work/inits.json"
  [ $? -eq 65 ] && grep -q 'inits.json: variable' "$work/log" || wrong "inits $inits: $(cat "$work/log")"
done

# refused WORDS SED-COMMAND: what is wrong in the data is named
refused() {
  sed "$2" "$work/data.json" >"$work/bad.json"
  sample "$work/bad.json"
  [ $? -eq 65 ] || wrong "'$2' is not exit code 65"
  grep -qF -- "$1" "$work/log" || wrong "'$2' does not say '$1': $(cat "$work/log")"
}
refused 'variable y.1 is -3, but must be at least 0' 's/"1": 3, "2": {"1": 1.5/"1": -3, "2": {"1": 1.5/'
refused 'y.2.1 is 0.5, but must be at least 1' 's/1.5/0.5/'
refused 'variable y.2.2: expected 2 elements, found 1 element' 's/\[4, 5\]/[4]/'
refused 'variable y.2.1 is missing' 's/"1": 1.5, //'
refused 'variable y.1 is missing' 's/"y": {.*$/"y": [3, 1.5],/'
refused 'variable z: expected 2 elements, found a single number' 's/"z": \[1, -2\]/"z": 1/'
refused 'variable w.2.1' 's/"1": \[\[5, 6\], \[7, 8\]\], //'
# print: tuples and arrays of them, nested, with complex numbers and matrices
cat >"$work/print.stan" <<'STAN'
transformed data {
  array[2] tuple(int, real) a = {(1, 2.5), (3, 4)};
  array[1, 2] tuple(real, array[2] tuple(int, complex), matrix[2, 2]) b;
  for (j in 1:2) b[1, j] = (j / 10.0, {(j, 1i), (9, j)}, [[1, j], [3, 4]]);
  array[0] tuple(int, int) none;
  print(a, " ", b, none, b[1, 2].2, (1, (2, [3, 4])));
}
STAN
"$STANLITE" build -O0 "$work/print.stan" -o "$work/print" >"$work/log" 2>&1 || wrong "$(cat "$work/log")"
"$work/print" sample algorithm=fixed_param num_samples=1 num_chains=1 output file="$work/draws.csv" refresh=0 2>"$work/log" |
  grep '^\[(1' >"$work/printed"
echo '[(1,2.5),(3,4)] [[(0.1,[(1,(0,1)),(9,(1,0))],[[1,1],[3,4]]),(0.2,[(2,(0,1)),(9,(2,0))],[[1,2],[3,4]])]][][(2,(0,1)),(9,(2,0))](1,(2,[3,4]))' |
  diff -u - "$work/printed" || wrong "print"
exit $failed
