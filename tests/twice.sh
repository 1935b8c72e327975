# To be sourced. Comparisons of Monte Carlo samples with references hang on draws, and a machine with other instructions makes
# others: of thousands of quantities held to 4 standard errors some are apart by chance.
#
# twice LABEL AGREES ARGUMENT...: runs `AGREES 1 ARGUMENT...`, and if that finds differences `AGREES 2 ARGUMENT...`, which takes
# another seed. Wrong is what differs both times: by chance that is seldom, and an error of the compiler or the sampler always.
# AGREES prints a line "quantity what: ..." for each difference, and returns 0 if there are none, 1 if there are, more when there is
# nothing to compare. Prints what it found, each line with LABEL. Returns 0 or 1.
twice() {
  local label=$1 agrees=$2 first second code=0
  shift 2
  first=$("$agrees" 1 "$@") || code=$?
  [ $code -eq 0 ] && return 0
  printf '%s\n' "$first" | sed "s/^/$label, first: /"
  [ $code -eq 1 ] || return 1
  second=$("$agrees" 2 "$@") || code=$?
  [ -n "$second" ] && printf '%s\n' "$second" | sed "s/^/$label, second: /"
  [ $code -le 1 ] && [ -z "$(comm -12 <(differences "$first") <(differences "$second"))" ]
}

differences() { printf '%s\n' "$1" | sed -n 's/^\([^:]*\): .*/\1/p' | sort -u; }
