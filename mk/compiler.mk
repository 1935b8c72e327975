# compiler.mk: the compiler, $(BUILD)/stanlite. Its commands over draws (summary ...) take what they need from the runtime's
# archive, jansson included; the sampler is not among it.
STANLITE := $(BUILD)/stanlite
ARCHIVE := $(BUILD)/lib/libstanlite.a
COMPILER_SOURCES := $(sort $(foreach folder,$(COMPILER_FOLDERS),$(wildcard $(folder)/*.c)))

# Generated sources, where there is a grammar to generate them from.
ifneq ($(wildcard lexer/lexer.l),)
GENERATED_SOURCES += $(BUILD)/lexer/lexer.yy.c
GENERATED_HEADERS += $(BUILD)/lexer/lexer.h
endif
ifneq ($(wildcard parser/parser.y),)
GENERATED_SOURCES += $(BUILD)/parser/parser.tab.c
GENERATED_HEADERS += $(BUILD)/parser/parser.h
endif
GENERATED_OBJECTS := $(GENERATED_SOURCES:.c=.o)

COMPILER_OBJECTS := $(call objects_of,$(COMPILER_SOURCES)) $(GENERATED_OBJECTS)
# What unit tests link: the whole compiler without its main().
COMPILER_LIBRARY_OBJECTS := $(filter-out $(BUILD)/obj/cli/main.o,$(COMPILER_OBJECTS))

COMPILER_FLAGS = $(DIALECT) $(WARNINGS) $(INCLUDES) $(SANITIZE_FLAGS) $(CFLAGS)
# flex and bison write functions that a grammar may not use.
GENERATED_FLAGS = -Wno-unused-function -Wno-unused-parameter -Wno-sign-compare -Wno-unused-but-set-variable

# Until cli/main.c exists there is nothing to link; its objects are still compiled, so that `make` checks them.
ifneq ($(wildcard cli/main.c),)
$(STANLITE): $(COMPILER_OBJECTS) $(ARCHIVE)
	$(call step,link,$@)
	$(QUIET)$(CC) $(SANITIZE_FLAGS) $(LDFLAGS) -o $@ $^ -pthread -lm
else
.PHONY: $(STANLITE)
$(STANLITE): $(COMPILER_OBJECTS)
	@echo "there is no cli/main.c: the compiler's parts were compiled, not linked"
endif

# Objects wait for the generated headers, which any of them may include.
$(call objects_of,$(COMPILER_SOURCES)): $(BUILD)/obj/%.o: %.c | $(GENERATED_HEADERS)
	@mkdir -p $(@D)
	$(call step,cc,$<)
	$(QUIET)$(CC) $(COMPILER_FLAGS) $(DEPENDENCIES) -c -o $@ $<

$(GENERATED_OBJECTS): %.o: %.c | $(GENERATED_HEADERS)
	$(call step,cc,$<)
	$(QUIET)$(CC) $(COMPILER_FLAGS) $(GENERATED_FLAGS) $(DEPENDENCIES) -c -o $@ $<

$(BUILD)/lexer/lexer.yy.c $(BUILD)/lexer/lexer.h &: lexer/lexer.l
	@mkdir -p $(@D)
	$(call step,flex,$<)
	$(QUIET)$(FLEX) --header-file=$(BUILD)/lexer/lexer.h -o $(BUILD)/lexer/lexer.yy.c $<

$(BUILD)/parser/parser.tab.c $(BUILD)/parser/parser.h &: parser/parser.y
	@mkdir -p $(@D)
	$(call step,bison,$<)
	$(QUIET)$(BISON) -Wall -Wno-yacc -Werror=conflicts-sr -Werror=conflicts-rr \
	  --header=$(BUILD)/parser/parser.h -o $(BUILD)/parser/parser.tab.c $<

-include $(COMPILER_OBJECTS:.o=.d)
