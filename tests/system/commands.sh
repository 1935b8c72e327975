#!/bin/bash
# The commands of stanlite as a user meets them: what they print, their exit codes, and that nothing half-written stays.
set -u
stanlite=${STANLITE:-$(cd "$(dirname "$0")/../.." && pwd)/build/stanlite}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 70
export XDG_CACHE_HOME=$work/cache
failed=0
wrong() {
  echo "$1"
  failed=1
}

# code WANTED WORDS COMMAND...: the exit code, and what the command must print (either stream)
code() {
  local wanted=$1 words=$2 got
  shift 2
  "$@" >out 2>&1
  got=$?
  [ $got -eq "$wanted" ] || wrong "exit code $got, not $wanted: $* ($(head -n 3 out))"
  [ -z "$words" ] || grep -qF -- "$words" out || wrong "$* does not say '$words': $(head -n 5 out)"
}

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

code 64 'stanlite compiles' "$stanlite"
code 0 'stanlite 0' "$stanlite" --version
code 0 'summary' "$stanlite" help
code 0 '--march=baseline' "$stanlite" help build
code 64 'did you mean `build`?' "$stanlite" biuld coin.stanlite
code 64 'which program?' "$stanlite" build
code 64 'no option --fast' "$stanlite" build coin.stanlite --fast
code 64 'there is no such pass' "$stanlite" build coin.stanlite --without=magic
code 64 'always needed' "$stanlite" build coin.stanlite --without=adjoint
code 66 'none.stanlite' "$stanlite" build none.stanlite
code 66 'none.stanlite' "$stanlite" check none.stanlite
code 0 '' "$stanlite" check coin.stanlite
code 73 'cannot be written' "$stanlite" build coin.stanlite -o no_folder/coin
code 73 'cannot be written' "$stanlite" build coin.stanlite -o .
code 0 '' "$stanlite" build coin.stanlite --keep-c=coin.c
[ -x coin ] || wrong 'build leaves no executable'
grep -q 'sl_log_density_gradient' coin.c || wrong '--keep-c keeps no C'
CC=no_such_compiler code 66 'cannot be started' "$stanlite" build coin.stanlite -o other
[ -e other ] && wrong 'a failed build leaves an executable'
code 64 'is the program' "$stanlite" build coin.stanlite -o ./coin.stanlite
code 64 'stanlite data table.csv' "$stanlite" run coin.stanlite table.csv
code 64 'run has no option --variable=p' "$stanlite" run coin.stanlite --variable=p
code 64 '--percentiles takes at most' "$stanlite" run coin.stanlite --percentiles=low
mkdir elsewhere
(cd elsewhere && "$stanlite" build ../coin.stanlite) || wrong 'build of a program in another folder'
[ -x elsewhere/coin ] || wrong "the executable does not lie in the current folder"
for stage in tokens ast typed ir adjoint c; do
  code 0 'theta' "$stanlite" build coin.stanlite --emit=$stage
done

sed 's/beta(1, 1)/betta(1, 1)/' coin.stanlite >typo.stan
code 65 'typo.stan:9' "$stanlite" check typo.stan
code 65 'did you mean' "$stanlite" build typo.stan
[ -e typo ] && wrong 'a program with an error leaves an executable'
code 65 'typo.stan:9' "$stanlite" run typo.stan coin.json

code 0 'theta' "$stanlite" run coin.stanlite coin.json num_samples=200 seed=1
code 0 'The draws lie in output_1.csv to output_4.csv' "$stanlite" run coin.stanlite coin.json num_samples=200 seed=1
[ "$(find cache/stanlite -type f | wc -l)" -eq 1 ] || wrong 'the cache does not hold one sampler'
code 0 'The draws lie in third.csv' "$stanlite" run coin.stanlite coin.json id=3 output file=third.csv
code 0 'theta  median' "$stanlite" run coin.stanlite coin.json --variables=theta num_samples=200 --plot seed=1 output file=plot.csv
grep -q '^lp__ ' out && wrong 'run --variables=theta prints lp__, too'
code 0 '"theta": {' "$stanlite" run coin.stanlite coin.json --json num_samples=200 output file=json.csv
code 0 'num_warmup' "$stanlite" run coin.stanlite help
code 66 'missing.json' "$stanlite" run coin.stanlite missing.json
code 64 'nmu_samples' "$stanlite" run coin.stanlite coin.json nmu_samples=200

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
