/* process.h: starting other programs, with their arguments as lists of words (no shell in between). */
#ifndef STANLITE_CLI_PROCESS_H
#define STANLITE_CLI_PROCESS_H
#include <stddef.h>

typedef struct word_list {
  char **items; /* NULL-terminated, owned */
  size_t count;
} word_list;

void words_add(word_list *words, const char *word);
void words_add_path(word_list *words, const char *folder, const char *name); /* folder/name */
void words_replace(word_list *words, size_t index, const char *word);
void words_split(word_list *words, const char *text); /* at blanks */
char *words_join(const word_list *words);             /* the caller frees */
void words_free(word_list *words);

/* Runs the program and waits. Its exit code, 128 + the signal that ended it, or -1 when it could not be started (errno). */
int process_run(char *const *words);

/* Runs programs side by side and waits for all. statuses[i] is what process_run returns of commands[i]; -1: errno says why the
 * last of these could not be started. */
void process_run_all(char *const *const *commands, int count, int *statuses);

/* Between the two, Ctrl-C, a hang-up or a request to end waits, so that what was begun can be tidied up; programs that are
 * started in between are ended by it all the same. One at a time. */
void process_hold_signals(void);
void process_release_signals(void);

/* The same as process_run with its output in files (NULL: nowhere), and without meddling with signals: threads may run programs
 * side by side. *child holds the process while it runs, and is 0 otherwise; NULL when nobody asks. */
int process_run_into(char *const *words, const char *output, const char *errors, volatile int *child);

#endif
