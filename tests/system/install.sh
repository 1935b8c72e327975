#!/bin/bash
# An installation works from any folder, and after it was moved: `make install`, move, then build and sample elsewhere.
# The man page, headers, library and archive lie where docs/interface.md says.
. "$(dirname "$0")/../expect.sh"
set -e

make --no-print-directory BUILD="$BUILD" PREFIX="$work/first place" install >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mv "$work/first place" "$work/second place"
prefix="$work/second place"
for file in bin/stanlite lib/stanlite/libstanlite.a include/stanlite/runtime/model.h share/stanlite/library \
  share/man/man1/stanlite.1; do
  [ -e "$prefix/$file" ] || { echo "$file was not installed"; exit 1; }
done

mkdir "$work/elsewhere"
cd "$work/elsewhere"
ln -s "$prefix/bin/stanlite" stanlite
./stanlite build "$root/examples/beta_binomial/beta_binomial.stanlite"
[ -x beta_binomial ] || { echo "build wrote no ./beta_binomial"; exit 1; }
./beta_binomial sample num_chains=1 data file="$root/examples/beta_binomial/beta_binomial.json" random seed=1 output file=draws.csv refresh=0
draws=$(grep -c '^[-0-9]' draws.csv)
[ "$draws" -eq 1000 ] || { echo "$draws draws, expected 1000"; exit 1; }
echo "installed, moved, built and sampled"
