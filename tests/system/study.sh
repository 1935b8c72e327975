#!/bin/bash
# stanlite study: estimates are those of the closed form, the table follows from the rows, the rows from the seed alone; truths from the
# simulation and from --true; what fails is told, an interrupt leaves the finished rows, and nothing else stays behind.
. "$(dirname "$0")/../expect.sh"
cd "$work" || exit 70
export XDG_CACHE_HOME=$work/cache TMPDIR=$work/tmp
mkdir tmp

# mu ~ normal(0, 1), y ~ normal(mu, 1): the posterior is normal(sum(y) / (N + 1), 1 / sqrt(N + 1)).
cat >simulate.stanlite <<'S'
data {
  int<lower=0> N;
}
generated quantities {
  real mu = std_normal_rng();
  vector[N] y;
  array[2, 3] int places = {{11, 12, 13}, {21, 22, 23}};
  matrix[2, 3] cells = [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]];
  for (n in 1:N) y[n] = normal_rng(mu, 1);
}
S
cat >fit.stanlite <<'S'
data {
  int<lower=0> N;
  vector[N] y;
  array[2, 3] int places;
  matrix[2, 3] cells;
}
parameters {
  real mu;
  vector[2] noise;
}
model {
  mu ~ std_normal();
  y ~ normal(mu, 1);
  noise ~ std_normal();
}
generated quantities {
  real exact_mean = sum(y) / (N + 1);
  real shape = places[1, 2] + 100 * places[2, 3] + cells[2, 1] / 10;
}
S
sed 's/mu ~ std_normal()/mu ~ normal(3, 1)/' fit.stanlite >off.stanlite
echo '{"N": 3, "unused": [1, 2]}' >constants.json

study=("$STANLITE" study --simulate=simulate.stanlite --fit=fit.stanlite --fit off.stanlite --data=constants.json)
code 0 '400 of 400 fits' "${study[@]}" --replications=200 --quantities='mu,exact_mean,shape,noise[2]' --true='noise[2]=0' --seed=3 \
  num_samples=250 num_warmup=250 -o rows.csv
cp out table
[ "$(wc -l <rows.csv)" -eq 401 ] || wrong "$(wc -l <rows.csv) lines, not 401"
[ "$(sed -n 2p rows.csv | cut -d, -f 1-2) $(tail -n 1 rows.csv | cut -d, -f 1-2)" = '1,fit 200,off' ] || wrong 'rows are not in order'

# Each fit of `fit` has the mean of the closed form within 5 of its standard errors (ESS), and the sd 0.5 within a fifth.
awk -F, '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $at["shape.mean"] - 2312.45 > 1e-4 || 2312.45 - $at["shape.mean"] > 1e-4 { print "the arrays came as " $at["shape.mean"]; exit 1 }
  $2 == "fit" {
    z = ($at["mu.mean"] - $at["exact_mean.mean"]) / ($at["mu.sd"] / sqrt($at["mu.ess_bulk"]))
    if (z > 5 || z < -5 || $at["mu.sd"] < 0.4 || $at["mu.sd"] > 0.6) { print "replication " $1 ": " z " standard errors, sd " $at["mu.sd"]; exit 1 }
    if ($at["noise.2.true"] != 0 || $at["mu.rank"] < 0 || $at["mu.rank"] > 1) { print "replication " $1 ": truth or rank"; exit 1 }
    n++; error += $at["mu.mean"] - $at["mu.true"]; square += ($at["mu.mean"] - $at["mu.true"])^2
    inside += $at["mu.q5"] <= $at["mu.true"] && $at["mu.true"] <= $at["mu.q95"]
  }
  END { printf "%.6f %.6f %.6f\n", error / n, sqrt(square / n), inside / n }' rows.csv >mine || wrong "rows: $(cat mine)"

# The table says the same, and 200 replications cover as they should: RMSE 0.5 and 90 %, within 4 standard errors.
awk '$1 == "fit" && $2 == "mu" { print $5, $7, $10 }' table >theirs
paste -d ' ' mine theirs | awk '
  { for (i = 1; i <= 3; i++) if ($i - $(i + 3) > 6e-4 || $(i + 3) - $i > 6e-4) { print "table: " $0; exit 1 } }
  $2 < 0.4 || $2 > 0.6 || $3 < 0.815 || $3 > 0.985 { print "not as the model: " $0; exit 1 }' >out || wrong "$(cat out)"
p=$(sed -n 's/^fit, mu: .* p = //p' table)
awk -v p="${p%.}" 'BEGIN { exit !(p > 1e-5) }' || wrong "the ranks of a right model are not uniform: p = $p"
p=$(sed -n 's/^off, mu: .* p = //p' table)
awk -v p="${p%.}" 'BEGIN { exit !(p < 1e-5) }' || wrong "the ranks of a wrong model are uniform: p = $p"

# The seed alone decides; the number of replications and of jobs does not. Names of programs, quantities that are found.
code 0 '' "${study[@]}" --replications=7 --quantities=mu,exact_mean,shape,noise.2 --true=noise.2=0 --seed=3 --jobs=1 \
  num_samples=250 num_warmup=250 -o few.csv
head -n 15 rows.csv | cmp -s - few.csv || wrong 'rows depend on more than the seed'
code 0 '' "${study[@]}" --replications=7 --quantities=mu,exact_mean,shape,noise.2 --true=noise.2=0 --seed=4 --jobs=3 \
  num_samples=250 num_warmup=250 -o other.csv
cmp -s few.csv other.csv && wrong 'another seed gives the same rows'
code 0 'mine  mu' "$STANLITE" study --simulate=simulate.stanlite --fit=mine:fit.stanlite --data=constants.json --replications=2 \
  num_chains=1 num_samples=100 algorithm=mh
[ "$(head -n 1 study.csv | cut -d, -f 5,17)" = mu.true ] || wrong "quantities that were found: $(head -n 1 study.csv)"

# A simulation with parameters draws them from its prior: their ranks are uniform too.
cat >prior.stanlite <<'S'
data {
  int<lower=0> N;
}
parameters {
  real mu;
}
model {
  mu ~ std_normal();
}
generated quantities {
  array[2, 3] int places = {{11, 12, 13}, {21, 22, 23}};
  matrix[2, 3] cells = [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]];
  vector[N] y;
  for (n in 1:N) y[n] = normal_rng(mu, 1);
}
S
code 0 'mu: ranks' "$STANLITE" study --simulate=prior.stanlite --fit=fit.stanlite --data=constants.json --replications=100 --seed=5 \
  num_chains=2 num_samples=250 num_warmup=250
p=$(sed -n 's/^fit, mu: .* p = //p' out)
awk -v p="${p%.}" 'BEGIN { exit !(p > 1e-5) }' || wrong "a prior by parameters: p = $p"

# What is wrong.
rm -f study.csv
code 64 'which program draws' "$STANLITE" study --fit=fit.stanlite
code 64 'which program is fitted' "$STANLITE" study --simulate=simulate.stanlite
code 64 'no option --fast' "${study[@]}" --fast
code 64 'wants a value' "${study[@]}" --seed
code 64 'whole number' "${study[@]}" --replications=0
code 64 'NAME=VALUE' "${study[@]}" --true=mu
code 64 'give them names' "${study[@]}" --fit=fit.stanlite
code 64 'seed=' "${study[@]}" seed=3
code 64 'nmu_samples' "${study[@]}" nmu_samples=3
code 64 'given twice' "${study[@]}" method=log_prob
code 64 'no parameter or quantity "tau"' "${study[@]}" --quantities=tau
code 64 'not among the quantities' "${study[@]}" --quantities=mu --true=tau=1
code 65 'simulate.stanlite cannot simulate' "$STANLITE" study --simulate=simulate.stanlite --fit=fit.stanlite
code 66 'none.json' "$STANLITE" study --simulate=simulate.stanlite --fit=fit.stanlite --data=none.json
code 66 'none.stanlite' "$STANLITE" study --simulate=none.stanlite --fit=fit.stanlite
code 73 'no_folder' "${study[@]}" --replications=2 -o no_folder/study.csv
sed 's/places/positions/' fit.stanlite >wants.stanlite
code 65 'positions' "$STANLITE" study --simulate=simulate.stanlite --fit=wants.stanlite --data=constants.json
[ -e study.csv ] && wrong 'a study that failed leaves study.csv'

# A fit that fails now and then is left out.
sed 's/^model {/model {\n  if (y[1] > 1.3) fatal_error("too large");/' fit.stanlite >fragile.stanlite
code 0 'more failed' "$STANLITE" study --simulate=simulate.stanlite --fit=fragile.stanlite --data=constants.json --replications=20 \
  --seed=3 --jobs=1 num_chains=1 num_samples=100 num_warmup=100
grep -q 'A fit failed and is left out' out || wrong 'a failure is not told'

# Interrupted: the finished rows are there, in order.
"${study[@]}" --replications=300 num_samples=20000 -o cut.csv >out 2>&1 &
pid=$!
for _ in $(seq 1200); do [ "$(cat cut.csv 2>/dev/null | wc -l)" -ge 3 ] && break; sleep 0.1; done
kill -INT $pid
wait $pid
[ $? -eq 130 ] || wrong "an interrupted study does not exit with 130: $(tail -n 3 out)"
lines=$(wc -l <cut.csv)
[ "$lines" -ge 3 ] && [ "$lines" -lt 601 ] || wrong "an interrupted study leaves $lines lines"
[ "$(awk -F, 'NR == 1 { n = NF } NF != n' cut.csv | wc -l)" -eq 0 ] || wrong 'an interrupted study leaves a broken row'
grep -q '^fit  *mu ' out || wrong 'an interrupted study prints no table'
leftover=$(ls tmp)
[ -z "$leftover" ] || wrong "left behind: $leftover"
exit $failed
