# old_arrays.awk: a Stan program with `array[N] int<lower=1> x` becomes one with `int<lower=1> x[N]`, and in a function's
# arguments `array[,] int x` becomes `int[,] x`: the only form that rstan 2.21 reads.
# There a builtin function's name cannot be a variable's either: such a variable gets an underscore at its end.
#   awk -f bench/old_arrays.awk model.stan
{ text = text $0 "\n" }

# Length of the bracketed text at the start of s, brackets included; 0 when it does not start with `open`.
function bracketed(s, open, close_, depth, i, c) {
  if (substr(s, 1, 1) != open) return 0
  depth = 0
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c == open) depth++
    if (c == close_ && --depth == 0) return i
  }
  return 0
}

# Takes `count` characters and the blanks behind them from the front of the global `rest`.
function take(count, front) {
  front = substr(rest, 1, count)
  rest = substr(rest, count + 1)
  sub(/^[ \t\n]+/, "", rest)
  return front
}

# The text with variable `name` (a word that no parenthesis follows) renamed to `name_`.
function renamed(s, name, done) {
  while (match(s, "(^|[^A-Za-z0-9_])" name "[^A-Za-z0-9_(]")) {
    done = done substr(s, 1, RSTART + RLENGTH - 2) "_"
    s = substr(s, RSTART + RLENGTH - 1)
  }
  return done s
}

END {
  rest = renamed(text, "block")
  out = ""
  while (match(rest, /(^|[^A-Za-z0-9_])array[ \t]*\[/)) {
    at = RSTART + RLENGTH - 1
    start = index(substr(rest, RSTART, RLENGTH), "array") + RSTART - 1
    out = out substr(rest, 1, start - 1)
    rest = substr(rest, at)
    dims = take(bracketed(rest, "[", "]"))
    match(rest, /^[A-Za-z0-9_]+/)
    type = take(RLENGTH) take(bracketed(rest, "<", ">")) take(bracketed(rest, "[", "]"))
    if (dims ~ /^\[[ ,]*\]$/) {
      out = out type dims " "
    } else {
      match(rest, /^[A-Za-z0-9_]+/)
      out = out type " " take(RLENGTH) dims " "
    }
  }
  printf "%s", out rest
}
