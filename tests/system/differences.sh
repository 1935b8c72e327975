#!/bin/bash
# The differences that bench/posteriordb holds gradients to, where there is no reference, are as exact as they say: known functions, with
# noise of a known size.
cd "$(dirname "$0")/../.." || exit 70
command -v python3 >/dev/null || { echo 'skip: there is no python3' && exit 77; }
python3 bench/differences.py
