#!/bin/bash
# Every type in every block, alone and in arrays of one to four dimensions: read as data, handed through functions and local
# variables to transformed data and generated quantities; given as inits (JSON and CSV), constrained, handed to transformed
# parameters, written, read back by generate_quantities and log_prob, optimized and approximated.
. "$(dirname "$0")/../expect.sh"

# NAME | DECLARED | LOCAL | IN FUNCTIONS | VALUE | what an optimum needs of p
cat >"$work/types" <<'TABLE'
int|int<lower=0,upper=9>|int|int|3|
real|real<lower=0>|real|real|0.5|p ~ normal(1, 1);
complex|complex|complex|complex|[0.25,-1.5]|[get_real(p), get_imag(p)] ~ normal(1, 1);
vector|vector<lower=-3,upper=7>[3]|vector[3]|vector|[1.5,-2,0.25]|p ~ normal(0, 1);
row_vector|row_vector[3]|row_vector[3]|row_vector|[1.5,-2,0.25]|p ~ normal(0, 1);
matrix|matrix<offset=1,multiplier=2>[2,3]|matrix[2,3]|matrix|[[1,2,3],[4,5,6.5]]|to_vector(p) ~ normal(0, 1);
complex_vector|complex_vector[2]|complex_vector[2]|complex_vector|[[1,2],[3,4]]|get_real(p) ~ normal(0, 1); get_imag(p) ~ normal(0, 1);
complex_row_vector|complex_row_vector[2]|complex_row_vector[2]|complex_row_vector|[[1,2],[3,4]]|get_real(p) ~ normal(0, 1); get_imag(p) ~ normal(0, 1);
complex_matrix|complex_matrix[2,2]|complex_matrix[2,2]|complex_matrix|[[[1,2],[3,4]],[[5,6],[7,8]]]|to_vector(get_real(p)) ~ normal(0, 1); to_vector(get_imag(p)) ~ normal(0, 1);
simplex|simplex[3]|vector[3]|vector|[0.125,0.375,0.5]|p ~ dirichlet([2, 3, 4]');
unit_vector|unit_vector[2]|vector[2]|vector|[0.6,0.8]|
ordered|ordered[3]|vector[3]|vector|[-1,0.5,2]|p ~ normal(0, 1);
positive_ordered|positive_ordered[2]|vector[2]|vector|[0.5,2]|p ~ gamma(3, 1);
sum_to_zero_vector|sum_to_zero_vector[3]|vector[3]|vector|[1,2,-3]|p ~ normal(0, 1);
sum_to_zero_matrix|sum_to_zero_matrix[2,3]|matrix[2,3]|matrix|[[1,2,-3],[-1,-2,3]]|to_vector(p) ~ normal(0, 1);
cholesky_factor_corr|cholesky_factor_corr[2]|matrix[2,2]|matrix|[[1,0],[0.6,0.8]]|p ~ lkj_corr_cholesky(3);
cholesky_factor_cov|cholesky_factor_cov[3,2]|matrix[3,2]|matrix|[[1,0],[2,3],[4,5]]|to_vector(p) ~ normal(1, 1);
corr_matrix|corr_matrix[3]|matrix[3,3]|matrix|[[1,0.5,0.25],[0.5,1,0.5],[0.25,0.5,1]]|p ~ lkj_corr(3);
cov_matrix|cov_matrix[2]|matrix[2,2]|matrix|[[2,1],[1,3]]|p ~ wishart(5, [[1, 0.5], [0.5, 1]]);
column_stochastic|column_stochastic_matrix[2,3]|matrix[2,3]|matrix|[[0.25,0.5,0.75],[0.75,0.5,0.25]]|for (i in 1:3) p[ , i] ~ dirichlet([2, 3]');
row_stochastic|row_stochastic_matrix[2,3]|matrix[2,3]|matrix|[[0.25,0.5,0.25],[0.125,0.5,0.375]]|for (i in 1:2) p[i]' ~ dirichlet([2, 3, 4]');
tuple|tuple(real<lower=0>, tuple(simplex[2], complex), array[2] matrix[2,2])|tuple(real, tuple(vector[2], complex), array[2] matrix[2,2])|tuple(real, tuple(vector, complex), array[] matrix)|{"1":0.5,"2":{"1":[0.25,0.75],"2":[1,2]},"3":[[[1,2],[3,4]],[[5,6],[7,8]]]}|p.1 ~ gamma(2, 1); p.2.1 ~ dirichlet([2, 3]'); [get_real(p.2.2), get_imag(p.2.2)] ~ normal(0, 1); for (i in 1:2) to_vector(p.3[i]) ~ normal(0, 1);
int_tuple|tuple(int, array[2] int<lower=1>)|tuple(int, array[2] int)|tuple(int, array[] int)|{"1":-4,"2":[1,2]}|
TABLE

# in_arrays SIZES VALUE: [[VALUE, VALUE], ...]
in_arrays() {
  local text=$2 sizes=$1 size i row
  while [ -n "$sizes" ]; do
    size=${sizes##*,}
    sizes=${sizes%"$size"}
    sizes=${sizes%,}
    row=$text
    for ((i = 1; i < size; i++)); do row+=",$text"; done
    text="[$row]"
  done
  echo "$text"
}

declare -A part
values=
while IFS='|' read -r name declared local in_functions value _; do
  for sizes in '' 2 2,1 1,2,2 1,2,1,2; do
    v=${name}_$(tr -d ',0-9' <<<"$sizes" | wc -c)${sizes//,/}
    array=${sizes:+array[$sizes] } open=${sizes:+array[${sizes//[0-9]/}] }
    part[functions]+="$open$in_functions same_$v($open$in_functions x, int n) { if (n > 1) return x; $array$local y = x; return y; }"$'\n'
    part[data]+="$array$declared d_$v;"$'\n'
    part[transformed_data]+="$array$declared t_$v = same_$v(d_$v, 1);"$'\n'
    part[generated]+="$array$declared g_$v; { $array$local l = same_$v(t_$v, 2); g_$v = l; }"$'\n'
    values+="\"d_$v\": $(in_arrays "$sizes" "$value"),"$'\n'
    [[ $name == int* ]] && continue
    part[parameters]+="$array$declared p_$v;"$'\n'
    part[transformed]+="$array$declared q_$v = same_$v(p_$v, n);"$'\n'
    values+="\"p_$v\": $(in_arrays "$sizes" "$value"),"$'\n'
  done
done <"$work/types"
cat >"$work/model.stan" <<STAN
functions { ${part[functions]} }
data { int n; ${part[data]} }
transformed data { ${part[transformed_data]} }
parameters { ${part[parameters]} }
transformed parameters { ${part[transformed]} }
generated quantities { ${part[generated]} }
STAN
echo "{$values \"n\": 1}" >"$work/model.json"
code 0 '' "$STANLITE" build -O0 "$work/model.stan" -o "$work/model"

# columns PREFIX FILE: the names without the prefix, and their values
columns() {
  grep -v '^#' "$2" | awk -F, -v p="$1" 'NR == 1 { split($0, name, ","); next }
    { for (i = 1; i <= NF; i++) if (substr(name[i], 1, 2) == p "_") printf "%s %.6g\n", substr(name[i], 3), $i }'
}
# agree FILE: parameters and what became of them are what the generated quantities got from the data
agree() {
  columns g "$1" >"$work/g"
  [ -s "$work/g" ] || wrong "$1 has no generated quantities"
  for p in p q; do
    columns $p "$1" | diff <(grep -v '^int' "$work/g") - >"$work/log" || wrong "$1: ${p}_...: $(head -n 4 "$work/log")"
  done
}
run() { code 0 '' "$work/model" "$@" data file="$work/model.json"; }
sample=(sample algorithm=fixed_param num_samples=1 num_warmup=0 num_chains=1)
run "${sample[@]}" init="$work/model.json" output file="$work/first.csv" refresh=0
agree "$work/first.csv"
run "${sample[@]}" init="$work/first.csv" output file="$work/again.csv" refresh=0
agree "$work/again.csv"
run generate_quantities fitted_params="$work/first.csv" output file="$work/quantities.csv"
columns g "$work/quantities.csv" | cmp -s - "$work/g" || wrong "generate_quantities"
run log_prob constrained_params="$work/first.csv" output file="$work/csv.csv" sig_figs=8
run log_prob constrained_params="$work/model.json" output file="$work/json.csv" sig_figs=8
cmp -s <(grep -v '^#' "$work/csv.csv") <(grep -v '^#' "$work/json.csv") || wrong "log_prob of CSV and of JSON differ"
columns g "$work/first.csv" | head -n 3 | diff - <(printf '%s\n' 'int_1 3' 'int_12.1 3' 'int_12.2 3') || wrong "the first columns"

# Each has a mode, which optimize finds and laplace accepts; Stan's unit vectors have none.
model=
while IFS='|' read -r name declared _ _ _ density; do
  [ -n "$density" ] || continue
  part[modes]+="$declared m_$name;"$'\n'
  model+=$(sed "s/\\bp\\b/m_$name/g" <<<"$density")$'\n'
done <"$work/types"
echo "parameters { ${part[modes]} } model { $model }" >"$work/modes.stan"
code 0 '' "$STANLITE" build -O1 "$work/modes.stan" -o "$work/modes"
code 0 '' "$work/modes" optimize jacobian=1 output file="$work/mode.csv"
code 0 '' "$work/modes" laplace mode="$work/mode.csv" draws=20 output file="$work/laplace.csv"
code 0 '' "$work/modes" log_prob constrained_params="$work/laplace.csv" output file="$work/laplace_points.csv"
grep -v '^#' "$work/laplace.csv" | awk -F, 'NR > 1 { for (i = 1; i <= NF; i++) if ($i !~ /^-?[0-9]/) bad++ } END { exit bad || NR != 21 }' ||
  wrong "laplace: draws that are no numbers"
exit $failed
