# In every draw the ranks are a permutation, and the school that ranks above another has the larger intercept.
for file in output_[1-4].csv; do
  awk -F, '
    /^#/ { next }
    !schools {
      for (i = 1; i <= NF; i++) {
        if (sub(/^school_rank\./, "", $i)) { rank_column[$i] = i; schools++ }
        if (sub(/^alpha\./, "", $i)) alpha_column[$i] = i
      }
      next
    }
    {
      split("", school_of)
      for (j in rank_column) school_of[$rank_column[j]] = j
      for (k = 1; k <= schools; k++) {
        if (!(k in school_of)) { print "no school has rank " k; exit 1 }
        if (k > 1 && $alpha_column[school_of[k]] < $alpha_column[school_of[k - 1]]) { print "rank " k " is wrong"; exit 1 }
      }
      draws++
    }
    END { if (schools != 73 || draws != 1000) { print schools " schools, " draws " draws"; exit 1 } }' "$file"
done
