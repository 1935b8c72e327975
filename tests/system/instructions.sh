#!/bin/bash
# No gradient takes 3 % more instructions than when bench/instructions.tsv was made (`make instructions-base`), by the same compiler.
. "$(dirname "$0")/../expect.sh"
exec bench/instructions "$BUILD" bench/instructions.tsv
