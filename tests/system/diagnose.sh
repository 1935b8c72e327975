#!/bin/bash
# `stanlite diagnose`: what it says of stored chains (tests/system/diagnose.expected), of chains made to go wrong in each way, and
# of what is no Markov chain. The exit code is 0 whatever it finds.
# shellcheck disable=SC2016 # backquotes in messages
. "$(dirname "$0")/../expect.sh"

code() { told "$1" "$2" "$STANLITE" diagnose "${@:3}"; }

# says WORDS FILE...: the text of `diagnose`, without its line ends, has these words
says() {
  local words=$1
  shift
  "$STANLITE" diagnose "$@" >"$work/lines" 2>&1 || wrong "exit code $?: diagnose $*"
  tr -s '\n ' ' ' <"$work/lines" >"$work/out"
  grep -qF -- "$words" "$work/out" || wrong "diagnose $*: does not say '$words': $(cat "$work/lines")"
}

# chain FILE SEED [NAME=VALUE]: 500 draws of a well-behaved chain, with something wrong:
#   apart=D moves its mean, stuck=N keeps N draws, slow=1 drifts, energy=1 drifts in energy, step=S, accept=A, warmup=N
# The random numbers are Lehmer's, the same everywhere.
chain() {
  awk -v seed="$2" -v apart=0 -v stuck=0 -v slow=0 -v energy=0 -v step=0.5 -v accept=0.85 -v warmup=1000 "${@:3}" '
    function uniform() { state = state * 16807 % 2147483647; return state / 2147483647 }
    function normal() { return sqrt(-2 * log(uniform())) * cos(6.283185307 * uniform()) }
    BEGIN {
      state = seed * seed * 104729 + 7919
      print "# model = made\n# method = sample\n#   num_samples = 500\n#   num_warmup = " warmup
      print "#     engaged = 1\n#     delta = 0.8\n#   algorithm = hmc\n#       max_depth = 10"
      print "lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,x,y.1"
      for (i = 1; i <= 500; i++) {
        if (i <= 100 || i > 100 + stuck) { x = slow ? 0.99 * x + 0.14 * normal() : normal(); y = normal() }
        e = energy ? e + 0.05 * normal() : normal()
        printf "%.8f,%g,%g,3,7,0,%.8f,%.8f,%.8f\n", -(x * x + y * y) / 2, accept, step, e, x + apart, y
      }
    }' >"$work/$1.csv"
}

diff -u tests/system/diagnose.expected <("$STANLITE" diagnose tests/data/schools_{1,2,3,4}.csv) ||
  wrong "the text is not the expected one"

for i in 1 2 3 4; do chain good_$i $i; done
says 'Fine' "$work"/good_[1-4].csv
grep -q 'Problems' "$work/out" && wrong "good chains have problems: $(cat "$work/lines")"
for words in 'None of the 2000 transitions diverged' 'No transition ended at the maximum tree depth, 10' 'E-BFMI is at least' \
  'Every chain moves' 'the chains agree' 'in the bulk is at least' 'in the tail is at least' 'more digits than that have no meaning'; do
  grep -qF "$words" "$work/out" || wrong "good chains: nothing says '$words'"
done
says 'One chain cannot show what it has missed' "$work/good_1.csv"
good=("$work"/good_[1-3].csv)
chain bad 4 -v apart=5
says 'Chain 4 lies apart: its mean of x is 5' "${good[@]}" "$work/bad.csv"
grep -q 'Do not use these numbers yet' "$work/out" || wrong "chains apart are trusted"
chain bad 4 -v stuck=100
says 'Chain 4 does not move for 101 of its 500 draws' "${good[@]}" "$work/bad.csv"
chain bad 4 -v energy=1
says 'in chain 4, below 0.3' "${good[@]}" "$work/bad.csv"
chain bad 4 -v step=0.01
says 'The step sizes of the chains lie between 0.01 (chain 4) and 0.5' "${good[@]}" "$work/bad.csv"
chain bad 4 -v accept=0.4
says 'Chain 4 accepts 0.40 on average, and was adapted for delta=0.8' "${good[@]}" "$work/bad.csv"
chain bad 4 -v warmup=0
says 'There was no warmup (num_warmup=0)' "$work/bad.csv"
for i in 1 2 3 4; do chain slow_$i $i -v slow=1; done
says 'The effective sample size in the bulk is below 400 for 2 of 3 quantities (least for x:' "$work"/slow_[1-4].csv

"$STANLITE" diagnose --json "$work"/slow_[1-4].csv >"$work/json" || wrong "diagnose --json failed"
python3 -c '
import json, sys
found = json.load(open(sys.argv[1]))
verdicts = {check["check"]: check["verdict"] for check in found["checks"]}
assert verdicts["divergences"] == "fine" and verdicts["ESS_bulk"] == "problem", verdicts
assert found["problems"] == sum(check["verdict"] == "problem" for check in found["checks"])
assert next(iter(found["least_certain"])) in ("x", "lp__") and found["sampler"]["divergences"] == 0
' "$work/json" || wrong "--json: not what it should be"

# The sentences of summary are these.
"$STANLITE" summary "$work"/slow_[1-4].csv | grep '^- ' >"$work/summary"
"$STANLITE" diagnose "$work"/slow_[1-4].csv | sed '/^To know\|^Fine/,$d' | grep '^- ' | diff - "$work/summary" ||
  wrong "summary and diagnose do not say the same"

printf '# method = optimize\nlp__,a\n-5,0.25\n' >"$work/optimize.csv"
says 'An estimate is one point' "$work/optimize.csv"
printf '# method = laplace\nlog_p__,log_q__,a\n-5,1,0.25\n-4,1,0.5\n' >"$work/laplace.csv"
says 'as good as the approximation that they come from' "$work/laplace.csv"
# log_p - log_q is exponential with mean k: p/q has a Pareto tail of shape k (Vehtari et al. 2024, section 2).
ratios() {
  awk -v k="$1" '
    function uniform() { state = state * 16807 % 2147483647; return state / 2147483647 }
    BEGIN { state = 7919; print "# method = laplace\nlog_p__,log_q__,a"
      for (i = 0; i < 40000; i++) printf "%.8f,0,%f\n", -k * log(uniform()), uniform() }' >"$work/laplace.csv"
}
ratios 0.2
says 'at most 0.5: they are close' "$work/laplace.csv"
ratios 1.2
says 'the approximation leaves out a part of the posterior' "$work/laplace.csv"
"$STANLITE" diagnose --json "$work/laplace.csv" | grep -q '"pareto_k": 1\.[0-4]' || wrong 'k is not 1.2'
printf 'a,b\n1,2\n2,nan\n3,4\n' >"$work/nan.csv"
says '1 of 2 quantities has draws that are not finite (the first: b).' "$work/nan.csv"
printf 'a\n1\n' >"$work/one.csv"
says 'too few, or too constant' "$work/one.csv"

code 64 'which CSV files?'
code 64 'no option `--plot`' --plot "$work/good_1.csv"
code 64 'did you mean `lp__`?' --variables=lp_ "$work/good_1.csv"
code 66 'cannot be opened' "$work/no_such.csv"
code 65 'not chains of one model' "$work/good_1.csv" "$work/one.csv"
if [ -w /dev/full ]; then
  "$STANLITE" diagnose "$work/good_1.csv" >/dev/full 2>"$work/errors"
  [ $? -eq 73 ] || wrong "a full disk is not exit code 73"
fi
"$STANLITE" diagnose --help | grep -q 'E-BFMI below 0.3' || wrong "diagnose --help explains nothing"
exit $failed
