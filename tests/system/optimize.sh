#!/bin/bash
# The methods optimize and laplace of compiled programs: estimates, standard errors and draws against closed forms and against
# scipy (tests/reference/make_optimum.py), the files that they write, and what they refuse.
. "$(dirname "$0")/../expect.sh"
example=$root/examples/tutoring
cd "$work" || exit 70

# near NAME ACTUAL EXPECTED TOLERANCE: relative to the larger of 1 and the expected
near() {
  awk -v name="$1" -v a="$2" -v e="$3" -v t="$4" 'BEGIN {
    d = a - e; if (d < 0) d = -d; size = e < 0 ? -e : e; if (size < 1) size = 1
    if (a !~ /^-?[0-9]/ || d > t * size) { printf "%s is %s, expected %s\n", name, a, e; exit 1 } }' || failed=1
}

# column FILE NAME: the last row's
column() {
  awk -F, -v name="$2" '/^#/ { next } !at { for (i = 1; i <= NF; i++) if ($i == name) at = i; next } { v = $at } END { print v }' "$1"
}
# wald FILE NAME FIELD: 3 estimate, 4 standard error, 5 z, 6 p
wald() { awk -F, -v name="$2" -v field="$3" '/^# wald,/ && $2 == name { print $field }' "$1"; }
build() {
  cat >"$1.stanlite"
  "$STANLITE" build "$1.stanlite" -o "$1" || wrong "$1 is not built"
}

# A probability with 2 successes in 10: the likelihood's maximum is 0.2; with the Jacobian of logit, (2 + 1) / (10 + 2).
build coin <<'S'
data {
  int<lower=0> N;
  array[N] int<lower=0, upper=1> y;
}
parameters {
  real<lower=0, upper=1> theta;
}
model {
  y ~ bernoulli(theta);
}
generated quantities {
  real odds = theta / (1 - theta);
  int y_new = bernoulli_rng(theta);
  real noise = normal_rng(0, 1);
}
S
echo '{"N": 10, "y": [0, 1, 0, 0, 0, 0, 0, 0, 0, 1]}' >coin.json
for algorithm in lbfgs bfgs newton; do
  for seed in 1 2 3; do
    code 0 'Optimization terminated normally' ./coin optimize algorithm=$algorithm data file=coin.json random seed=$seed
    near "theta, $algorithm" "$(column output.csv theta)" 0.2 1e-4
    near "lp__, $algorithm" "$(column output.csv lp__)" -5.0040242353818785 1e-7
    near "odds, $algorithm" "$(column output.csv odds)" 0.25 1e-3
    code 0 '' ./coin optimize algorithm=$algorithm jacobian=1 data file=coin.json random seed=$seed
    near "theta, $algorithm, jacobian=1" "$(column output.csv theta)" 0.25 1e-4
  done
done
code 0 'Convergence detected' ./coin optimize data file=coin.json random seed=1
grep -q '^# unconstrained_parameters = 1$' output.csv || wrong 'the header lacks the number of parameters'
grep -q '^# outcome = Convergence detected' output.csv || wrong 'the header lacks the outcome'
grep -q '^lp__,theta,odds,y_new,noise$' output.csv || wrong 'the columns are not lp__ and the variables'
[ "$(grep -cv '^#' output.csv)" -eq 2 ] || wrong 'optimize does not write one row'
code 0 'Initial log joint probability' ./coin optimize save_iterations=1 data file=coin.json random seed=1
rows=$(grep -cv '^#' output.csv)
[ "$rows" -gt 4 ] || wrong "save_iterations=1 writes $rows lines"
code 0 'may not be the maximum' ./coin optimize iter=1 data file=coin.json random seed=1
code 64 'lbfgs' ./coin optimize algorithm=simplex data file=coin.json
code 64 'history_size' ./coin optimize algorithm=bfgs history_size=3 data file=coin.json
code 73 'no_folder' ./coin optimize data file=coin.json output file=no_folder/x.csv

# Standard errors of the same: sqrt(theta (1 - theta) / 10), and of the odds that divided by (1 - theta)^2.
code 0 'Log density at the mode' ./coin laplace jacobian=0 data file=coin.json random seed=1 output file=direct.csv sig_figs=12
near 'theta of laplace' "$(wald direct.csv theta 3)" 0.2 1e-9
near 'error of theta' "$(wald direct.csv theta 4)" 0.12649110640673518 1e-7
near 'z of theta' "$(wald direct.csv theta 5)" 1.5811388300841895 1e-7
near 'p of theta' "$(wald direct.csv theta 6)" 0.11384629800665769 1e-7
near 'error of the odds' "$(wald direct.csv odds 4)" 0.19764235376052372 1e-7
[ "$(wald direct.csv noise 4)" = nan ] || wrong 'a random number has a standard error'
[ "$(grep -cv '^#' direct.csv)" -eq 1001 ] || wrong 'laplace does not write 1000 draws'
grep -q '^log_p__,log_q__,theta,odds,y_new,noise$' direct.csv || wrong 'the columns of laplace are others than CmdStan has'
./coin optimize data file=coin.json random seed=4 output file=mode.csv >/dev/null
code 0 '' ./coin laplace mode=mode.csv jacobian=0 data file=coin.json random seed=1 output file=given.csv sig_figs=12
near 'error of theta at a given mode' "$(wald given.csv theta 4)" 0.12649110640673518 1e-7
echo '{"theta": 0.2}' >mode.json
code 0 '' ./coin laplace mode=mode.json jacobian=0 draws=0 data file=coin.json output file=json.csv
near 'error of theta at a mode in JSON' "$(wald json.csv theta 4)" 0.1264911 1e-6
code 0 'is no mode' ./coin laplace mode=mode.json jacobian=1 data file=coin.json
code 66 'none.csv' ./coin laplace mode=none.csv data file=coin.json
echo '{"p": 0.2}' >other.json
code 65 'theta is missing' ./coin laplace mode=other.json data file=coin.json
echo '{"theta": 1.2}' >other.json
code 65 'theta' ./coin laplace mode=other.json data file=coin.json
./coin laplace jacobian=0 data file=coin.json random seed=1 output file=again.csv sig_figs=12 >/dev/null
[ "$(grep -v '^#' direct.csv)" = "$(grep -v '^#' again.csv)" ] || wrong 'the same seed gives other draws'
./coin laplace jacobian=0 calculate_lp=0 data file=coin.json output file=nan.csv >/dev/null
[ "$(column nan.csv log_p__)" = nan ] || wrong 'calculate_lp=0 calculates'

# A normal sample's mean and deviation: sqrt(sum of squares / N), with errors sd / sqrt(N) and sd / sqrt(2 N).
build normal <<'S'
data {
  int N;
  vector[N] y;
}
parameters {
  real mu;
  real<lower=0> sigma;
}
model {
  y ~ normal(mu, sigma);
}
S
echo '{"N": 5, "y": [1002, 1004, 1007, 1001, 1011]}' >normal.json
code 0 '' ./normal laplace jacobian=0 draws=20000 data file=normal.json random seed=5 output file=normal.csv sig_figs=12
near mu "$(wald normal.csv mu 3)" 1005 1e-10
near sigma "$(wald normal.csv sigma 3)" 3.6331804249169903 1e-8
near 'error of mu' "$(wald normal.csv mu 4)" 1.6248076809271921 1e-8
near 'error of sigma' "$(wald normal.csv sigma 4)" 1.1489125293076057 1e-8
# The draws are normal in mu and log sigma: means and deviations by z scores, log_q__ minus half a chi-square of 2.
awk -F, '/^#/ || /^log_p/ { next }
  { n++; m = ($3 - 1005) / 1.6248076809271921; s = (log($4) - log(3.6331804249169903)) * sqrt(10)
    sum[1] += m; sum[2] += s; square[1] += m * m; square[2] += s * s; cross += m * s; q += -2 * $2 - m * m - s * s }
  END {
    for (i = 1; i <= 2; i++) {
      if (sum[i] ^ 2 > 16 * n) { print "the mean of the draws is off by " sum[i] / sqrt(n) " errors"; bad = 1 }
      if ((square[i] - n) ^ 2 > 16 * 2 * n) { print "the variance of the draws is off: " square[i] / n; bad = 1 }
    }
    if (cross ^ 2 > 16 * n) { print "mu and log sigma are correlated: " cross / n; bad = 1 }
    if (q ^ 2 > 1e-8 * n) { print "log_q__ is not the distance: " q / n; bad = 1 }
    exit bad }' normal.csv || failed=1

# Logistic regression with predictors of different scales, as scipy has it.
build logistic <<'S'
data {
  int N;
  matrix[N, 3] x;
  array[N] int<lower=0, upper=1> y;
}
parameters {
  vector[3] b;
}
model {
  target += bernoulli_logit_lpmf(y | x * b);
}
S
echo '{"N": 10, "x": [[1, -2.1, 100], [1, -1.4, 340], [1, -0.9, 220], [1, -0.3, 180], [1, 0.0, 290], [1, 0.4, 410], [1, 0.8, 130],
  [1, 1.5, 250], [1, 1.9, 370], [1, 2.6, 200]], "y": [0, 0, 1, 0, 0, 1, 0, 1, 1, 1]}' >logistic.json
code 0 '' ./logistic laplace jacobian=0 data file=logistic.json random seed=2 output file=logistic.csv sig_figs=12
while read -r name estimate error; do
  near "$name" "$(wald logistic.csv "$name" 3)" "$estimate" 1e-8
  near "error of $name" "$(wald logistic.csv "$name" 4)" "$error" 1e-8
done <<'S'
b.1 -3.287661276067061 2.895397360802606
b.2 1.2593609974281352 0.8208439279481148
b.3 0.011694198965023566 0.010742527765446538
S
code 0 '' ./logistic optimize data file=logistic.json random seed=2
near 'log likelihood' "$(column output.csv lp__)" -4.0651156832040245 1e-6
code 0 '' ./logistic laplace output columns=b.2 file=chosen.csv data file=logistic.json
grep -q '^log_p__,log_q__,b.2$' chosen.csv || wrong 'columns= is not obeyed by laplace'

# The lecture's mixed logit, its site effects integrated out by Laplace's approximation: estimates and errors from mpmath with 40
# digits (tests/reference/make_mixed_logit.py). lme4 prints 1.0306 (1.6892), -3.2612 (2.0386) and 3.0567: its search ends earlier.
if [ -e "$example/tutoring_likelihood.stanlite" ]; then
  "$STANLITE" build "$example/tutoring_likelihood.stanlite" -o mixed || wrong 'the mixed logit is not built'
  code 0 '' ./mixed laplace jacobian=0 data file="$example/tutoring.json" random seed=1 output file=mixed.csv sig_figs=12
  while read -r name estimate error; do
    near "$name" "$(wald mixed.csv "$name" 3)" "$estimate" 1e-6
    near "error of $name" "$(wald mixed.csv "$name" 4)" "$error" 1e-6
  done <<'S'
beta_0 1.03063104115 1.68961660195
beta_method -3.26149154342 2.04095296609
sigma_site 3.05684737478 2.04747873265
S
fi

# The log likelihood does not vary at its maximum: it has no z.
[ "$(wald mixed.csv log_likelihood 4)" = 0 ] || [ ! -e mixed.csv ] || [ -z "$(wald mixed.csv log_likelihood 4)" ] ||
  wrong 'the log likelihood has a standard error at its maximum'

# What has no mode, or none that can be told, is refused and named.
build flat <<'S'
parameters {
  real a;
  real b;
  real c;
}
model {
  a + b ~ normal(1, 2);
  c ~ std_normal();
}
S
code 65 'Parameters: a, b' ./flat laplace
build bound <<'S'
parameters {
  real<lower=0> s;
  real<lower=0, upper=1> p;
}
model {
  s ~ normal(-1, 1);
  p ~ beta(1, 4);
}
S
code 0 '' ./bound optimize random seed=1
near 'a mode at the bound' "$(column output.csv s)" 0 1e-4
code 65 'runs out at infinity' ./bound laplace jacobian=0 random seed=1
code 0 '' ./bound laplace jacobian=1 random seed=1 output file=bound.csv
near 's with its Jacobian' "$(wald bound.csv s 3)" 0.6180339887498949 1e-7
near 'p with its Jacobian' "$(wald bound.csv p 3)" 0.2 1e-7
build kink <<'S'
parameters {
  vector[3] a;
}
model {
  a[{1, 3}] ~ std_normal();
  a[2] ~ double_exponential(0, 1);
}
S
code 65 'Parameters: a[2]' ./kink laplace random seed=1
build funnel <<'S'
parameters {
  real<lower=0> tau;
  vector[3] x;
}
model {
  x ~ normal(0, tau);
}
S
code 65 'no more progress can be made' ./funnel optimize random seed=1 output file=funnel.csv
[ "$(grep -cv '^#' funnel.csv)" -eq 2 ] || wrong 'a failed search does not write its last point'
code 65 '' ./funnel laplace random seed=1 output file=refused.csv
[ -e refused.csv ] && wrong 'a refused approximation leaves a file'
build rejecting <<'S'
parameters {
  real x;
}
model {
  if (x > 1) reject("x is ", x);
  x ~ normal(0.9, 3);
}
S
for seed in 1 2 3 4 5; do
  code 0 '' ./rejecting optimize random seed=$seed
  near 'x next to the border' "$(column output.csv x)" 0.9 1e-3
done
build fatal <<'S'
parameters {
  real x;
}
model {
  if (x < 1.5 && x > -1.5) fatal_error("stop");
  x ~ normal(0, 1);
}
S
echo '{"x": 3}' >start.json
code 65 'stop' ./fatal optimize init=start.json
build empty <<'S'
generated quantities {
  real y = normal_rng(0, 1);
}
S
code 0 'no parameters' ./empty optimize output file=empty.csv
[ "$(grep -cv '^#' empty.csv)" -eq 2 ] || wrong 'a model without parameters has no row'
code 0 'no parameters' ./empty laplace draws=3 output file=empty.csv
[ "$(grep -cv '^#' empty.csv)" -eq 4 ] || wrong 'a model without parameters has no draws'

echo '{"mu": 1005, "sigma": 4}' >start_normal.json
# diagnose: the gradient beside differences, in CmdStan's table.
code 0 'finite diff' ./normal diagnose data file=normal.json init=start_normal.json output file=gradient.csv
grep -q '^# TEST GRADIENT MODE$' gradient.csv || wrong 'diagnose writes no table to its file'
code 0 'TEST GRADIENT MODE' ./coin diagnose test=gradient epsilon=1e-5 data file=coin.json random seed=1
code 70 'differ by more than' ./coin diagnose test=gradient epsilon=0.5 data file=coin.json random seed=1
exit $failed
