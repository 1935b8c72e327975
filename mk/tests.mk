# tests.mk: `make check` and `make check-sanitize`. scripts/check runs the programs and counts.
UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_PROGRAMS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SOURCES))

# A unit test that needs a model defines one itself (the functions of runtime/model.h).
$(UNIT_PROGRAMS): $(BUILD)/tests/%: tests/unit/%.c $(COMPILER_LIBRARY_OBJECTS) $(ARCHIVE)
	@mkdir -p $(@D)
	$(call step,test,$<)
	$(QUIET)$(CC) $(COMPILER_FLAGS) -fopenmp-simd -pthread $(DEPENDENCIES) -o $@ $< $(COMPILER_LIBRARY_OBJECTS) $(ARCHIVE) \
	  -Wl,--as-needed -llapack -lblas -lcunit -lm

# What the system tests are made with.
TOOL_PROGRAMS := $(patsubst tests/tools/%.c,$(BUILD)/tests/%,$(wildcard tests/tools/*.c))
$(TOOL_PROGRAMS): $(BUILD)/tests/%: tests/tools/%.c $(ARCHIVE)
	@mkdir -p $(@D)
	$(call step,test,$<)
	$(QUIET)$(CC) $(COMPILER_FLAGS) $(DEPENDENCIES) -o $@ $< $(ARCHIVE) -lm

.PHONY: units check check-build check-sanitize check-sanitize-build
units: all $(UNIT_PROGRAMS) $(TOOL_PROGRAMS)

check: deps
	@scripts/deps test
	@$(MAKE) --no-print-directory check-build
check-build: units
	@scripts/check $(BUILD) unit golden system

check-sanitize: deps
	@scripts/deps test
	@$(MAKE) --no-print-directory BUILD=$(BUILD)-sanitize SANITIZE=address,undefined CFLAGS='-O1 -g' check-sanitize-build
check-sanitize-build: units
	@scripts/check $(BUILD) unit golden truncated

-include $(addsuffix .d,$(UNIT_PROGRAMS) $(TOOL_PROGRAMS))
