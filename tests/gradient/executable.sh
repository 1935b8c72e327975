# shellcheck shell=bash
# executable.sh: for scripts that source it: programs with tests/gradient/check.c in place of the sampler's main. They stand in the
# repository's folder, with the compiler in STANLITE and what was built in BUILD. Each function fails with the reason in $work/log.
check_object=$work/check.o

# emit PROGRAM C-FILE OPTION...: the program as C
emit() {
  local program=$1 c=$2
  shift 2
  timeout "${EMIT_SECONDS:-300}" "$STANLITE" build --emit=c "$@" "$program" >"$c" 2>"$work/log"
}

# link_check C-FILE OUTPUT FLAG...: compiled as `stanlite build` does, at -O1 unless a flag says otherwise
link_check() {
  local c=$1 output=$2
  shift 2
  [ -e "$check_object" ] || "${CC:-gcc}" -std=gnu17 -O1 -w -I. -c tests/gradient/check.c -o "$check_object" 2>"$work/log" || return 1
  timeout "${COMPILE_SECONDS:-300}" "${CC:-gcc}" -std=gnu17 -O1 -fopenmp-simd -fno-math-errno -fno-trapping-math -w -I. "$@" "$c" \
    "$check_object" -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc "$BUILD/lib/libstanlite.a" -pthread -Wl,--as-needed \
    -llapack -lblas -lsundials_cvodes -lsundials_nvecserial -lsundials_sunmatrixdense -lsundials_sunlinsoldense -lm \
    -o "$output" 2>"$work/log"
}

# executable PROGRAM OUTPUT OPTION...: both
executable() {
  local program=$1 output=$2
  shift 2
  emit "$program" "$output.c" "$@" && link_check "$output.c" "$output"
}

# moved EXECUTABLE DATA FILE: the values at the fixed points when the last bit of each parameter is another, four times, in FILE.1 ... FILE.4
moved() {
  local k
  for k in 1 2 3 4; do timeout "${RUN_SECONDS:-600}" "$1" "$2" --print="$k" >"$3.$k" 2>"$work/log" || return 1; done
}
