/* main.c: the commands of stanlite, in one table. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "cli/cli.h"
#include "cli/compile.h"
#include "runtime/error.h"

static int command_help(int argc, char **argv);

static const command commands[] = {
    {"build", "MODEL.stanlite [-o EXE]", "compile a Stan program to a sampler", command_build},
    {"check", "MODEL.stanlite [--pedantic] [--json]", "say what is wrong with a program", command_check},
    {"format", "MODEL.stanlite [--in-place]", "canonical layout, today's syntax", command_format},
    {"run", "MODEL.stanlite DATA.json [sampler arguments]", "build, sample, print the summary", command_run},
    {"data", "TABLE.csv [-o DATA.json]", "columns of a table to Stan JSON", command_data},
    {"summary", "CSV... [--hdi=0.89] [--plot] [--json]", "moments, quantiles and diagnostics of draws",
     command_summary},
    {"diagnose", "CSV... [--json]", "whether draws can be trusted, and what to do", command_diagnose},
    {"loo", "CSV... [--log-lik=NAME] [--pointwise] [--json]", "leave-one-out cross-validation", command_loo},
    {"waic", "CSV... [--log-lik=NAME] [--pointwise] [--json]", "the widely applicable information criterion",
     command_waic},
    {"compare", "NAME=CSV[,CSV...] NAME=... [--waic] [--json]", "models by how well they predict", command_compare},
    {"study", "--simulate=PROGRAM --fit=PROGRAM...", "simulate, fit, compare with the truth: many times",
     command_study},
    {"help", "[COMMAND]", "this page, or a command's", command_help},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_commands(FILE *out) {
  fputs("stanlite compiles Stan programs to small standalone samplers.\n\n", out);
  for (int i = 0; i < COMMAND_COUNT; i++)
    fprintf(out, "  stanlite %-9s%-46s %s\n", commands[i].name, commands[i].synopsis, commands[i].help);
  fputs("\n  stanlite --version\n", out);
}

static const command *find(const char *name) {
  for (int i = 0; i < COMMAND_COUNT; i++)
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  return NULL;
}

static int unknown(const char *name) {
  const char *names[COMMAND_COUNT];
  for (int i = 0; i < COMMAND_COUNT; i++) names[i] = commands[i].name;
  const char *near = nearest_name(name, names, COMMAND_COUNT);
  fprintf(stderr, "stanlite: there is no command `%s`", name);
  if (near) fprintf(stderr, "; did you mean `%s`?", near);
  fputs(near ? " `stanlite help` lists them\n" : "; `stanlite help` lists them\n", stderr);
  return SL_USAGE;
}

static int command_help(int argc, char **argv) {
  if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0) {
    print_commands(stdout);
    return SL_OK;
  }
  const command *command = find(argv[0]);
  if (!command) return unknown(argv[0]);
  char help[] = "--help", *only[] = {help, NULL};
  return command->run(1, only);
}

/* A long sum is a deep tree, which the compiler walks by recursion: it gets a stack that MAXIMUM_TREE_DEPTH levels fit in.
 * Only what is used of it takes memory. */
static const size_t stack_size = (size_t)1 << 30;

typedef struct invocation {
  const command *command;
  int argc, code;
  char **argv;
} invocation;

static void *run_command(void *context) {
  invocation *i = context;
  i->code = i->command->run(i->argc, i->argv);
  return NULL;
}

static int run_on_large_stack(const command *command, int argc, char **argv) {
  invocation invocation = {.command = command, .argc = argc, .argv = argv};
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  bool is_running = pthread_attr_setstacksize(&attributes, stack_size) == 0 &&
                    pthread_create(&thread, &attributes, run_command, &invocation) == 0;
  pthread_attr_destroy(&attributes);
  if (is_running)
    pthread_join(thread, NULL);
  else
    run_command(&invocation); /* where so much may not be reserved */
  return invocation.code;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    print_commands(stderr);
    return SL_USAGE;
  }
  if (strcmp(argv[1], "--version") == 0) {
    puts(stanlite_version);
    return SL_OK;
  }
  if (strcmp(argv[1], "--help") == 0) return command_help(0, NULL);
  const command *command = find(argv[1]);
  return command ? run_on_large_stack(command, argc - 2, argv + 2) : unknown(argv[1]);
}
