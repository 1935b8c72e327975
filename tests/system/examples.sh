#!/bin/bash
# The pages of examples/ hold: their commands run, every program is in one of them, and what they draw last agrees with
# tests/reference/examples.json, where that has the exact answer, and with tests/examples/NAME.sh, which looks at the files
# that the page NAME leaves behind. What a page's block of commands says behind its three backquotes is what happens to it here:
#   sh            its lines are run in a copy of the folder, one after the other
#   sh long       the same, but `stanlite run` draws little
#   sh download   a public table becomes data; what it writes (-o FILE) is taken from ../shared/data instead, and where that is
#                 missing, the page is skipped
# EXAMPLES="NAME..." runs these pages alone.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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
    { print }' "$1"
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
  cp -r "$folder" "$work/$name"
  missing=""
  for data in $(blocks "$page" 'sh download' | grep -o -- '-o [^ ]*' | cut -c4-); do
    if [ -e "$root/../shared/data/$data" ]; then
      cp "$root/../shared/data/$data" "$work/$name/"
    else
      missing="$missing $data"
    fi
  done
  if [ -n "$missing" ]; then
    skipped="$skipped $name"
    continue
  fi
  blocks "$page" 'sh|sh long' >"$work/$name/commands"
  if ! (cd "$work/$name" && TIMEFORMAT="$name: %U s of processor time" && time bash -eu commands >output 2>&1 </dev/null); then
    echo "$page: a command fails"
    cat "$work/$name/output"
    failed=1
    continue
  fi
  if grep -q "\"$name\"" "$REFERENCE"; then
    stanlite summary --json "$work/$name"/output_[1-4].csv >"$work/summary.json"
    "$BUILD/tests/compare_summary" "--exact=$name" "$REFERENCE" "$work/summary.json" || failed=1
  fi
  if [ -e "tests/examples/$name.sh" ]; then
    (cd "$work/$name" && bash -eu "$root/tests/examples/$name.sh") || { echo "tests/examples/$name.sh fails" && failed=1; }
  fi
  rm -rf "${work:?}/$name"
done
[ -z "$skipped" ] || echo "skipped, since ../shared/data is not there:$skipped"
exit $failed
