/* process.c: see process.h. */
#include "cli/process.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static void *kept(void *memory) {
  if (memory) return memory;
  fputs("stanlite: out of memory\n", stderr);
  exit(70);
}

void words_add(word_list *words, const char *word) {
  words->items = kept(realloc(words->items, (words->count + 2) * sizeof *words->items));
  words->items[words->count++] = kept(strdup(word));
  words->items[words->count] = NULL;
}

void words_replace(word_list *words, size_t index, const char *word) {
  free(words->items[index]);
  words->items[index] = kept(strdup(word));
}

void words_split(word_list *words, const char *text) {
  char *copy = kept(strdup(text)), *rest = copy, *word;
  while ((word = strsep(&rest, " \t\n")) != NULL)
    if (*word) words_add(words, word);
  free(copy);
}

char *words_join(const word_list *words) {
  size_t length = 1;
  for (size_t i = 0; i < words->count; i++) length += strlen(words->items[i]) + 1;
  char *text = kept(malloc(length)), *at = text;
  *at = 0;
  for (size_t i = 0; i < words->count; i++) {
    if (i) *at++ = ' ';
    at = stpcpy(at, words->items[i]);
  }
  return text;
}

void words_free(word_list *words) {
  for (size_t i = 0; i < words->count; i++) free(words->items[i]);
  free(words->items);
  *words = (word_list){0};
}

int process_run(char *const *words) {
  pid_t child;
  int failure = posix_spawnp(&child, words[0], NULL, NULL, words, environ);
  if (failure) {
    errno = failure;
    return -1;
  }
  /* Ctrl-C reaches the child as well: it closes its files, and we wait for that. */
  struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
  sigaction(SIGINT, &ignore, &before);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  sigaction(SIGINT, &before, NULL);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
