#!/bin/bash
# The canonical layout: what tests/format/NAME.stan becomes stands in NAME.formatted. For every program of the repository that
# parses, laying it out twice changes nothing more, the tree is the same, and so is the C.
. "$(dirname "$0")/../expect.sh"


for expected in tests/format/*.formatted; do
  "$STANLITE" format "${expected%.formatted}.stan" >"$work/printed" || wrong "$expected: refused"
  diff -u --label expected --label printed "$expected" "$work/printed" || failed=1
done

count=0
for program in $(find tests examples bench -name '*.stan' -o -name '*.stanlite' | sort); do
  folder=$(dirname "$program") once=$work/once/$(basename "$program")
  rm -rf "$work/once" && mkdir "$work/once" # an include is looked for beside the program first
  "$STANLITE" format "$program" >"$once" 2>"$work/errors" || {
    [ $? -eq 65 ] || wrong "$program: $(cat "$work/errors")"
    continue
  }
  count=$((count + 1))
  "$STANLITE" format --include-path="$folder" "$once" >"$work/twice.stan" || wrong "$program: cannot be read again"
  cmp -s "$once" "$work/twice.stan" || wrong "$program: laid out twice it changes"
  # Old names of functions change in the tree; of a program with mistakes there is no other tree.
  stages=ast
  "$STANLITE" check "$program" >/dev/null 2>&1 && stages="typed ir"
  for stage in $stages; do
    "$STANLITE" build --emit=$stage "$program" 2>/dev/null | sed 's/ in line [0-9]*//; s/line [0-9]*//' >"$work/before"
    "$STANLITE" build --emit=$stage --include-path="$folder" "$once" 2>/dev/null |
      sed 's/ in line [0-9]*//; s/line [0-9]*//' >"$work/after"
    cmp -s "$work/before" "$work/after" || wrong "$program: another $stage"
  done
done
[ $count -gt 50 ] || wrong "only $count programs were laid out"

# In place: written when something changes, and left alone when nothing does; what cannot be read is not touched.
cp tests/format/comments.stan "$work/own.stan"
"$STANLITE" format --in-place "$work/own.stan" && cmp -s "$work/own.stan" tests/format/comments.formatted || wrong "--in-place"
touch -d '2001-01-01' "$work/own.stan"
"$STANLITE" format --in-place "$work/own.stan"
[ "$(date -r "$work/own.stan" +%Y)" = 2001 ] || wrong "--in-place writes what has not changed"
echo 'data { int N' >"$work/own.stan"
"$STANLITE" format --in-place "$work/own.stan" 2>/dev/null
[ $? -eq 65 ] && [ "$(cat "$work/own.stan")" = 'data { int N' ] || wrong "--in-place touches what it cannot read"
exit $failed
