# A new person's mean spreads as the law of total variance says, Var(a_new) = E(sigma_a^2) + Var(a_bar), and a measurement of
# the same, the average and a new person as it says of them. The sums come from other columns than the _rng draws do.
awk -F, '
  /^#/ { next }
  FNR <= 100 && $1 == "lp__" { for (i = 1; i <= NF; i++) column[$i] = i; next }
  {
    draws++
    split("a.1 a_bar a_new con_same con_average con_new", names, " ")
    for (i = 1; i <= 6; i++) { value = $column[names[i]]; sum[names[i]] += value; square[names[i]] += value * value }
    between += $column["sigma_a"] ^ 2
    within += $column["sigma"] ^ 2
  }
  function variance(name) { return square[name] / draws - (sum[name] / draws) ^ 2 }
  function held(name, expected,   ratio) {
    ratio = sqrt(variance(name) / expected)
    if (ratio > 0.95 && ratio < 1.05) return    # 4,000 draws know a standard deviation to 1.1 %
    print name ": sd is " ratio " times what it must be"
    wrong = 1
  }
  END {
    between /= draws
    within /= draws
    held("a_new", variance("a_bar") + between)
    held("con_same", variance("a.1") + within)
    held("con_average", variance("a_bar") + within)
    held("con_new", variance("a_bar") + between + within)
    exit wrong || draws != 4000
  }' pooled_[1-4].csv
