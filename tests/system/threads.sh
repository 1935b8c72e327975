#!/bin/bash
# Large loops run on the threads of a chain, and nothing depends on how many there are. Compiled with small chunks
# (SL_CHUNK_COST, runtime/chunks.h), tests/threads/rows has its 3,000 rows in many: draws for threads_per_chain=1, 2 and 3 are the same
# bits; a sum in reduce_sum is the plain sum; a rejection names the first row, and it alone; gradients agree with differences and
# with the program whose loops are not cut. The products of the archive, whose chunks keep their size, are large enough in 60,000 rows.
. "$(dirname "$0")/../expect.sh"
cp tests/threads/rows.* "$work" && cd "$work" || exit 70
make_data() { awk -v N="$1" -v is_reduced="$2" -v first_low="${3:-0}" -v second_low="${4:-0}" -v low=0 -f rows.awk; }
make_data 3000 0 >plain.json
make_data 3000 1 >reduced.json
make_data 60000 0 >large.json

compiler=${CC:-gcc}
CC="$compiler -DSL_CHUNK_COST=1000" "$STANLITE" build rows.stanlite -o rows || exit 1
"$STANLITE" build rows.stanlite --emit=c >rows.c
grep -q 'sl_run_chunks' rows.c || wrong 'no loop is cut'
grep -q 'sl_row_runs' rows.c || wrong 'no rows are grouped'

# draws DATA ARGUMENT...: a checksum
draws() {
  local data=$1
  shift
  ./rows sample num_chains=1 num_warmup=60 num_samples=20 "$@" data file="$data" random seed=5 output file=out.csv refresh=0 \
    >log 2>&1 || { tail -n 3 log && return; }
  rows out.csv | cksum
}
one=$(draws plain.json threads_per_chain=1)
[ "$(rows out.csv | wc -l)" = 20 ] || wrong "no draws: $(tail -n 3 log)"
for arguments in threads_per_chain=2 threads_per_chain=3 num_threads=4 'num_threads=1 threads_per_chain=7'; do
  # shellcheck disable=SC2086 # words on purpose
  is "draws with $arguments" "$(draws plain.json $arguments)" "$one"
done
is 'draws of reduce_sum' "$(draws reduced.json threads_per_chain=2)" "$one"
is 'draws of a large product' "$(draws large.json threads_per_chain=2)" "$(draws large.json threads_per_chain=1)"
code 64 '' ./rows sample threads_per_chain=two data file=plain.json

# Two chains, each with its threads, are the chains that they are alone.
both() {
  ./rows sample num_chains=2 num_warmup=60 num_samples=20 "$@" data file=plain.json random seed=5 output file=out.csv refresh=0 \
    >log 2>&1 || tail -n 3 log
  { rows out_1.csv && rows out_2.csv; } | cksum
}
is 'two chains with two threads each' "$(both num_threads=4)" "$(both num_threads=1)"

# Rows 1703 and 2104 reject where b is positive: 1703 is told, on any number of threads.
make_data 3000 0 1703 2104 >rejects.json
echo '{"a":[0,0,0,0,0],"b":0.5,"beta":[0,0],"tau":1}' >point.json
for threads in 1 2 3; do
  code 65 'row 1703: b is more than 0 ' ./rows optimize threads_per_chain=$threads data file=rejects.json init=point.json output file=o.csv
  grep -q 'row 2104' out && wrong "threads_per_chain=$threads tells of row 2104 as well"
done

# gradient OPTION...: value and gradient at six points; differences must agree with them
gradient() {
  "$STANLITE" build --emit=c "$@" rows.stanlite >gradient.c &&
    $compiler -DSL_CHUNK_COST=1000 -std=gnu17 -O1 -fopenmp-simd -fno-math-errno -fno-trapping-math -w -I "$root" gradient.c \
      "$root/tests/gradient/check.c" -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc "$BUILD/lib/libstanlite.a" -pthread -lm -o gradient &&
    ./gradient reduced.json >differences 2>&1 || wrong "gradient $*: $(head -n 5 differences)"
  ./gradient reduced.json --print
}
gradient >cut.values
gradient --without=threads >whole.values
awk -f "$root/tests/gradient/equal.awk" cut.values whole.values || wrong 'the gradient is another one when loops are cut'
exit $failed
