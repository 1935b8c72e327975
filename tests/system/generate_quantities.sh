#!/bin/bash
# generate_quantities: the columns that sampling wrote come again from the draws alone; random ones have the right distribution; a
# program may differ from the one that was fitted; what is missing or wrong is named.
. "$(dirname "$0")/../expect.sh"
cd "$work" || exit 70

# same FIT NEW TOLERANCE: the columns of NEW are in FIT too, and hold the same values; those after `only` alone are the fit's own
same() {
  awk -F, -v tolerance="$3" '
    /^#/ { next }
    FNR == NR { if (!fit_rows) for (i = 1; i <= NF; i++) at[$i] = i; else for (i = 1; i <= NF; i++) fit[fit_rows, i] = $i; fit_rows++; next }
    !new_rows++ { for (i = 1; i <= NF; i++) { if (!($i in at)) { print "no column " $i; bad = 1; exit } column[i] = at[$i]; name[i] = $i } next }
    {
      for (i = 1; i <= NF; i++) {
        old = fit[new_rows - 1, column[i]]; apart = $i - old; size = old < 0 ? -old : old
        if (apart < 0) apart = -apart
        if (apart > tolerance * (size > 1 ? size : 1)) { print name[i] ", draw " new_rows - 1 ": " $i ", the fit has " old; bad = 1; exit }
      }
    }
    END { if (!bad && new_rows != fit_rows) { print new_rows " lines, the fit has " fit_rows; bad = 1 } exit bad }' "$1" "$2" >out ||
    wrong "$2 against $1: $(cat out)"
}

cat >fit.stanlite <<'S'
data {
  int<lower=0> N;
  vector[N] y;
}
parameters {
  real mu;
  real<lower=0> sigma;
  simplex[3] theta;
  array[2] matrix[2, 3] m;
  cholesky_factor_corr[3] L;
  cov_matrix[2] S;
}
transformed parameters {
  real twice = 2 * mu;
}
model {
  mu ~ normal(0, 10);
  sigma ~ exponential(1);
  y ~ normal(mu, sigma);
  for (k in 1:2) to_vector(m[k]) ~ std_normal();
  L ~ lkj_corr_cholesky(2);
  S ~ wishart(40, identity_matrix(2)); // far from singular: its log determinant keeps its digits
}
generated quantities {
  real places = sum(m[1]) + 10 * m[2, 1, 3] + 100 * m[1, 2, 1];
  vector[3] scaled = theta * sigma + twice;
  matrix[3, 3] R = multiply_lower_tri_self_transpose(L);
  real log_size = log_determinant(S);
  real y_new = normal_rng(mu, sigma);
  int count = poisson_rng(3);
}
S
echo '{"N": 4, "y": [1.5, 2, 0.3, 1.1]}' >data.json
"$STANLITE" build fit.stanlite || exit 1
for figures in 18 8; do
  ./fit sample num_chains=2 data file=data.json random seed=4 output file=fit.csv refresh=0 sig_figs=$figures >log 2>&1 ||
    wrong "sampling fails: $(tail -n 3 log)"
  code 0 '' ./fit generate_quantities fitted_params=fit.csv num_chains=2 data file=data.json random seed=4 \
    output file=new.csv sig_figs=$figures
  is=$(columns new_1.csv | cut -d, -f 1-5)
  [ "$is" = places,scaled.1,scaled.2,scaled.3,R.1.1 ] || wrong "the columns begin $is"
  # 8 digits: parameters come back within 5e-8 of themselves, `places` has 1e2 of one
  for chain in 1 2; do same fit_$chain.csv new_$chain.csv "$([ $figures = 18 ] && echo 1e-12 || echo 1e-5)"; done
done
grep -q '^#   generate_quantities' new_1.csv || wrong 'the configuration is not in the header'

# Lists of files, one chain of several, threads, the seed.
cp new_1.csv all_1.csv
code 0 '' ./fit generate_quantities fitted_params=fit_1.csv,fit_2.csv data file=data.json random seed=4 output file=listed.csv num_threads=1
rows listed_1.csv | cmp -s - <(rows new_1.csv) || wrong 'a list of files gives other values'
rows listed_2.csv | cmp -s - <(rows new_2.csv) || wrong 'the values depend on the number of threads'
code 0 '' ./fit generate_quantities fitted_params=fit_2.csv data file=data.json random seed=4 id=2 output file=second.csv
rows second.csv | cmp -s - <(rows new_2.csv) || wrong 'chain 2 alone gives other values'
code 0 '' ./fit generate_quantities fitted_params=fit_1.csv data file=data.json random seed=5 output file=other.csv
[ "$(rows other.csv | cut -d, -f 1-14)" = "$(rows new_1.csv | cut -d, -f 1-14)" ] || wrong 'another seed changes what is not random'
[ "$(rows other.csv | cut -d, -f 15)" != "$(rows new_1.csv | cut -d, -f 15)" ] || wrong 'another seed gives the same random numbers'

# Saved warmup is left out.
./fit sample num_chains=1 num_samples=30 num_warmup=50 save_warmup=1 data file=data.json random seed=4 output file=warm.csv refresh=0 >log 2>&1
code 0 '' ./fit generate_quantities fitted_params=warm.csv data file=data.json random seed=4 output file=cold.csv
[ "$(rows warm.csv | wc -l) $(rows cold.csv | wc -l)" = '80 30' ] || wrong 'warmup draws are not left out'

# New quantities on an old fit: the program has fewer parameters, in another order, and other data. y ~ normal(mu, sigma) given
# each draw, so that z is standard normal and above ~ bernoulli(1 - Phi(1)).
cat >new.stanlite <<'S'
parameters {
  real<lower=0> sigma;
  real mu;
}
transformed parameters {
  real shifted = mu + 100;
}
generated quantities {
  real y = normal_rng(shifted, sigma);
  real z = (y - 100 - mu) / sigma;
  int above = z > 1;
}
S
"$STANLITE" build new.stanlite || exit 1
./fit sample num_chains=4 num_samples=5000 data file=data.json random seed=6 output file=long.csv refresh=0 >log 2>&1
code 0 '' ./new generate_quantities fitted_params=long.csv num_chains=4 random seed=7 output file=replicates.csv
[ "$(columns replicates_4.csv)" = y,z,above ] || wrong "new quantities: columns $(columns replicates_4.csv)"
cat replicates_[1-4].csv | awk -F, '
  /^[#y]/ { next }
  { n++; sum += $2; squares += $2 * $2; above += $3 }
  END {
    se = 1 / sqrt(n); p = 0.15865525393145707
    if (n != 20000 || sum / n > 4 * se || sum / n < -4 * se) { print "mean of z " sum / n; exit 1 }
    if (squares / n - 1 > 4 * sqrt(2) * se || squares / n - 1 < -4 * sqrt(2) * se) { print "variance of z " squares / n; exit 1 }
    if (above / n - p > 4 * sqrt(p * (1 - p)) * se || above / n - p < -4 * sqrt(p * (1 - p)) * se) { print "P(z > 1) " above / n; exit 1 }
  }' >out || wrong "random quantities: $(cat out)"
"$STANLITE" summary replicates_[1-4].csv >out 2>&1 || wrong "no summary: $(cat out)"

# What is wrong is named, and no file is left.
cat >missing.stanlite <<'S'
parameters {
  vector[2] mu;
}
generated quantities {
  real z = mu[1];
}
S
"$STANLITE" build missing.stanlite || exit 1
code 65 'there is no column mu.1' ./missing generate_quantities fitted_params=fit_1.csv output file=none.csv
code 64 'fitted_params=' ./fit generate_quantities data file=data.json output file=none.csv
code 66 'nothing.csv' ./fit generate_quantities fitted_params=nothing.csv data file=data.json output file=none.csv
code 66 'fit_3.csv' ./fit generate_quantities fitted_params=fit.csv num_chains=3 data file=data.json output file=none.csv
code 64 'lists 2 files' ./fit generate_quantities fitted_params=fit_1.csv,fit_2.csv num_chains=3 data file=data.json output file=none.csv
code 64 'another file' ./fit generate_quantities fitted_params=fit_1.csv data file=data.json output file=fit_1.csv
sed 's/^real z.*//; s/  real z = mu\[1\];//' missing.stanlite >bare.stanlite
"$STANLITE" build bare.stanlite || exit 1
code 78 'no generated quantities' ./bare generate_quantities fitted_params=fit_1.csv output file=none.csv
printf 'lp__,mu,sigma\n-1,0.5,2\n-1,0.5,-2\n' >bad.csv
code 65 'bad.csv, draw 2: variable sigma' ./new generate_quantities fitted_params=bad.csv output file=none.csv
printf 'lp__,mu,sigma\n' >empty.csv
code 65 'empty.csv' ./new generate_quantities fitted_params=empty.csv output file=none.csv
: >empty.csv
code 65 'empty.csv' ./new generate_quantities fitted_params=empty.csv output file=none.csv
code 73 'no_folder' ./new generate_quantities fitted_params=fit_1.csv output file=no_folder/none.csv

# A check of the data alone that fails in generated quantities (done ahead of all draws, unless hoist is left out) costs the draws
# these quantities and nothing else; the message is that of the line, and another draw's data-free check is told as before.
cat >refused.stanlite <<'S'
data {
  int N;
  array[N] int at;
}
parameters {
  real mu;
}
transformed parameters {
  real twice = 2 * mu;
}
model {
  mu ~ normal(0, 1);
}
generated quantities {
  real fine = mu + 1;
  vector[N] y;
  for (n in 1:N) y[n] = lgamma(at[n]) * [mu, twice][at[n]];
}
S
"$STANLITE" build refused.stanlite && "$STANLITE" build refused.stanlite --without=hoist -o plain || exit 1
for at in '[1, 2, 1]' '[1, 3, 1]' '[]'; do
  [ "$at" = '[]' ] && echo '{"N": 0, "at": []}' >at.json || echo "{\"N\": 3, \"at\": $at}" >at.json
  for exe in refused plain; do
    ./$exe sample num_chains=1 num_samples=20 num_warmup=200 data file=at.json random seed=3 output file=$exe.csv refresh=0 2>$exe.err ||
      wrong "$exe, at = $at: $(cat $exe.err)"
    grep -v '^#' $exe.csv >$exe.draws
  done
  cmp -s refused.draws plain.draws || wrong "at = $at: draws differ without hoist"
  cmp -s refused.err plain.err || wrong "at = $at: $(cat refused.err) and without hoist $(cat plain.err)"
  [ "$at" != '[1, 3, 1]' ] || { grep -q 'line 17' refused.err && tail -n 1 refused.draws | grep -q ',nan,nan,nan,nan$'; } ||
    wrong "an index out of range: $(cat refused.err; tail -n 1 refused.draws)"
done

compgen -G 'none*' >/dev/null && wrong "a refused run leaves $(ls none*)"
exit $failed
