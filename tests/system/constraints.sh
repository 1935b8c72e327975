#!/bin/bash
# Declared constraints are held in every block but model: a value that breaks one is refused with the variable, the element and
# the line. In data and transformed data the program ends with exit code 65; in transformed parameters the proposal is
# rejected; in generated quantities the draw stays, its values are NaN, and the message says why.
. "$(dirname "$0")/../expect.sh"

# NAME | TYPE | PLAIN TYPE | GOOD | BAD | what is said of BAD
cat >"$work/cases" <<'TABLE'
simplex_sum|array[2] simplex[3]|array[2] vector[3]|[[0.25,0.25,0.5],[0,0,1]]|[[0.25,0.25,0.5],[0.5,0,0.49999998]]|[2] must sum to 1, but sums to 0.99999998
simplex_sign|simplex[2]|vector[2]|[0.25,0.750000009]|[-0.25,1.25]|[1] is -0.25, but must be nonnegative
simplex_nan|simplex[2]|vector[2]|[0.25,0.75]|["NaN",1]|[1] is nan, but must be nonnegative
unit_vector|array[1,2] unit_vector[2]|array[1,2] vector[2]|[[[0.6,0.8],[-1,0]]]|[[[0.6,0.8],[0.6,0.7]]]|[1,2] must have length 1, but its square is 0.85
ordered|ordered[3]|vector[3]|[-1,0,7]|[-1,7,7]| must be increasing, but element 3 is 7 and the one before is 7
ordered_nan|ordered[3]|vector[3]|[-1,0,7]|[-1,"NaN",7]| must be increasing, but element 2 is nan and the one before is -1
positive_ordered|positive_ordered[2]|vector[2]|[0,7]|[-0.5,7]|[1] is -0.5, but must be nonnegative
positive_order|positive_ordered[2]|vector[2]|[0,7]|[8,7]| must be increasing, but element 2 is 7 and the one before is 8
sum_to_zero_vector|sum_to_zero_vector[3]|vector[3]|[1,2,-3]|[1,2,-2.99]| must sum to 0, but sums to 0.01
sum_to_zero_matrix|sum_to_zero_matrix[2,3]|matrix[2,3]|[[1,2,-3],[-1,-2,3]]|[[1,2,-3],[-1,-2,3.5]]|[,3] must sum to 0, but sums to 0.5
sum_to_zero_rows|sum_to_zero_matrix[2,2]|matrix[2,2]|[[1,-1],[-1,1]]|[[1,1],[-1,-1]]|[1] must sum to 0, but sums to 2
cholesky_factor_corr|cholesky_factor_corr[2]|matrix[2,2]|[[1,0],[0.6,0.8]]|[[1,0],[0.6,0.7]]|[2] must have length 1, but its square is 0.85
cholesky_corr_upper|cholesky_factor_corr[2]|matrix[2,2]|[[1,0],[0.6,0.8]]|[[0.8,0.6],[0.6,0.8]]| must be lower triangular, but [1,2] is 0.6
cholesky_factor_cov|array[2] cholesky_factor_cov[3,2]|array[2] matrix[3,2]|[[[1,0],[-2,3],[4,5]],[[1,0],[0,1],[0,0]]]|[[[1,0],[-2,3],[4,5]],[[1,0],[0,-1],[0,0]]]|[2] must have a positive diagonal, but element 2 of it is -1
cholesky_cov_upper|cholesky_factor_cov[2]|matrix[2,2]|[[1,0],[2,3]]|[[1,1e-300],[2,3]]| must be lower triangular, but [1,2] is 1e-300
corr_matrix|corr_matrix[2]|matrix[2,2]|[[1,0.5],[0.5,1]]|[[1,0.5],[0.5,1.01]]| must have a diagonal of ones, but element 2 of it is 1.01
corr_definite|array[2] corr_matrix[3]|array[2] matrix[3,3]|[[[1,0.5,0.5],[0.5,1,0.5],[0.5,0.5,1]],[[1,0,0],[0,1,0],[0,0,1]]]|[[[1,-0.5,-0.5],[-0.5,1,-0.5],[-0.5,-0.5,1]],[[1,0,0],[0,1,0],[0,0,1]]]|[1] must be positive definite, but a pivot of its Cholesky factorisation is
corr_symmetric|corr_matrix[2]|matrix[2,2]|[[1,0.5],[0.500000009,1]]|[[1,0.5],[0.4,1]]| must be symmetric, but [1,2] and its mirror image differ by 0.1
cov_matrix|cov_matrix[2]|matrix[2,2]|[[4,1],[1,2]]|[[4,1],[1,0.25]]| must be positive definite, but a pivot of its Cholesky factorisation is 0
cov_negative|cov_matrix[1]|matrix[1,1]|[[4]]|[[-4]]| must be positive definite, but a pivot of its Cholesky factorisation is -4
cov_symmetric|cov_matrix[2]|matrix[2,2]|[[4,1],[1,2]]|[[4,1],[2,2]]| must be symmetric, but [1,2] and its mirror image differ by -1
cov_nan|cov_matrix[2]|matrix[2,2]|[[4,1],[1,2]]|[[4,1],[1,"NaN"]]| must be
column_stochastic|array[1] column_stochastic_matrix[2,3]|array[1] matrix[2,3]|[[[0.5,0.25,1],[0.5,0.75,0]]]|[[[0.5,0.25,1],[0.5,0.7,0]]]|[1][,2] must sum to 1, but sums to 0.95
row_stochastic|row_stochastic_matrix[2,2]|matrix[2,2]|[[0.5,0.5],[0.25,0.75]]|[[0.5,0.5],[1.25,-0.25]]|[2][2] is -0.25, but must be nonnegative
lower|array[1,2,2] real<lower=0>|array[1,2,2] real|[[[0,1],[2,"Inf"]]]|[[[0,1],[-2,3]]]|[1,2,1] is -2, but must be at least 0
upper|vector<upper=s>[2]|vector[2]|[0.5,1]|[0.5,1.5]|[2] is 1.5, but must be at most 1
both|matrix<lower=[[0,1],[2,3]],upper=10>[2,2]|matrix[2,2]|[[0,1],[2,3]]|[[0,1],[1,3]]|[2,1] is 1, but must be at least 2
int_range|array[2] int<lower=1,upper=3>|array[2] int|[1,3]|[1,4]|[2] is 4, but must be at most 3
nan_bound|real<lower=0>|real|0|"NaN"| is nan, but must be at least 0
TABLE

declared() { # PREFIX: each case under its own name
  while IFS='|' read -r name form plain _; do
    case $1 in
      data) echo "$form data_$name; $plain plain_$name; $plain free_$name; $plain later_$name;" ;;
      transformed_data) echo "$form fixed_$name = plain_$name;" ;;
      transformed) [[ $plain == *int ]] || echo "$form moved_$name; { $plain free = free_$name; moved_$name = free; }" ;;
      generated) echo "$form out_$name = later_$name;" ;;
    esac
  done <"$work/cases"
}
{
  echo 'data { real s;' && declared data
  echo '} transformed data {' && declared transformed_data
  echo '} parameters { real<lower=0> x; } transformed parameters {' && declared transformed
  echo '} model { x ~ exponential(1); } generated quantities {' && declared generated
  echo '}'
} >"$work/model.stan"
"$STANLITE" build -O0 "$work/model.stan" -o "$work/model" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# data_with KEY VALUE: all values are good but this
data_with() {
  awk -F'|' -v key="$1" -v bad="$2" 'BEGIN { printf "{\"s\": 1" }
    { for (i = split("data plain free later", p, " "); i > 0; i--) { k = p[i] "_" $1; printf ",\n\"%s\": %s", k, k == key ? bad : $4 } }
    END { print "}" }' "$work/cases" >"$work/data.json"
}
run() { # FILE: leaves the exit code in $code
  "$work/model" sample num_chains=1 num_warmup=20 num_samples=3 random seed=1 data file="$1" output file="$work/draws.csv" \
    refresh=0 >"$work/out" 2>"$work/errors"
  code=$?
}

data_with none 0
run "$work/data.json"
[ $code -eq 0 ] || wrong "good values: exit code $code, $(head -n 3 "$work/errors")"
! grep -q 'must' "$work/errors" || wrong "good values: $(head -n 3 "$work/errors")"

line_of() { grep -n " $1\\b" "$work/model.stan" | head -n 1 | cut -d: -f1; }
# says WORDS VARIABLE CASE: the message, its line, and the declaration
says() {
  grep -qF -- "variable $2$1" "$work/errors" && grep -F -- "variable $2" "$work/errors" | grep -q "line $(line_of "$2")," && return
  wrong "$3 of $2: standard error does not say '$1' and line $(line_of "$2"): $(head -n 3 "$work/errors")"
}
while IFS='|' read -r name _ plain _ bad words; do
  for block in data plain later free; do
    [[ $block == free && $plain == *int ]] && continue
    data_with "${block}_$name" "$bad"
    run "$work/data.json"
    case $block in
      data) wanted=65 variable=data_$name ;;
      plain) wanted=65 variable=fixed_$name ;;
      free) wanted=65 variable=moved_$name ;;
      later) wanted=0 variable=out_$name ;;
    esac
    [ "$code" -eq "$wanted" ] || wrong "$name, $block: exit code $code, not $wanted"
    says "$words" "$variable" "$name"
    if [ $block = later ]; then
      grep -v '^#' "$work/draws.csv" | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^out_/) first = first ? first : i; next }
        { rows++; if ($first != "nan" || $NF != "nan") bad++ } END { exit bad || rows != 3 }' || wrong "$name: generated quantities are not NaN"
    fi
  done
done <"$work/cases"

# A wrong shape names the declaration and its line.
# shape CASE VALUE WORDS
shape() {
  data_with "data_$1" "$2"
  run "$work/data.json"
  [ $code -eq 65 ] || wrong "$1 as $2: exit code $code, not 65"
  grep -F -- "data_$1$3" "$work/errors" | grep -q "line $(line_of "data_$1")," ||
    wrong "$1 as $2: standard error does not say '$3' and the line: $(head -n 3 "$work/errors")"
}
shape ordered '[1,2]' ': expected 3 elements, found 2 elements (data block, `ordered data_ordered`)'
shape cov_matrix '[1,2]' ': expected 2 x 2 elements, found 2 elements (data block, `cov_matrix data_cov_matrix`)'
shape simplex_sum '[[0.5,0.5],[1,0]]' ': expected 2 x 3 elements, found 2 x 2 elements (data block, `array[] simplex data_simplex_sum`)'
shape nan_bound '[0]' ': expected a single number, found 1 element (data block, `real<lower=0> data_nan_bound`)'
shape int_range '[1,1.5]' '[2] is 1.5, but must be an integer (data block, `array[] int<lower=1, upper=3> data_int_range`)'

# What no such value can have: sizes.
# size TEXT DECLARATION BLOCK
size() {
  echo "data { int n; $([ "$3" = data ] || echo "} $3 {") $2 }" >"$work/sizes.stan"
  "$STANLITE" build -O0 "$work/sizes.stan" -o "$work/sizes" >"$work/log" 2>&1 || { wrong "$2: $(cat "$work/log")"; return; }
  for n in 0 1; do
    echo "{\"n\": $n, \"x\": []}" >"$work/data.json"
    "$work/sizes" sample num_chains=1 num_warmup=0 num_samples=1 data file="$work/data.json" output file="$work/draws.csv" \
      >"$work/out" 2>"$work/errors"
    [ $? -eq 65 ] && grep -qF -- "$1" "$work/errors" && return
  done
  wrong "$3 { $2 } is not refused with '$1': $(head -n 3 "$work/errors")"
}
size 'x has size 0, but must have at least 1 (parameters block, `simplex x`)' 'simplex[n] x;' parameters
size 'x has size 0, but must have at least 1 (data block, `simplex x`)' 'simplex[n] x;' data
size 'x has size 1, but must have at least 2 (parameters block, `unit_vector x`)' 'unit_vector[n] x;' parameters
size 'x has size 0, but must have at least 1 (parameters block, `sum_to_zero_vector x`)' 'sum_to_zero_vector[n] x;' parameters
size 'x has size 0, but must have at least 1' 'sum_to_zero_matrix[2, n] x;' parameters
size 'x has size 0, but must have at least 1' 'column_stochastic_matrix[n, 2] x;' parameters
size 'x has size 0, but must have at least 1' 'row_stochastic_matrix[2, n] x;' parameters
size 'x has 0 rows and 2 columns, but must have at least as many rows as columns' 'cholesky_factor_cov[n, 2] x;' parameters
size 'a size of x is -1, but must not be negative' 'ordered[n - 1] x;' parameters
# The inverse transforms are asked for values that obey the constraint.
cat >"$work/inverse.stan" <<'STAN'
data { int which; }
transformed data {
  array[2] vector[2] v = {[0.25, 0.75]', [0.5, 0.25]'};
  if (which == 1) print(simplex_unconstrain(v));
  if (which == 2) print(ordered_unconstrain(v));
  if (which == 3) print(positive_ordered_unconstrain(-v));
  if (which == 4) print(unit_vector_unconstrain(v[2]));
  if (which == 5) print(sum_to_zero_unconstrain(v[2]));
  if (which == 6) print(cholesky_factor_corr_unconstrain([[1, 0], [0.6, 0.7]]));
  if (which == 7) print(cholesky_factor_cov_unconstrain([[1, 0], [0.6, -0.7]]));
  if (which == 8) print(corr_matrix_unconstrain([[1, 0.5], [0.5, 2]]));
  if (which == 9) print(cov_matrix_unconstrain([[1, 2], [2, 1]]));
  if (which == 10) print(lower_bound_unconstrain(v, 0.3));
  if (which == 11) print(upper_bound_unconstrain(v, 0.3));
  if (which == 12) print(lower_upper_bound_unconstrain(0.4, 0.5, 0.6));
  if (which == 13) print(offset_multiplier_unconstrain(0.4, 0.5, -1));
  if (which == 14) print(stochastic_column_unconstrain([[0.5, 0.6], [0.5, 0.5]]));
}
STAN
code 0 '' "$STANLITE" build -O0 "$work/inverse.stan" -o "$work/inverse"
which=0
for words in 'x must sum to 1, but sums to 0.75' 'x must be increasing, but element 2 is 0.25' 'x[1] is -0.25' 'x must have length 1' 'x must sum to 0' \
  'x[2] must have length 1' 'x must have a positive diagonal' 'x must have a diagonal of ones' 'not positive definite' 'y is 0.25' \
  'y is 0.75' 'y is 0.4, but must be between 0.5 and 0.6' 'sigma is -1' 'x must sum to 1, but sums to 1.1'; do
  which=$((which + 1))
  echo "{\"which\": $which}" >"$work/which.json"
  code 65 "$words" "$work/inverse" sample num_chains=1 data file="$work/which.json" output file="$work/draws.csv"
done
exit $failed
