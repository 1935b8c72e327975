#!/bin/bash
# The pages of examples/ hold: their commands run, every program is in one of them, and what they draw last agrees with
# tests/reference/examples.json, where that has the exact answer, and with tests/examples/NAME.sh, which looks at the files
# that the page NAME leaves behind. What a page's block of commands says behind its three backquotes is what happens to it here:
#   sh            its lines are run in a copy of the folder, one after the other
#   sh long       the same, but `stanlite run` draws little, and `stanlite study` has two replications of little
#   sh download   a public table becomes data; what it writes (-o FILE) is taken from ../shared/data instead, and where that is
#                 missing, the page is skipped
# What is drawn may be off by chance, and another machine has other draws: a page whose figures do not hold is run once more, with
# another seed. EXAMPLES="NAME..." runs these pages alone.
. "$(dirname "$0")/../expect.sh"
set -e
shopt -s nullglob
export XDG_CACHE_HOME=$work/cache
mkdir "$work/bin"
ln -s "$STANLITE" "$work/bin/stanlite"
export PATH=$work/bin:$PATH REFERENCE=$root/tests/reference/examples.json
short="num_warmup=50 num_samples=50"

# blocks PAGE KIND: the lines of its blocks of this kind (a regular expression); in a long one with few draws.
blocks() {
  awk -v wanted="^ *\`\`\`($2)\$" -v short="$short" '
    /^ *```/ { inside = !inside; kind = $0; next }
    !inside || kind !~ wanted { next }
    kind ~ /sh long/ && /stanlite run/ {
      gsub(/ (num_samples|thin)=[0-9]+/, "")
      if (!sub(/ >/, " " short "&")) $0 = $0 " " short
    }
    kind ~ /sh long/ && /stanlite study/ { $0 = $0 " --replications=2 " short }
    { print }' "$1"
}

# rows_hold PAGE FILE...: each row of a table of draws that the page shows is among those of the files, as far as their Monte Carlo
# errors say. The last digits differ from one processor to another; of several rows with the same name, one must be it.
rows_hold() {
  awk '
    function is_row() { return NF >= 9 && $1 ~ /^[A-Za-z_][A-Za-z_0-9]*(\[[0-9,]+\])?$/ && $2 $3 $4 ~ /^[-+.e0-9]+$/ }
    FNR == 1 { file++ }
    !is_row() { next }
    file == 1 { line[++rows] = $0; next }
    { count[$1]++; mean[$1, count[$1]] = $2; error[$1, count[$1]] = $3; sd[$1, count[$1]] = $4 }
    END {
      for (i = 1; i <= rows; i++) {
        split(line[i], field)
        found = 0
        for (k = 1; k <= count[field[1]]; k++) {
          distance = field[2] - mean[field[1], k]
          if (distance < 0) distance = -distance
          ratio = sd[field[1], k] / (field[4] + 1e-300)
          if (distance <= 6 * (error[field[1], k] + field[3]) && ratio > 0.75 && ratio < 1.33) found = 1
        }
        if (!found) { print "the page shows, but the program does not print: " line[i]; wrong = 1 }
      }
      exit wrong
    }' "$@"
}

# page_holds NAME SEED: 0 when the page holds; 1 when its draws are not what they should be; 2 when it is wrong whatever the draws.
page_holds() {
  local name=$1 folder=$work/$1 page=examples/$1/README.md code=0
  rm -rf "$folder" && cp -r "examples/$name" "$folder"
  for data in $(blocks "$page" 'sh download' | grep -o -- '-o [^ ]*' | cut -c4-); do
    cp "$root/../shared/data/$data" "$folder/"
  done
  blocks "$page" 'sh|sh long' | sed -E "s/\\bseed=[0-9]+/seed=$2/" >"$folder/commands"
  if ! (cd "$folder" && TIMEFORMAT="$name: %U s of processor time" && time bash -eu commands >output 2>&1 </dev/null); then
    echo "$page: a command fails"
    cat "$folder/output"
    return 2
  fi
  if grep -q "\"$name\"" "$REFERENCE"; then
    stanlite summary --json "$folder"/output_[1-4].csv >"$work/summary.json"
    "$BUILD/tests/compare_summary" "--exact=$name" "$REFERENCE" "$work/summary.json" || code=1
  fi
  if [ -e "tests/examples/$name.sh" ]; then
    (cd "$folder" && bash -eu "$root/tests/examples/$name.sh") || { echo "tests/examples/$name.sh fails" && code=1; }
  fi
  if [ -z "$(blocks "$page" 'sh long')" ]; then
    (cd "$folder" && rows_hold README.md output ./*.txt) || { echo "$page is out of date" && code=1; }
  fi
  rm -rf "$folder"
  return $code
}

failed=0 skipped=""
for folder in examples/*/; do
  name=$(basename "$folder")
  page=examples/$name/README.md
  [[ -z "${EXAMPLES:-}" || " $EXAMPLES " == *" $name "* ]] || continue
  for program in "$folder"*.stanlite; do
    if ! blocks "$page" 'sh|sh long' | grep -qw "$(basename "$program" .stanlite)"; then
      echo "$page has no command for $(basename "$program")"
      failed=1
    fi
  done
  missing=""
  for data in $(blocks "$page" 'sh download' | grep -o -- '-o [^ ]*' | cut -c4-); do
    [ -e "$root/../shared/data/$data" ] || missing="$missing $data"
  done
  if [ -n "$missing" ]; then
    skipped="$skipped $name"
    continue
  fi
  code=0
  page_holds "$name" 1 || code=$?
  if [ $code = 1 ]; then
    echo "$name: once more, with another seed"
    page_holds "$name" 2 || failed=1
  elif [ $code = 2 ]; then
    failed=1
  fi
done
[ -z "$skipped" ] || echo "skipped, since ../shared/data is not there:$skipped"
exit $failed
