# flags.mk: how everything is compiled. CFLAGS belongs to the user; what the sources need stands here.
DIALECT := -std=gnu17
WARNINGS := -Wall -Wextra -Werror
INCLUDES := -I. -I$(BUILD)
DEPENDENCIES = -MMD -MP

# A sanitizer report ends the program, so that a test cannot miss it.
ifneq ($(SANITIZE),)
SANITIZE_FLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ifneq ($(MARCH),)
MARCH_FLAGS := -march=$(MARCH)
endif

# Everybody's objects lie in $(BUILD)/obj, at the place of their source.
objects_of = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

# One line for each step; V=1 shows the commands.
QUIET := $(if $(V),,@)
step = @printf '  %-6s %s\n' $(1) $(2)
