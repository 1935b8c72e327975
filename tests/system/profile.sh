#!/bin/bash
# profile blocks: profile_file has a row for each block and thread, which counts gradients and values, however the block is left; the blocks
# change no number. A program without them writes no file.
. "$(dirname "$0")/../expect.sh"
cd "$work" || exit 70

cat >timed.stanlite <<'S'
functions {
  real f(real x, int n) {
    profile("in f, early") {
      if (n == 0) return x;
      for (i in 1:n) {
        profile("loop") {
          if (i == 1) continue;
          if (x > 100) return exp(x);
          if (i == 3) break;
        }
      }
      return square(x);
    }
  }
  real sum_of_digits(int n) {
    profile("recursive") {
      if (n < 10) return n;
      return n % 10 + sum_of_digits(n %/% 10);
    }
  }
}
data {
  int N;
  vector[N] y;
}
transformed data {
  real m;
  profile("data") {
    m = mean(y);
  }
}
parameters {
  real mu;
  real<lower=0> sigma;
}
transformed parameters {
  real s;
  profile("walk") {
    s = 0;
    for (n in 1:N) s = 0.5 * s + square(y[n] - mu);
  }
}
model {
  profile("priors") {
    mu ~ normal(m, 10);
    sigma ~ exponential(1);
  }
  profile("likelihood") {
    y ~ student_t(4, mu, sigma);
  }
  target += -(f(mu, 5) + s + f(sigma, 0) + sum_of_digits(N)) / 1000;
}
generated quantities {
  real z;
  profile("drawn") {
    z = normal_rng(mu, sigma);
  }
}
S
sed 's/profile("[^"]*") {/{/' timed.stanlite >plain.stanlite
echo '{"N": 12, "y": [0.3, -1.1, 0.7, 2.2, 0.1, -0.4, 1.5, 0.2, -0.6, 0.9, 1.1, -2.0]}' >data.json
printf 'mu,sigma\n0.1,0.2\n0.5,-0.3\n-1,0.4\n2,1\n101,0\n' >points.csv
for program in timed plain; do
  "$STANLITE" build $program.stanlite -o $program || exit 1
  ./$program log_prob unconstrained_params=points.csv data file=data.json output file=$program.csv profile_file=$program.profile sig_figs=17 \
    >log 2>&1 || wrong "$program: $(cat log)"
done
awk -F, '/^#/ { next } FNR == NR { for (i = 1; i <= NF; i++) a[FNR, i] = $i; next }
  FNR > 1 { for (i = 1; i <= NF; i++) { d = $i - a[FNR, i]; if (d * d > 1e-22 * (1 + $i * $i) || $i != $i + 0) { print $i, a[FNR, i]; exit 1 } } }' \
  <(grep -v '^#' plain.csv) <(grep -v '^#' timed.csv) >log || wrong "profile blocks change a number: $(cat log)"
[ ! -e plain.profile ] || wrong 'a program without profile blocks writes profile_file'

# calls BLOCK: gradients and values alone, summed over threads; times must add up
calls() {
  awk -F, -v block="$1" '
    { name = $1; shift = 0; if ($1 ~ /^"/) { name = substr($1, 2) "," substr($2, 1, length($2) - 1); shift = 1 } }
    NR > 1 && name == block {
      apart = $(3 + shift) - $(4 + shift) - $(5 + shift)
      if (apart * apart > 1e-10 * $(3 + shift) ^ 2 || $(4 + shift) < 0 || $(5 + shift) < 0) print "times of " block ": " $0
      gradients += $(8 + shift); values += $(9 + shift)
    }
    END { print gradients + 0, values + 0 }' "$2"
}
is 'the header' "$(head -n 1 timed.profile)" \
  'name,thread_id,total_time,forward_time,reverse_time,chain_stack,no_chain_stack,autodiff_calls,no_autodiff_calls'
is 'gradients of five points' "$(calls likelihood timed.profile)" '5 0'
is 'transformed data' "$(calls data timed.profile)" '0 1'
is 'a function that returns from its block' "$(calls 'in f, early' timed.profile)" '10 0'
is 'a loop left by continue, break and, for one point, return' "$(calls loop timed.profile)" "$((4 * 3 + 2)) 0"
is 'a transformed parameter' "$(calls walk timed.profile)" '5 0'
is 'generated quantities where there are none' "$(calls drawn timed.profile)" '0 0'

./timed sample num_chains=2 num_warmup=30 num_samples=20 data file=data.json random seed=1 output file=draws.csv profile_file=sample.profile \
  refresh=0 >log 2>&1 || wrong "sampling: $(cat log)"
is 'generated quantities of two chains' "$(calls drawn sample.profile)" '0 40'
read -r likelihood _ < <(calls likelihood sample.profile)
read -r priors _ < <(calls priors sample.profile)
steps=$(cat draws_1.csv draws_2.csv | awk -F, '/^#/ || /^lp__/ { next } { sum += $5 } END { print sum }')
[ "$likelihood" -ge "$steps" ] || wrong "$likelihood gradients for $steps leapfrog steps"
[ "$priors" -ge "$likelihood" ] || wrong "priors ran $priors times, the likelihood behind them $likelihood times"
code 73 no/such/folder ./timed log_prob unconstrained_params=points.csv data file=data.json profile_file=no/such/folder/x.csv output file=p.csv
exit $failed
