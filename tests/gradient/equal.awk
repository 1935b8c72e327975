# equal.awk: two files of numbers, line by line: each difference at most 1e-11 of the line's scale, which is the largest number in it and at
# least 1. The first number of a line must be the same. Use: awk -f equal.awk FILE1 FILE2 [MOVED...]
#
# MOVED are FILE1's numbers when only the last bits of the program's parameters are others: a line that they move farther than a tenth of
# the tolerance is not determined to it, and may differ by ten times their largest difference. With -v brief=1 the only output is
#   LARGEST ALLOWED COUNT: the largest difference and what was allowed in its line, both relative to the scale, and the number of lines
# that hold numbers.
function magnitude(x) { return x < 0 ? -x : x }
function is_number(text) { return text ~ /^-?[0-9]/ }
# The largest difference of two lines' numbers; at[] tells where. What is no number must be the same, but for the sign of a nan.
function apart(one, other, scale,    a, b, count, i, d, worst) {
  count = split(one, a, " ")
  if (split(other, b, " ") != count) { where = "the count of numbers"; return 1e300 }
  if (a[1] != b[1]) { where = "number 1: " a[1] " and " b[1]; return 1e300 }
  worst = 0
  where = ""
  for (i = 1; i <= count; i++) {
    if (a[i] == b[i]) continue
    if (is_number(a[i]) && is_number(b[i])) d = magnitude(a[i] - b[i]) / scale
    else d = a[i] ~ /nan/ && b[i] ~ /nan/ ? 0 : 1e300
    if (d > worst) { worst = d; where = "number " i ": " a[i] " and " b[i] }
  }
  return worst
}
FNR == 1 { file++ }
file == 1 { line[FNR] = $0; lines = FNR; next }
file == 2 { other[FNR] = $0; others = FNR; next }
{ moved[file, FNR] = $0 }
END {
  if (lines != others) { if (!brief) print "not as many lines"; largest = 1e300; failed = 1 }
  for (n = 1; n <= lines && !failed; n++) {
    count = split(line[n], number, " ")
    counted += is_number(number[1])
    scale = 1
    for (i = 2; i <= count; i++) if (is_number(number[i]) && magnitude(number[i]) > scale) scale = magnitude(number[i])
    allowed = 1e-11
    for (k = 3; k <= file; k++) {
      d = 10 * apart(line[n], moved[k, n], scale)
      if (d > allowed && d < 1e299) allowed = d
    }
    d = apart(line[n], other[n], scale)
    if (d > largest) { largest = d; allowed_there = allowed }
    if (d > allowed) {
      wrong = 1
      if (!brief) print "line " n ", " where
    }
  }
  if (brief) printf (largest ? "%.1e" : "%d") " %.1e %d\n", largest, allowed_there, counted
  exit failed || wrong
}
