# runtime.mk: what a sampler is made from, laid out below $(BUILD) as it is below an installation's PREFIX (cli/paths.h):
#   $(BUILD)/lib/libstanlite.a, lib/link-flags    $(BUILD)/include/runtime/*.h    $(BUILD)/share/stanlite/library/*.stanlite
#
# The archive also holds jansson's objects, so that building a sampler needs no jansson on the machine where stanlite is
# installed. A sampler takes from it only the members that it refers to: runtime/lapack_*.c are linked, and LAPACK needed,
# by programs with matrix decompositions alone.
LINK_FLAGS := $(BUILD)/lib/link-flags

RUNTIME_SOURCES := $(sort $(wildcard runtime/*.c runtime/*/*.c))
RUNTIME_HEADERS := $(sort $(wildcard runtime/*.h runtime/*/*.h))
LIBRARY_FILES := $(sort $(wildcard runtime/library/*.stanlite))
RUNTIME_OBJECTS := $(call objects_of,$(RUNTIME_SOURCES))

# -O3 whatever CFLAGS says: these are the sampler's inner loops. Sanitizer builds keep it too, being slow enough.
# Without the -fno flags gcc vectorises neither sqrt and floor nor calls of exp in a select (see runtime/math.h); values
# are the same.
RUNTIME_FLAGS = $(DIALECT) $(WARNINGS) $(INCLUDES) $(SANITIZE_FLAGS) $(CFLAGS) \
  -O3 -fopenmp-simd -fno-math-errno -fno-trapping-math -ffunction-sections -fdata-sections -fPIC -pthread $(MARCH_FLAGS)

SHARED_FILES := $(patsubst runtime/%.h,$(BUILD)/include/runtime/%.h,$(RUNTIME_HEADERS)) \
  $(patsubst runtime/library/%,$(BUILD)/share/stanlite/library/%,$(LIBRARY_FILES))

# What runs once, or waits for the gradient: small rather than fast, since it is part of every sampler.
SMALL := arguments arguments_print command diagnose generate_quantities hessian laplace newton objective line_search optimize optimum \
  points quasi_newton sample wald
$(SMALL:%=$(BUILD)/obj/runtime/%.o): RUNTIME_FLAGS += -Os

$(RUNTIME_OBJECTS): $(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call step,cc,$<)
	$(QUIET)$(CC) $(RUNTIME_FLAGS) $(DEPENDENCIES) -c -o $@ $<

# The archive is made anew when a source comes or goes, and copies whose original has gone are removed: the compiler reads
# whatever lies in the library's folder.
RUNTIME_LIST := $(BUILD)/obj/runtime.list
.PHONY: always prune
$(RUNTIME_LIST): always
	@mkdir -p $(@D)
	@echo '$(RUNTIME_OBJECTS)' | cmp -s - $@ || echo '$(RUNTIME_OBJECTS)' > $@
STALE := $(filter-out $(SHARED_FILES),$(wildcard $(BUILD)/include/runtime/*.h $(BUILD)/share/stanlite/library/*))
prune:
	$(if $(STALE),@rm -f $(STALE))

# An `ar` script, since members of the two archives may share a name and must both survive.
$(ARCHIVE): $(RUNTIME_OBJECTS) $(RUNTIME_LIST)
	@mkdir -p $(@D)
	$(call step,ar,$@)
	@rm -f $@
	@jansson=$$($(CC) -print-file-name=libjansson.a); test -f "$$jansson" || \
	  { echo "libjansson.a is missing: run 'make deps'" >&2; exit 1; }; \
	{ echo "create $@"; echo "addlib $$jansson"; for object in $(RUNTIME_OBJECTS); do echo "addmod $$object"; done; \
	  echo save; echo end; } | ar -M

# Flags that every sampler is linked with, in one line that `stanlite build` reads. Functions of a member that nothing calls are left
# out: a fifth of a small model's executable.
$(LINK_FLAGS): mk/runtime.mk
	@mkdir -p $(@D)
	@echo '-pthread -Wl,--gc-sections $(SANITIZE_FLAGS)' > $@

$(BUILD)/include/runtime/%.h: runtime/%.h
	@mkdir -p $(@D)
	@cp $< $@

$(BUILD)/share/stanlite/library/%: runtime/library/%
	@mkdir -p $(@D)
	@cp $< $@

-include $(RUNTIME_OBJECTS:.o=.d)
