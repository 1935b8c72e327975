#!/bin/bash
# Gradients are right, and no pass changes them. Each program of tests/gradient/programs (and, where ../shared is, of its models)
# is compiled together with tests/gradient/check.c: its gradient must agree with high-order differences of its log
# density and make no heap allocation; value and gradient must equal those of the program compiled without any pass,
# and without each single one, to 1e-11.
. "$(dirname "$0")/../expect.sh"
. tests/gradient/executable.sh
programs=0
small='-DSL_CACHE_BYTES=800 -DSL_TILE_BYTES=100' # so that small matrices are cut into tiles (runtime/kernels.h)

passes=$("$STANLITE" build --emit=no_such_pass none 2>&1 | sed -n 's/^  \([a-z_0-9]*\)$/\1/p')
[ -n "$passes" ] || { echo "the names of the passes cannot be listed"; exit 1; }

# one PROGRAM DATA ONLY-DIFFERENCES
one() {
  local program=$1 data=$2 name option
  name=$(basename "$program")
  programs=$((programs + 1))
  # shellcheck disable=SC2086 # words on purpose
  if ! { emit "$program" "$work/all.c" && link_check "$work/all.c" "$work/all" $small; }; then
    echo "$name does not build: $(head -n 5 "$work/log")" && failed=1 && return
  fi
  if ! "$work/all" "$data" >"$work/out" 2>&1; then
    echo "$name: $(head -n 8 "$work/out")" && failed=1
  else
    echo "$name: $(cat "$work/out")"
  fi
  "$work/all" "$data" --print >"$work/all.values" 2>&1
  for option in all $3; do
    emit "$program" "$work/less.c" "--without=$option" && cmp -s "$work/all.c" "$work/less.c" && continue
    if ! link_check "$work/less.c" "$work/less"; then
      echo "$name --without=$option does not build: $(head -n 5 "$work/log")" && failed=1 && continue
    fi
    "$work/less" "$data" --print >"$work/less.values" 2>&1
    if ! awk -f tests/gradient/equal.awk "$work/all.values" "$work/less.values" >"$work/out"; then
      echo "$name --without=$option differs: $(head -n 3 "$work/out")" && failed=1
    fi
  done
}

for program in tests/gradient/programs/*.stanlite; do
  one "$program" "${program%.stanlite}.json" "$passes"
done
# Functions that are too long for the C compiler are written in parts (codegen/c_parts.c).
for long in scalars:1500 densities:220; do
  awk -v shape=${long%:*} -v lines=${long#*:} -f bench/programs.awk >"$work/${long%:*}.stanlite"
  echo '{"N": 3, "y": [0.5, -1, 2], "c": [0, 3, 1], "z": [1, 0, 1], "x": [[1, 2, 3], [-1, 0.5, 0], [0.2, 0, -2]]}' >"$work/long.json"
  one "$work/${long%:*}.stanlite" "$work/long.json" ''
  grep -q '^SL_PART' "$work/all.c" || { echo "${long%:*}: its C is in one piece" && failed=1; }
done
if [ -d ../shared/models ]; then
  for name in eight_schools_noncentered:eight_schools chimpanzees_m3:chimpanzees mlm_partial:mlm mundlak_latent:mundlak \
    mc_slopes_good:mc_N50_J5 trolley_varying:trolley; do
    one "../shared/models/${name%:*}.stan" "../shared/data/${name#*:}.json" ''
  done
else
  echo "../shared is missing: its models are not checked"
fi
echo "$programs programs"
exit $failed
