/* process.c: see process.h. */
#include "cli/process.h"
#include <errno.h>
#include <fcntl.h>
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

void words_add_path(word_list *words, const char *folder, const char *name) {
  char *path = kept(malloc(strlen(folder) + strlen(name) + 2));
  stpcpy(stpcpy(stpcpy(path, folder), "/"), name);
  words_add(words, path);
  free(path);
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

static int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- signals that wait ---- */

enum { ENDING_COUNT = 3 };
static const int ending_signals[ENDING_COUNT] = {SIGINT, SIGHUP, SIGTERM};
static struct sigaction before_hold[ENDING_COUNT];
static volatile sig_atomic_t held_signal;

static void note_signal(int signal) { held_signal = signal; }

/* A handler, and no mask: it holds for all threads, and ends where another program starts. */
void process_hold_signals(void) {
  const struct sigaction note = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
  held_signal = 0;
  for (int i = 0; i < ENDING_COUNT; i++) {
    sigaction(ending_signals[i], NULL, &before_hold[i]);
    if (before_hold[i].sa_handler != SIG_IGN) sigaction(ending_signals[i], &note, NULL);
  }
}

void process_release_signals(void) {
  for (int i = 0; i < ENDING_COUNT; i++) sigaction(ending_signals[i], &before_hold[i], NULL);
  if (held_signal) raise(held_signal);
}

/* ---- running ---- */

void process_run_all(char *const *const *commands, int count, int *statuses) {
  pid_t children[count];
  int why = 0;
  for (int i = 0; i < count; i++) {
    int failure = posix_spawnp(&children[i], commands[i][0], NULL, NULL, commands[i], environ);
    statuses[i] = failure ? -1 : 0;
    if (failure) why = failure;
  }
  for (int i = 0; i < count; i++)
    if (!statuses[i]) statuses[i] = wait_for(children[i]);
  errno = why;
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
  int code = wait_for(child);
  sigaction(SIGINT, &before, NULL);
  return code;
}

int process_run_into(char *const *words, const char *output, const char *errors, volatile int *child) {
  posix_spawn_file_actions_t actions;
  int failure = posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  if (!failure) {
    failure = posix_spawn_file_actions_addopen(&actions, 1, output ? output : "/dev/null", flags, 0600);
    if (!failure) failure = posix_spawn_file_actions_addopen(&actions, 2, errors ? errors : "/dev/null", flags, 0600);
    pid_t started = 0;
    if (!failure) failure = posix_spawnp(&started, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (!failure) {
      if (child) *child = started;
      int code = wait_for(started);
      if (child) *child = 0;
      return code;
    }
  }
  errno = failure;
  return -1;
}
