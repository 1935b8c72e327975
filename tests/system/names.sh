#!/bin/bash
# A program's names are its own, whatever they mean in C. One program declares everything that the generated code could
# trip over: the macros of the headers that it includes, words of C, functions that it calls, names like those that the
# code generator makes. The C must compile without a warning of the kinds that mean something here.
. "$(dirname "$0")/../expect.sh"

# Stan reserves names with two underscores at the end, and begins names with a letter.
names=$({
  echo '#include "runtime/generated.h"' | ${CC:-gcc} -std=gnu17 -fopenmp-simd -I. -dM -E -x c - | awk '{ sub(/\(.*/, "", $2); print $2 }'
  printf '%s\n' double char long short float goto register restrict switch sizeof volatile main model_ workspace inits status \
    generator failed out line bad block end flags value error rng gradient unconstrained constrained dims variable linux errno \
    stdin memset free exp log pow fabs lgamma erf signgam y1 j0 J0 i k i_1 x_adj t log_lik target_ size_t uint64_t size rows
  seq -f 't_%.0f' 1 300
} | grep -v -e '^_' -e '__$' -e '^true$' -e '^false$' | sort -u)
count=$(wc -w <<<"$names")

# each TEXT: the text once for each name, which stands there for %
each() {
  local name
  for name in $names; do echo "${1//%/$name}"; done
}

# compiles KIND: the program in $work/KIND.stanlite
compiles() {
  local option
  for option in --march=native --without=all; do
    if ! "$STANLITE" build --emit=c "$option" "$work/$1.stanlite" >"$work/$1.c" 2>"$work/log"; then
      echo "$1 ($option): $(head -n 5 "$work/log")" && failed=1
    elif ! ${CC:-gcc} -std=gnu17 -fopenmp-simd -fsyntax-only -Wall -Wno-unused -Werror -I. "$work/$1.c" 2>"$work/log"; then
      echo "$1 ($option), the generated C: $(head -n 5 "$work/log")" && failed=1
    fi
  done
}

{
  echo 'data { int<lower=1> N_zz; }'
  echo "parameters { $(each 'real<lower=0> %;') }"
  echo "model { $(each '% ~ normal(N_zz, exp(-%));') }"
} >"$work/parameters.stanlite"
{
  echo "data { $(each 'int<lower=-1> %;') }"
  echo "transformed data { real sum_zz = 0; $(each 'sum_zz += %;') }"
  echo "generated quantities { array[2] real sums_zz; for (i_zz in 1:2) { sums_zz[i_zz] = 0; $(each 'sums_zz[i_zz] += %;') } }"
} >"$work/data.stanlite"
compiles parameters
compiles data
echo "$count names"
exit $failed
