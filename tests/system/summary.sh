#!/bin/bash
# `stanlite summary` over stored chains: the table against tests/system/summary.expected, the JSON, and every way to be wrong.
# shellcheck disable=SC2016 # backquotes in messages
. "$(dirname "$0")/../expect.sh"

code() { told "$1" "$2" "$STANLITE" summary "${@:3}"; }

chains=(tests/data/schools_{1,2,3,4}.csv)
"$STANLITE" summary "${chains[@]}" --percentiles=2.5,97.5 --classic-rhat >"$work/table" || wrong "summary failed"
diff -u tests/system/summary.expected "$work/table" || wrong "the table is not the expected one"

# The columns that are asked for, in their order; names with brackets or points; the picture in both alphabets.
"$STANLITE" summary "${chains[@]}" --variables=tau,theta[2],slope.1,one --percentiles=5.5,94.5 --hdi=0.5,0.89 --mad |
  sed -n '6,11p' >"$work/table"
diff -u tests/system/summary_columns.expected "$work/table" || wrong "the table of chosen columns is not the expected one"
LC_ALL=C.UTF-8 "$STANLITE" summary "${chains[@]}" --variables=tau,theta[1],pair,one --plot --hdi=0.89,0.5 |
  sed '1,/^tau  median/{/^tau  median/!d}' | sed '/^Before/,$d' >"$work/plot"
diff -u tests/system/summary_plot.expected "$work/plot" || wrong "the picture is not the expected one"
LC_ALL=C "$STANLITE" summary "${chains[@]}" --variables=pair --plot | LC_ALL=C grep -q '[^ -~]' &&
  wrong "not ASCII in the C locale"

"$STANLITE" summary --json --sig-figs=3 "${chains[@]}" >"$work/json" || wrong "summary --json failed"
grep -q '"chains": 4,' "$work/json" || wrong "--json does not count the chains"
grep -q '"divergences": 2,' "$work/json" || wrong "--json does not count the divergences"
# posterior 1.4.0 on these draws: ess_bulk 43.392276527679456, rhat 1.039507740138640
grep -q '"mu": {"mean": 4\.797529618.*"ess_bulk": 43\.3922765276.*"rhat": 1\.03950774013' "$work/json" ||
  wrong "--json: mu is not what posterior says"

"$STANLITE" summary --json --mad --hdi=0.89 --classic-rhat --variables=tau,one "${chains[@]}" >"$work/json" || wrong "--json failed"
python3 -c '
import json, sys
summary = json.load(open(sys.argv[1]))
assert list(summary["quantities"]) == ["tau", "one"], "variables"
tau, one = summary["quantities"].values()
assert tau["hdi"][0][0] < tau["quantiles"][0] and tau["mad"] > 1, "hdi, mad"
assert one["rhat"] is None and one["rhat_classic"] is None and one["hdi"] == [[1, 1]], "constants"
assert summary["hdi_shares"] == [0.89] and summary["method"] == "sample" and summary["sampler"]["divergences"] == 2
' "$work/json" || wrong "--json: not what it should be"

# What is not a Markov chain
draws() { awk 'BEGIN { srand(1); for (i = 0; i < 200; i++) printf "%f,%f,%f,%f\n", -rand(), -rand(), rand(), rand() }'; }
{ printf '# method = laplace\nlog_p__,log_q__,a,b\n'; draws; } >"$work/laplace.csv"
{ printf '# method = variational\nlp__,log_p__,a,b\n9,9,9,9\n'; draws; } >"$work/variational.csv"
{ printf '# method = sample\n#   algorithm = fixed_param\nlp__,accept_stat__,a,b\n'; draws; } >"$work/fixed.csv"
{ printf '# method = generate_quantities\ny.1,y.2,y.3,z\n'; draws; } >"$work/generated.csv"
{ printf '# method = sample\n#   algorithm = mh\nlp__,accept_stat__,a,b\n'; draws; } >"$work/mh.csv"
printf '# method = optimize\n#   algorithm = lbfgs (Default)\nlp__,a\n-9,1\n-5,0.25\n' >"$work/optimize.csv"
for method in laplace variational fixed; do
  "$STANLITE" summary "$work/$method.csv" >"$work/out" || wrong "$method is not summarised"
  grep -q 'R_hat' "$work/out" && wrong "$method has R_hat"
  grep -q '200 independent draws' "$work/out" || wrong "$method: nothing says that the draws are independent"
done
grep -q '^ *accept_stat__' "$work/out" && wrong "fixed_param: the sampler's column stands in the table"
"$STANLITE" summary "$work/optimize.csv" >"$work/out" || wrong "an estimate is not printed"
grep -q 'the estimate of optimize (lbfgs), the last of 2 rows' "$work/out" || wrong "optimize: no head"
grep -q '^a *0.2500$' "$work/out" || wrong "optimize: not the last row"
"$STANLITE" summary --json "$work/optimize.csv" | grep -q '"a": {"estimates": \[0.25\]}' || wrong "optimize: no estimate in JSON"
for method in generated mh; do
  "$STANLITE" summary "$work/$method.csv" | grep -q 'R_hat$' || wrong "$method has no R_hat"
done

head -c 5000 tests/data/schools_2.csv >"$work/cut.csv"
"$STANLITE" summary "$work/cut.csv" tests/data/schools_1.csv >"$work/lines" || wrong "a file that was cut off is not read"
tr -s '\n ' ' ' <"$work/lines" >"$work/out" # sentences are wrapped
grep -q 'is incomplete and was left out' "$work/out" || wrong "nothing is said of the incomplete line"
grep -q 'only the first [0-9]* of each are used' "$work/out" || wrong "nothing is said of the shorter chain"

code 64 'which CSV files?'
code 64 'no option `--wide`' --wide "${chains[@]}"
code 64 'from 1 to 17' --sig-figs=0 "${chains[@]}"
code 64 'from 0 to 100' --percentiles=5,101 "${chains[@]}"
code 64 '--hdi takes at most' --hdi=89 "${chains[@]}"
code 64 '--hdi takes at most' --hdi= "${chains[@]}"
code 64 'one of them' --plot --json "${chains[@]}"
code 64 'no variable `thet` in tests/data/schools_1.csv; did you mean `theta`?' --variables=mu,thet "${chains[@]}"
code 64 'no `theta[3]` in tests/data/schools_1.csv; there are theta[1] to theta[2]' '--variables=theta[3]' "${chains[@]}"
code 64 '--variables names nothing' --variables= "${chains[@]}"
: >"$work/empty.csv"
code 65 'empty.csv: there is no line of column names' "$work/empty.csv"
printf 'lp__,a\n' >"$work/header.csv"
code 65 'header.csv: there are no draws' "$work/header.csv"
printf 'a,b\n1,nan\n' | "$STANLITE" summary /dev/stdin >"$work/out" || wrong "one draw with NaN is not read"
grep -q 'b *NaN' "$work/out" || wrong "NaN is not printed"
code 66 'no_such.csv: cannot be opened' "$work/no_such.csv"
printf 'a,b\n1,2\n3,x\n' >"$work/bad.csv"
code 65 'bad.csv:3: `x` is not a number (column b)' "$work/bad.csv"
code 65 'not chains of one model' tests/data/schools_1.csv <(printf 'a\n1\n')
if [ -w /dev/full ]; then
  "$STANLITE" summary "${chains[@]}" >/dev/full 2>"$work/errors"
  [ $? -eq 73 ] || wrong "a full disk is not exit code 73"
fi
"$STANLITE" summary --help | grep -q 'ESS_bulk, ESS_tail' || wrong "summary --help explains nothing"
exit $failed
