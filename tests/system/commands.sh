#!/bin/bash
# The commands of stanlite as a user meets them: what they print, their exit codes, and that nothing half-written stays.
. "$(dirname "$0")/../expect.sh"
cd "$work" || exit 70
export XDG_CACHE_HOME=$work/cache

cat >coin.stanlite <<'S'
data {
  int<lower=0> N;
  array[N] int<lower=0, upper=1> y;
}
parameters {
  real<lower=0, upper=1> theta;
}
model {
  theta ~ beta(1, 1);
  y ~ bernoulli(theta);
}
S
echo '{"N": 5, "y": [1, 0, 1, 1, 0]}' >coin.json

code 64 'stanlite compiles' "$STANLITE"
code 0 'stanlite 0' "$STANLITE" --version
code 0 'summary' "$STANLITE" help
code 0 '--march=baseline' "$STANLITE" help build
code 64 'did you mean `build`?' "$STANLITE" biuld coin.stanlite
code 64 'which program?' "$STANLITE" build
code 64 'no option --fast' "$STANLITE" build coin.stanlite --fast
code 64 'there is no such pass' "$STANLITE" build coin.stanlite --without=magic
code 64 'always needed' "$STANLITE" build coin.stanlite --without=adjoint
code 66 'none.stanlite' "$STANLITE" build none.stanlite
code 66 'none.stanlite' "$STANLITE" check none.stanlite
code 0 '' "$STANLITE" check coin.stanlite
code 73 'cannot be written' "$STANLITE" build coin.stanlite -o no_folder/coin
code 73 'cannot be written' "$STANLITE" build coin.stanlite -o .
code 0 '' "$STANLITE" build coin.stanlite --keep-c=coin.c
[ -x coin ] || wrong 'build leaves no executable'
grep -q 'sl_log_density_gradient' coin.c || wrong '--keep-c keeps no C'
CC=no_such_compiler code 66 'cannot be started' "$STANLITE" build coin.stanlite -o other
[ -e other ] && wrong 'a failed build leaves an executable'
# The C compiler may fail in either of its two calls or at the link, or be interrupted: nothing stays.
mkdir between
compiler() { printf '#!/bin/sh\n%s\n' "$1" >c_compiler && chmod +x c_compiler; }
half_way() {
  TMPDIR=$work/between CC=$work/c_compiler code "$1" "$2" "${@:3}" "$STANLITE" build coin.stanlite -o other
  [ -z "$(ls between; ls -d other* 2>/dev/null)" ] || wrong "a C compiler that ends so leaves something: $(cat c_compiler)"
}
for argument in -DSL_GRADIENT_APART -DSL_GRADIENT_ALONE -lm; do
  compiler "case \" \$* \" in *' $argument '*) exit 1 ;; esac; exec gcc \"\$@\""
  half_way 70 'has refused the generated code'
done
compiler 'exec sleep 60'
half_way 130 '' timeout --preserve-status -s INT 1
half_way 143 '' timeout --preserve-status -s TERM 1
code 64 'is the program' "$STANLITE" build coin.stanlite -o ./coin.stanlite
code 64 'stanlite data table.csv' "$STANLITE" run coin.stanlite table.csv
code 64 'run has no option --variable=p' "$STANLITE" run coin.stanlite --variable=p
code 64 '--percentiles takes at most' "$STANLITE" run coin.stanlite --percentiles=low
mkdir elsewhere
(cd elsewhere && "$STANLITE" build ../coin.stanlite) || wrong 'build of a program in another folder'
[ -x elsewhere/coin ] || wrong "the executable does not lie in the current folder"
for stage in tokens ast typed ir adjoint c; do
  code 0 'theta' "$STANLITE" build coin.stanlite --emit=$stage
done

sed 's/beta(1, 1)/betta(1, 1)/' coin.stanlite >typo.stan
code 65 'typo.stan:9' "$STANLITE" check typo.stan
code 65 'did you mean' "$STANLITE" build typo.stan
[ -e typo ] && wrong 'a program with an error leaves an executable'
code 65 'typo.stan:9' "$STANLITE" run typo.stan coin.json

code 0 'theta' "$STANLITE" run coin.stanlite coin.json num_samples=200 seed=1
code 0 'The draws lie in output_1.csv to output_4.csv' "$STANLITE" run coin.stanlite coin.json num_samples=200 seed=1
[ "$(find cache/stanlite -type f | wc -l)" -eq 1 ] || wrong 'the cache does not hold one sampler'
code 0 'The draws lie in third.csv' "$STANLITE" run coin.stanlite coin.json id=3 output file=third.csv
code 0 'theta  median' "$STANLITE" run coin.stanlite coin.json --variables=theta num_samples=200 --plot seed=1 output file=plot.csv
grep -q '^lp__ ' out && wrong 'run --variables=theta prints lp__, too'
code 0 '"theta": {' "$STANLITE" run coin.stanlite coin.json --json num_samples=200 output file=json.csv
code 0 'num_warmup' "$STANLITE" run coin.stanlite help
code 66 'missing.json' "$STANLITE" run coin.stanlite missing.json
code 64 'nmu_samples' "$STANLITE" run coin.stanlite coin.json nmu_samples=200

# Bad data: one clear message with the variable's name, exit code 65, no output file.
rm -f output*.csv
bad() {
  printf '%s' "$1" >bad.json
  code 65 "$2" ./coin sample data file=bad.json
  compgen -G 'output*.csv' >/dev/null && wrong "output in spite of bad data: $1" && rm -f output*.csv
}
bad '{"N": 5, "y": [1, 0, 1,' 'bad.json'
bad '{"y": [1]}' 'N'
bad '{"N": 5, "y": [1, 0]}' 'y'
bad '{"N": 2, "y": [1, 2]}' 'y[2]'
bad '{"N": 2, "y": [1, 0.5]}' 'y'
bad '{"N": -1, "y": []}' 'N'
bad '{"N": 2, "y": "10"}' 'y'
code 66 'none.json' ./coin sample data file=none.json
code 73 'no_folder' ./coin sample data file=coin.json output file=no_folder/out.csv
code 64 'num_sampels' ./coin sample num_sampels=3 data file=coin.json

# The same draws whatever the number of threads, and in a second run.
./coin sample num_chains=2 num_samples=100 num_threads=1 data file=coin.json random seed=7 output file=one.csv >/dev/null 2>&1
./coin sample num_chains=2 num_samples=100 num_threads=2 data file=coin.json random seed=7 output file=two.csv >/dev/null 2>&1
for chain in 1 2; do
  diff <(grep -v '^#' one_$chain.csv) <(grep -v '^#' two_$chain.csv) >/dev/null || wrong "chain $chain differs between 1 and 2 threads"
done
[ "$(grep -vc '^#' one_1.csv)" -eq 101 ] || wrong 'not 100 draws and a header'

leftover=$(find . -name '*.part' -o -name 'stanlite-??????')
[ -z "$leftover" ] || wrong "left behind: $leftover"
exit $failed
