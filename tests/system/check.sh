#!/bin/bash
# `stanlite check`: exit codes, --json and --info as other programs read them, include paths, colour on a terminal alone.
. "$(dirname "$0")/../expect.sh"
cd tests/check || exit 70

# --info: what the program reads and gives
told 0 '' "$STANLITE" check --info --include-path=parts info.stanlite
python3 - "$work/out" <<'P' || wrong "--info is not what it should be: $(cat "$work/out")"
import json, sys
info = json.load(open(sys.argv[1]))
real = lambda dimensions: {"type": "real", "dimensions": dimensions}
assert list(info) == ["inputs", "parameters", "transformed parameters", "generated quantities", "functions", "distributions",
                      "included_files"], list(info)
assert info["inputs"] == {"N": {"type": "int", "dimensions": 0}, "y": real(1), "z": {"type": "complex", "dimensions": 2},
                          "t": {"type": [{"type": "int", "dimensions": 0}, real(1)], "dimensions": 1}}, info["inputs"]
assert info["parameters"] == {"mu": real(0), "sigma": real(0), "L": real(2)}, info["parameters"]
assert info["transformed parameters"] == {"Omega": real(2)} and info["generated quantities"] == {"again": real(1)}
assert info["functions"] == ["multiply_lower_tri_self_transpose", "normal_rng", "rep_array", "square"], info["functions"]
assert set(info["distributions"]) >= {"exponential_lupdf", "lkj_corr_cholesky_lupdf", "normal_lpdf", "normal_lupdf"}
assert info["included_files"] == ["parts/functions.stanfunctions"], info["included_files"]
P

# --include-path: without it, and a file that is not there
told 65 'the file `functions.stanfunctions` cannot be read' "$STANLITE" check info.stanlite
told 65 'searched: the folder of the including file, parts, elsewhere' \
  "$STANLITE" check --include-path=parts --include-path=elsewhere <(printf '#include none.stan\n')
printf '#include b.stan\n' >"$work/a.stan"
printf '#include a.stan\n' >"$work/b.stan"
told 65 'b.stan:1:1: error: `'"$work"'/a.stan` includes itself through other files' "$STANLITE" check "$work/a.stan"

# --json: every message, in order, with its place, whole whatever characters it has
cat >"$work/two.stan" <<'S'
parameters {
  real x;
}
model {
  x ~ nomal(0, 1);
  print({1} \ x);
  real y = 1 / 2;
  y = {1, 2};
}
S
told 65 '' "$STANLITE" check --json "$work/two.stan"
[ -s "$work/errors" ] && wrong "--json writes to standard error: $(head -n 2 "$work/errors")"
python3 - "$work/out" "$work/two.stan" <<'P' || wrong "--json is not what it should be: $(cat "$work/out")"
import json, sys
messages = json.load(open(sys.argv[1]))
places = [(m["severity"], m["line"], m["column"], m["end_line"], m["end_column"]) for m in messages]
assert places[0] == ("error", 5, 7, 5, 11), places
assert messages[0]["message"] == "there is no distribution `nomal`" and messages[0]["hint"] == "did you mean `normal`?"
assert "`\\`" in messages[1]["message"], messages[1]
assert all(m["file"] == sys.argv[2] and m["message"] for m in messages)
assert [m["line"] for m in messages] == sorted(m["line"] for m in messages) and len(messages) >= 3, places
P
told 0 '' "$STANLITE" check --json --include-path=parts info.stanlite
is 'no messages' "$(cat "$work/out")" '[]'
told 64 'one at a time' "$STANLITE" check --json --info info.stanlite
told 64 'no option --pendantic' "$STANLITE" check --pendantic info.stanlite
told 66 'No such file' "$STANLITE" check none.stan

# colour: on a terminal, unless it is not wanted
if command -v script >/dev/null; then
  coloured() { # coloured WANTED ENVIRONMENT...
    local wanted=$1 got=no
    shift
    env "$@" script -qec "\"$STANLITE\" check \"$work/two.stan\"" /dev/null </dev/null | grep -q $'\033' && got=yes
    is "colour on a terminal with $*" "$got" "$wanted"
  }
  coloured yes TERM=xterm
  coloured no TERM=dumb
  coloured no TERM=xterm NO_COLOR=1
fi
TERM=xterm "$STANLITE" check "$work/two.stan" 2>&1 | grep -q $'\033' && wrong "colour where there is no terminal"

exit $failed
