# lectures.mk: `make lectures` runs what the lectures run, and compares figure by figure; see lectures/README.md.
LECTURES := $(BUILD)/lectures/compare
LECTURES_SOURCES := $(sort $(wildcard lectures/*.c))

$(LECTURES): $(LECTURES_SOURCES) $(wildcard lectures/*.h) $(ARCHIVE)
	@mkdir -p $(@D)
	$(call step,link,$@)
	$(QUIET)$(CC) $(COMPILER_FLAGS) -o $@ $(LECTURES_SOURCES) $(ARCHIVE) -pthread -lm

.PHONY: lectures
lectures: all $(LECTURES)
	@lectures/run $(abspath $(BUILD)) --page=docs/lectures.md

# Its quick part is a system test.
units: $(LECTURES)
