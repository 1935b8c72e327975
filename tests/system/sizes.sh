#!/bin/bash
# Sizes come from data, and data may be anything: no product of sizes wraps around and makes an array that is too short.
# Every block is tried with sizes that are absurd and with sizes of nothing; the sampler ends with 65 and the name of the variable, or works.
. "$(dirname "$0")/../expect.sh"

# expect CODE TEXT N: the sampler for sizes of N
expect() {
  echo "{\"N\": $3}" >"$work/data.json"
  "$work/model" sample num_chains=1 num_warmup=20 num_samples=5 data file="$work/data.json" output file="$work/out.csv" \
    >"$work/log" 2>&1
  local code=$?
  if [ $code -ne "$1" ] || ! grep -q -- "$2" "$work/log"; then
    echo "$block, N = $3: exit code $code, expected $1 and '$2': $(head -n 3 "$work/log")"
    failed=1
  fi
}

for block in data transformed_data parameters model generated_quantities; do
  declared='array[N, N] matrix[N, N] big;' used='if (N > 0) big[N, 1, 1, N] = 1;'
  case $block in
  data) text="data { int N; $declared } parameters { real x; } model { x ~ normal(0, 1); }" ;;
  transformed_data) text="data { int N; } transformed data { $declared $used } parameters { real x; } model { x ~ normal(0, 1); }" ;;
  parameters) text="data { int N; } parameters { $declared real x; } model { x ~ normal(0, 1); for (i in 1:N) to_vector(big[i, i]) ~ normal(0, 1); }" ;;
  model) text="data { int N; } parameters { real x; } model { $declared $used x ~ normal(0, 1); target += N > 0 ? big[N, 1, 1, N] : 0; }" ;;
  *) text="data { int N; } parameters { real x; } model { x ~ normal(0, 1); } generated quantities { $declared $used }" ;;
  esac
  echo "$text" >"$work/model.stanlite"
  "$STANLITE" build -O0 "$work/model.stanlite" -o "$work/model" 2>"$work/log" || { echo "$block: $(cat "$work/log")" && failed=1 && continue; }
  expect 0 '' 0
  [ $block = data ] || expect 0 '' 1
  expect 65 'a size of big is -1, but must not be negative' -1
  expect 65 'big has sizes for 1.84467e+19 elements' 65536
  expect 65 'big has sizes for' 2147483647
done
exit $failed
