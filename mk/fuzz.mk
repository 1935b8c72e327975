# fuzz.mk: `make fuzz SECONDS=600`: the compiler against random text and random programs; tests/fuzz/README.md says how.
#
# libFuzzer and its sanitizers come with clang; everything lies in $(BUILD)-fuzz, built by a make of its own.
FUZZ_CC ?= clang-14
SECONDS ?= 600
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

.PHONY: fuzz fuzz-targets
fuzz: all
	@scripts/deps fuzz
	@$(MAKE) --no-print-directory BUILD=$(BUILD)-fuzz CC=$(FUZZ_CC) SANITIZE=address,undefined,fuzzer-no-link \
	  CFLAGS='-O1 -g' WARNINGS= fuzz-targets
	@tests/fuzz/run $(abspath $(BUILD)) $(abspath $(BUILD))-fuzz $(SECONDS)

fuzz-targets: $(FUZZ_TARGETS) $(SHARED_FILES)

# write_program has a main() of its own; in the others it is libFuzzer's.
$(BUILD)/fuzz/write_program: FUZZER := address,undefined
$(FUZZ_TARGETS): FUZZER ?= address,undefined,fuzzer
$(FUZZ_TARGETS): $(BUILD)/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) $(COMPILER_LIBRARY_OBJECTS) $(ARCHIVE)
	@mkdir -p $(@D)
	$(call step,fuzz,$<)
	$(QUIET)$(CC) $(DIALECT) $(INCLUDES) $(CFLAGS) -fsanitize=$(FUZZER) -fno-sanitize-recover=all -o $@ $< \
	  $(COMPILER_LIBRARY_OBJECTS) $(ARCHIVE) -pthread -lm
