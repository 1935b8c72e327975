# stanlite's build. Folders decide what is built: a .c file dropped into a folder below is compiled and linked.
#
#   support lexer parser ir codegen cli   the compiler, $(BUILD)/stanlite
#   runtime                               what a sampler links, $(BUILD)/lib/libstanlite.a
#   tests/unit/test_*.c                   one program each, linked with everything but cli/main.c
#
# flex and bison write into $(BUILD)/lexer and $(BUILD)/parser; they are included as "lexer/lexer.h" and "parser/parser.h".
#
# Knobs: BUILD=folder  PREFIX=folder  DESTDIR=  CC=  CFLAGS=  MARCH=native (the runtime; default: any machine of the
# architecture)  SANITIZE=address,undefined  V=1 (show the commands)
BUILD ?= build
# Named in one way, relative where it lies in the tree: the dependency files hold its name.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
CC_IS_DEFAULT := $(filter default,$(origin CC))
ifneq ($(CC_IS_DEFAULT),)
CC := gcc
endif
FLEX ?= flex
BISON ?= bison

COMPILER_FOLDERS := support lexer parser ir codegen cli

include mk/flags.mk
include mk/compiler.mk
include mk/runtime.mk
include mk/install.mk
include mk/tests.mk
include mk/lectures.mk
include mk/posteriordb.mk
include mk/quality.mk
include mk/fuzz.mk

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

.PHONY: all deps demo clean
all: $(STANLITE) $(ARCHIVE) $(SHARED_FILES) $(LINK_FLAGS) prune

# Installs what is missing. It runs before anything is built, hence the second make.
deps:
	@scripts/deps build

demo: deps
	@$(MAKE) --no-print-directory all
	@scripts/demo $(abspath $(STANLITE)) $(abspath $(BUILD))/demo

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-fuzz

.PHONY: help
help:
	@echo 'make             build $(STANLITE), which runs from there'
	@echo 'make demo        install what is missing, build, run the eight schools'
	@echo 'make check       install what is missing, build, run every test'
	@echo 'make check-sanitize   the compiler tests again, under sanitizers'
	@echo 'make install     PREFIX=$(PREFIX); make uninstall removes it'
	@echo 'make deps        install what is missing (Debian and relatives)'
	@echo 'make format      lay out every C file'
	@echo 'make lint        clang-format, clang-tidy, cppcheck'
	@echo 'make bench       compare with Stan; MODELS="..." BASE=FILE'
	@echo 'make lectures    run the lectures, compare every printed figure, write docs/lectures.md'
	@echo 'make posteriordb-build PDB=FOLDER   every program of a copy of posteriordb; writes docs/posteriordb.md'
	@echo 'make fuzz        random text and programs through the compiler; SECONDS=1800 for each fuzzer'
	@echo 'make clean'
