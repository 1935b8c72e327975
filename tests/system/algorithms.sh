#!/bin/bash
# The algorithms beside NUTS as CmdStan's users meet them: columns, arguments, what stays and what is refused. That their draws come
# from the posterior is tested by sampling.sh.
. "$(dirname "$0")/../expect.sh"
cd "$work" || exit 70
column() { grep -v '^#' "$1" | awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }'; }
run() {
  rm -f ./*.csv
  ./model sample num_chains=2 "$@" random seed=1 output refresh=0 >log 2>&1 || wrong "$* fails: $(tail -n 3 log)"
}

cat >model.stanlite <<'S'
parameters {
  real<lower=0, upper=1> p;
  vector[2] x;
}
model {
  x ~ std_normal();
  p ~ beta(2, 3);
  if (x[1] > 1) reject("x[1] is above 1");
}
generated quantities {
  real noise = std_normal_rng();
}
S
"$STANLITE" build model.stanlite || exit 1

run algorithm=fixed_param num_samples=50 num_warmup=20 save_warmup=1
is 'fixed_param, columns' "$(columns output_1.csv)" lp__,accept_stat__,p,x.1,x.2,noise
is 'fixed_param, rows' "$(rows output_1.csv | wc -l)" 50
is 'fixed_param, parameters' "$(rows output_1.csv | cut -d, -f 1-5 | sort -u | wc -l)" 1
is 'fixed_param, generated quantities' "$(column output_1.csv noise | sort -u | wc -l)" 50
is 'fixed_param, lp__ and accept_stat__' "$(rows output_1.csv | cut -d, -f 1,2 | sort -u)" 0,0
is 'fixed_param, adaptation' "$(grep -c 'Adaptation' output_1.csv)" 0
run algorithm=fixed_param init=0 num_samples=5
is 'fixed_param, init=0' "$(rows output_2.csv | cut -d, -f 3-5 | sort -u)" 0.5,0,0

run algorithm=hmc engine=static int_time=1.5 stepsize_jitter=0.1
is 'static, columns' "$(columns output_1.csv)" lp__,accept_stat__,stepsize__,int_time__,energy__,p,x.1,x.2,noise
is 'static, int_time__' "$(column output_1.csv int_time__ | sort -u)" 1.5

run algorithm=mh num_samples=4000 num_warmup=2000 output diagnostic_file=unconstrained.csv sig_figs=17
is 'mh, columns' "$(columns output_1.csv)" lp__,accept_stat__,stepsize__,p,x.1,x.2,noise
is 'mh, columns of diagnostic_file' "$(columns unconstrained_1.csv)" lp__,accept_stat__,stepsize__,p,x.1,x.2
is 'mh, scales after warmup' "$(column output_1.csv stepsize__ | sort -u | wc -l)" 1
is 'mh, draws outside of the support' "$(column output_1.csv x.1 | awk '$1 > 1' | wc -l)" 0
is 'mh, generated quantities when a proposal is refused' "$(column output_1.csv noise | sort -u | wc -l)" 4000
column output_1.csv accept_stat__ | awk '{ sum += $1 } END { exit !(NR && sum / NR > 0.2 && sum / NR < 0.42) }' ||
  wrong "mh, the mean acceptance is $(column output_1.csv accept_stat__ | awk '{ sum += $1 } END { print sum / NR }'), aimed at 0.303"
grep -q 'delta = 0.3027' output_1.csv || wrong 'mh: the header does not show the acceptance aimed at'
is 'mh, metric in the file' "$(grep -c 'Diagonal elements of inverse mass matrix' output_1.csv)" 1
"$STANLITE" summary output_1.csv output_2.csv >table || wrong 'mh: no summary'
grep -q '^p ' table || wrong 'mh: p is not in the summary'
grep -q '^stepsize__ ' table && wrong 'mh: the scale is in the summary'
rows output_1.csv >first
run algorithm=mh num_samples=4000 num_warmup=2000 num_threads=1 output diagnostic_file=unconstrained.csv sig_figs=17
rows output_1.csv | cmp -s - first || wrong 'mh: the draws depend on the number of threads'

run algorithm=mh stepsize=0.5 adapt engaged=0
is 'mh, the scale given' "$(column output_2.csv stepsize__ | sort -u)" 0.5
run algorithm=mh metric=dense_e
is 'mh, dense metric in the file' "$(grep -c '# Elements of inverse mass matrix' output_1.csv)" 1
rows output_1.csv | cut -d, -f 4,6 >all
run algorithm=mh metric=dense_e output columns=x.2,p
is 'columns=, columns' "$(columns output_1.csv)" lp__,accept_stat__,stepsize__,p,x.2
rows output_1.csv | cut -d, -f 4,5 | cmp -s - all || wrong 'columns=: other values than without it'
run algorithm=fixed_param num_samples=1 output columns=noise,x
is 'columns=, a variable' "$(columns output_1.csv)" lp__,accept_stat__,x.1,x.2,noise
./model sample columns=p,y output file=none.csv >log 2>&1
is 'columns= of none, exit code' $? 64
grep -q '"y"' log || wrong 'columns=: the name that is not there is not told'
[ -e none_1.csv ] && wrong 'columns= of none: a file is left'
./model sample algorithm=mh engine=nuts >log 2>&1
is 'mh engine=nuts, exit code' $? 64
./model sample algorithm=mh stepsize=-1 >log 2>&1
is 'mh stepsize=-1, exit code' $? 64
exit $failed
