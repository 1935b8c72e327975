# equal.awk: two files of numbers, line by line: the largest difference relative to the line's scale; fails above 1e-11.
# Use: awk -f equal.awk FILE1 FILE2
function magnitude(x) { return x < 0 ? -x : x }
NR == FNR { line[FNR] = $0; lines = FNR; next }
{
  count = split(line[FNR], expected, " ")
  if (count != NF) { print "line " FNR ": " NF " numbers, not " count; failed = 1; next }
  scale = 1
  for (i = 2; i <= NF; i++) if ($i + 0 == $i && magnitude($i) > scale) scale = magnitude($i)
  for (i = 1; i <= NF; i++) {
    if ($i == expected[i]) continue
    difference = magnitude($i - expected[i])
    if (!(difference <= 1e-11 * scale)) { print "line " FNR ", number " i ": " expected[i] " and " $i; failed = 1 }
  }
}
END { if (FNR != lines) { print "not as many lines"; failed = 1 } exit failed }
