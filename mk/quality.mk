# quality.mk: `make format` and `make lint`; `make bench` compares with Stan, `make bench-passes` each pass with its absence (see
# bench/README.md).
OUR_SOURCES := $(COMPILER_SOURCES) $(RUNTIME_SOURCES) $(UNIT_SOURCES) $(wildcard tests/tools/*.c tests/gradient/*.c lectures/*.c bench/*.c)
OUR_FILES := $(OUR_SOURCES) $(RUNTIME_HEADERS) $(wildcard tests/unit/*.h lectures/*.h bench/*.h) \
  $(foreach folder,$(COMPILER_FOLDERS),$(wildcard $(folder)/*.h))

.PHONY: format lint bench bench-passes bench-scaling bench-threads bench-instructions instructions-base
format:
	@scripts/deps lint
	clang-format -i $(OUR_FILES)

# Of cppcheck (where it is installed) only errors count: its warnings are guesses about single paths, as are its ctu... errors.
# clang-tidy reads what ships; in tests its path analysis sees only checks that it believes may fail and go on.
lint: $(GENERATED_HEADERS)
	@scripts/deps lint
	clang-format --dry-run -Werror $(OUR_FILES)
	clang-tidy --quiet --warnings-as-errors='*' $(COMPILER_SOURCES) $(RUNTIME_SOURCES) -- $(DIALECT) $(INCLUDES) -fopenmp-simd
	@if command -v cppcheck >/dev/null; then \
	  cppcheck --quiet --std=c11 --enable=portability --inline-suppr --suppress=ctunullpointer \
	    --suppress=ctuuninitvar --suppress=uninitvar --suppress=invalidFunctionArg --error-exitcode=1 $(INCLUDES) $(OUR_SOURCES); \
	else echo "cppcheck is not installed: skipped"; fi

bench: all
	@scripts/deps bench
	@MODELS="$(MODELS)" PDB="$(PDB)" WITHOUT="$(WITHOUT)" bench/run $(abspath $(BUILD)) $(BASE)

bench-passes: all
	@MODELS="$(MODELS)" PDB="$(PDB)" bench/passes $(BUILD) $(if $(TIME),--time)

bench-threads: all
	@bench/threads $(BUILD)

bench-scaling: all
	@bench/scaling $(BUILD)

bench-instructions: all
	@scripts/deps test
	@ALL="$(ALL)" MODELS="$(MODELS)" PDB="$(PDB)" bench/instructions $(BUILD) $(BASE)

instructions-base: all
	@scripts/deps test
	@bench/instructions $(BUILD)
	cp $(BUILD)/bench/instructions.tsv bench/instructions.tsv
