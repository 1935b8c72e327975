#!/bin/bash
# `stanlite loo`, `waic` and `compare` over chains made here: the tables against tests/system/compare.expected, the JSON, and every
# way to be wrong. The numbers themselves are tested in tests/unit/test_elpd.c.
# shellcheck disable=SC2016 # backquotes in messages
. "$(dirname "$0")/../expect.sh"
expected=$PWD/tests/system/compare.expected

code() { told "$1" "$2" "$STANLITE" "${@:3}"; }

# says WORDS COMMAND...: standard output, without its line ends, has these words
says() {
  local words=$1
  shift
  "$STANLITE" "$@" >"$work/lines" 2>&1 || wrong "exit code $?: $*"
  tr -s '\n ' ' ' <"$work/lines" >"$work/out"
  grep -qF -- "$words" "$work/out" || wrong "$*: does not say '$words': $(cat "$work/lines")"
}

# chain FILE SEED SD [COUNT [DRAWS]]: draws of a mean whose error is 0.3, and the log-likelihood with this sd of COUNT numbers around
# it, of which the last is far out. The random numbers are Lehmer's, the same everywhere.
chain() {
  awk -v state="$2" -v sd="$3" -v count="${4:-12}" -v draws="${5:-100}" '
    function uniform() { state = state * 16807 % 2147483647; return state / 2147483647 }
    function normal(sum, i) { sum = -6; for (i = 0; i < 12; i++) sum += uniform(); return sum }
    BEGIN {
      for (i = 0; i < 10; i++) uniform()
      print "# model = made\n# method = sample"
      line = "lp__,mu,theta.1,theta.2"
      for (i = 1; i <= count; i++) line = line ",log_lik." i
      print line
      for (n = 1; n <= draws; n++) {
        mu = 0.3 * normal()
        line = sprintf("%.6f,%.6f,1,2", -mu * mu, mu)
        for (i = 1; i <= count; i++) {
          z = ((i == 12 ? 4 : (i - 6) / 4) - mu) / sd
          line = line sprintf(",%.8f", -z * z / 2 - log(sd) - 0.918938533)
        }
        print line
      }
    }' >"$work/$1.csv"
}

for i in 1 2 3 4; do chain a_$i $i 1 && chain b_$i 7$i 1.5; done
cd "$work" || exit 70

{
  "$STANLITE" loo a_[1-4].csv
  printf '\n----\n'
  "$STANLITE" waic a_[1-4].csv --pointwise
  printf '\n----\n'
  "$STANLITE" compare narrow='a_*.csv' wide=b_1.csv,b_2.csv,'b_[34].csv'
  printf '\n----\n'
  "$STANLITE" compare --waic narrow='a_*.csv' wide='b_*.csv'
} >tables 2>&1 || wrong "a command failed: $(cat tables)"
diff -u "$expected" tables || wrong "the tables are not the expected ones"

"$STANLITE" loo --pointwise a_1.csv | grep -q '^log_lik\[12\] ' || wrong "loo --pointwise has no row for log_lik[12]"
for words in '"observations": 12,' '"elpd_loo": {"estimate": -' '"pareto_k": {"threshold": 0\.5' '"r_eff": \[' '"name": \["log_lik\[1\]"'; do
  "$STANLITE" loo --json --pointwise a_1.csv | grep -q "$words" || wrong "loo --json does not say $words"
done
"$STANLITE" waic --json a_1.csv | grep -q '"waic": {"estimate": ' || wrong "waic --json has no waic"
"$STANLITE" compare --json x=a_1.csv y=b_1.csv | grep -q '"elpd_diff": 0, "se_diff": 0, .*"stacking": ' || wrong "compare --json"

# another name; a matrix; a scalar
sed 's/log_lik\./ll./g' a_1.csv >named.csv
code 65 'there is no `log_lik`. A program writes' loo named.csv
grep -q 'the vectors here are theta, ll (choose' errors || wrong "the vectors are not listed: $(cat errors)"
code 65 'did you mean --log-lik=theta?' loo --log-lik=thta named.csv
says 'elpd_loo' loo --log-lik=ll named.csv
sed 's/log_lik\.\([1-6]\),/log_lik.\1.1,/g' a_1.csv >matrix.csv
says 'log_lik[6,1]' loo --pointwise matrix.csv
says '1 observation ' waic --log-lik=mu a_1.csv

# files
head -c 10000 a_2.csv >cut.csv
says 'The last line of 1 of 2 files is incomplete' loo a_1.csv cut.csv
says 'only the first' loo a_1.csv cut.csv
head -6 a_1.csv | sed '4,$s/,-[0-9.]*$/,-inf/' >impossible.csv
code 65 'impossible.csv: log_lik[12] is -inf in draw 1 after warmup; 1 of 12 observations' loo impossible.csv
code 65 'log_lik[12] is -inf' waic impossible.csv
head -4 a_1.csv >single.csv
code 65 'one draw only' loo single.csv
head -3 a_1.csv >empty.csv
code 65 'there are no draws' waic empty.csv
code 66 'no_such.csv: cannot be opened' loo no_such.csv
code 65 'not chains of one model' loo a_1.csv named.csv
sed 's/,-[0-9.]*$/,-1/' a_1.csv >constant.csv
says '1 of 12 observations have no Pareto k (Inf)' loo constant.csv
head -13 a_1.csv >short.csv
says '12 of 12 observations have no Pareto k (Inf)' loo short.csv

# comparisons that make no sense
chain few 5 1 11
code 65 'x has 12 observations and y has 11: only models of the same observations' compare x=a_1.csv y=few.csv
code 64 'which models?' compare
code 64 'nothing to be compared with' compare x=a_1.csv
code 64 'NAME=CSV[,CSV...], not `a_1.csv`' compare a_1.csv b_1.csv
code 64 'two models have the name' compare x=a_1.csv x=b_1.csv
code 64 'a file'"'"'s name is missing' compare x=a_1.csv, y=b_1.csv
code 66 'none_*.csv: no file fits this pattern' compare x='none_*.csv' y=a_1.csv
code 64 '--observations takes' compare --observations=0 x=a_1.csv y=b_1.csv
code 64 'no option `--wide`' compare --wide x=a_1.csv y=b_1.csv
code 64 'no option `--wide`' loo --wide a_1.csv
code 64 'which CSV files?' waic
cp a_1.csv 'star*.csv'
says '2 models of 12' compare x='star*.csv' y=b_1.csv

# estimates: case 0.7 of the lectures
estimate() {
  printf '# model = m\n# method = optimize\n#     jacobian = %s\n# unconstrained_parameters = %s\nlp__,b\n%s,1\n' "$4" "$2" "$3" >"$1.csv"
}
estimate null 2 -13.740937 0
estimate full 3 -11.318163 0
"$STANLITE" compare full=full.csv null=null.csv --observations=24 >out || wrong "compare does not take estimates"
grep -Eq '^full +3 +28.636 +32.170 +-11.318 +22.636 +4.8455 +1 +0.02772$' out || wrong "the likelihood table is $(cat out)"
grep -Eq '^null +2 +31.482 +33.838 +-13.741 +27.482 +- +- +-$' out || wrong "the likelihood table is $(cat out)"
"$STANLITE" compare --json full=full.csv null=null.csv | grep -q '"bic": null' || wrong "BIC without a number of observations"
estimate jacobian 3 -11 1
code 65 'jacobian=1' compare x=jacobian.csv y=null.csv
grep -v unconstrained_parameters full.csv >silent.csv
code 65 'how many unconstrained parameters' compare x=silent.csv y=null.csv
code 65 'some models are draws' compare x=a_1.csv y=null.csv
code 65 'an optimizer'"'"'s estimate has no draws' loo null.csv
estimate better 3 -10 0
says '-10.000' compare x=full.csv,better.csv y=null.csv
estimate worse 4 -12 0
says 'they are not nested, or the optimizer did not reach' compare x=full.csv y=worse.csv

for command in loo waic compare; do
  "$STANLITE" $command --help | grep -q -e --log-lik || wrong "$command --help explains nothing"
done
if [ -w /dev/full ]; then
  "$STANLITE" compare x=a_1.csv y=b_1.csv >/dev/full 2>errors
  [ $? -eq 73 ] || wrong "a full disk is not exit code 73"
fi
exit $failed
