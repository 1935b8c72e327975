#!/bin/bash
# Functions that take functions, and functions that call themselves, with numbers that come from elsewhere: solutions of
# differential equations against closed forms and against Taylor series of 30 digits, sensitivities included. What cannot be
# solved, and what never ends, is refused with the program's line: bad data while they are read, a rejected point later.
. "$(dirname "$0")/../expect.sh"

for name in closed_forms stiff lotka failures; do
  "$STANLITE" build -O1 "tests/functions/$name.stanlite" -o "$work/$name" 2>"$work/log" ||
    { echo "$name does not build: $(head -n 5 "$work/log")" && exit 1; }
done

for name in closed_forms stiff; do
  "$work/$name" sample num_chains=1 num_warmup=10 num_samples=1 output file="$work/out.csv" >"$work/log" 2>&1 ||
    wrong "$name: $(head -n 3 "$work/log")"
done

# One row of log density and gradient, beside what tests/reference/make_ode.py has written.
for solver in 1 2 3 4; do
  echo "{\"solver\": $solver}" >"$work/data.json"
  "$work/lotka" log_prob unconstrained_params=tests/functions/lotka.json data file="$work/data.json" \
    output file="$work/out.csv" sig_figs=17 >"$work/log" 2>&1 || wrong "lotka: $(head -n 3 "$work/log")"
  grep -v '^#' "$work/out.csv" | tail -n 1 | tr ',' '\n' | paste - tests/functions/lotka.expected | awk -v tolerance=1e-9 '
    { d = $1 - $2; if (NF != 2 || d * d > tolerance * tolerance * (1 + $2 * $2)) { print $1, "is not", $2; bad = 1 } }
    END { exit bad || NR != 11 }' >"$work/log" || wrong "lotka, solver $solver: $(head -n 3 "$work/log")"
done

# refuses WHICH TIMES LINE TEXT: while the data are read
refuses() {
  echo "{\"which\": $1, \"ts\": $2}" >"$work/data.json"
  "$work/failures" sample num_chains=1 data file="$work/data.json" output file="$work/out.csv" >"$work/log" 2>&1
  local code=$?
  [ $code -eq 65 ] && grep -q -- "$4.*line $3," "$work/log" ||
    wrong "failure $1, times $2: exit code $code, expected 65, line $3 and '$4': $(head -n 3 "$work/log")"
}
refuses 1 '[0, 1]' 33 'the initial time is 0, but must be before the first time, 0'
refuses 1 '[2, 1]' 33 'times must not decrease, but time 1 is 2, and time 2 is 1'
refuses 1 '["NaN", 1]' 33 'times must be finite, but time 1 is nan'
refuses 2 '[1, 2]' 34 'time 1 was not reached in 3 steps'
refuses 3 '[1, 2]' 35 'time 1 was not reached in 3 steps'
refuses 4 '[1, 2]' 36 'too_long: it returns 2 elements, but there are 1 in the state'
refuses 5 '[1, 2]' 10 'time is 0.'
refuses 6 '[1, 2]' 38 'the relative tolerance is -1, but must be positive'
refuses 7 '[1, 2]' 39 'the number of steps is 0, but must be positive'
refuses 8 '[1, 2]' 40 'the initial state must be finite, but element 1 is nan'
refuses 9 '[1, 2]' 19 'runaway: it calls itself too deeply'
refuses 11 '[1, 2]' 42 'time 1 was not reached in 3 steps'
refuses 12 '[1, 2]' 10 'time is 0.'
refuses 10 '[1, 2]' 49 'there are no times'

refuses 13 '[1, 2]' 44 'solve_newton: '
refuses 14 '[1, 2]' 45 'solve_powell: '
refuses 15 '[1, 2]' 46 'the initial guess must be finite'
refuses 16 '[1, 2]' 47 'integrate_1d: '
refuses 17 '[1, 2]' 48 'the lower limit is 2, but must not exceed the upper limit, 1'

# rejects WHICH TEXT: in the model
rejects() {
  echo "{\"which\": $1, \"ts\": [1, 2]}" >"$work/data.json"
  "$work/failures" sample num_chains=1 data file="$work/data.json" output file="$work/out.csv" >"$work/log" 2>&1
  local code=$?
  [ $code -ne 0 ] && [ $code -lt 128 ] && grep -q -- "$2" "$work/log" ||
    wrong "rejection $1: exit code $code, expected '$2': $(head -n 3 "$work/log")"
}
rejects 20 'sink: it calls itself too deeply'
rejects 21 'ode_rk45_tol: time 1 was not reached in 3 steps'
exit $failed
