/* process.h: starting other programs, with their arguments as lists of words (no shell in between). */
#ifndef STANLITE_CLI_PROCESS_H
#define STANLITE_CLI_PROCESS_H
#include <stddef.h>

typedef struct word_list {
  char **items; /* NULL-terminated, owned */
  size_t count;
} word_list;

void words_add(word_list *words, const char *word);
void words_replace(word_list *words, size_t index, const char *word);
void words_split(word_list *words, const char *text); /* at blanks */
char *words_join(const word_list *words);             /* the caller frees */
void words_free(word_list *words);

/* Runs the program and waits. Its exit code, 128 + the signal that ended it, or -1 when it could not be started (errno). */
int process_run(char *const *words);

/* The same with its output in files (NULL: nowhere), and without meddling with signals: threads may run programs side by side. *child
 * holds the process while it runs, and is 0 otherwise; NULL when nobody asks. */
int process_run_into(char *const *words, const char *output, const char *errors, volatile int *child);

#endif
