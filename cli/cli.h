/* cli.h: the commands of stanlite, one file for each.
 *
 * A command gets the arguments after its own name (argv[0] is the first of them) and returns the exit code, one of
 * runtime/error.h. It prints its results on standard output and what went wrong on standard error. `--help` as an
 * argument prints the command's page and is done. The table of commands, with what `stanlite help` says of each, stands
 * in main.c. */
#ifndef STANLITE_CLI_CLI_H
#define STANLITE_CLI_CLI_H

typedef struct command {
  const char *name;
  const char *synopsis; /* the arguments: "CSV... [--json]" */
  const char *help;     /* one line */
  int (*run)(int argc, char **argv);
} command;

int command_build(int argc, char **argv);
int command_check(int argc, char **argv);
int command_format(int argc, char **argv);
int command_run(int argc, char **argv);
int command_data(int argc, char **argv);
int command_summary(int argc, char **argv);
int command_diagnose(int argc, char **argv);
int command_loo(int argc, char **argv);
int command_waic(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_study(int argc, char **argv);

#endif
