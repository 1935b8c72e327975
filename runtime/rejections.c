/* rejections.c: a short list of distinct messages behind a lock. Rejections are rare beside gradients, so one lock for
 * all chains costs nothing that can be measured. */
#include "runtime/rejections.h"
#include "runtime/error.h"
#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGES = 20 };

typedef struct rejection {
  char message[SL_MESSAGE_SIZE];
  long count;
  sl_rejected what;
} rejection;

struct sl_rejections {
  pthread_mutex_t lock;
  int count;
  long others; /* of messages that found no room */
  bool explained[SL_REJECTED_QUANTITIES + 1];
  rejection list[MAX_MESSAGES];
};

sl_rejections *sl_rejections_create(void) {
  sl_rejections *rejections = calloc(1, sizeof *rejections);
  if (rejections) pthread_mutex_init(&rejections->lock, NULL);
  return rejections;
}

void sl_rejections_destroy(sl_rejections *rejections) {
  if (!rejections) return;
  pthread_mutex_destroy(&rejections->lock);
  free(rejections);
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* Length of the number at `text`, 0 when there is none. A number follows no word character, as the 1 of mu1 does. */
static size_t number_length(const char *start, const char *text) {
  if (text > start && is_word(text[-1])) return 0;
  char *end;
  strtod(text, &end);
  if (end == text || is_word(*end) || isspace((unsigned char)*text)) return 0;
  return (size_t)(end - text);
}

static bool follows_line(const char *start, const char *text) {
  return text - start >= 5 && strncmp(text - 5, "line ", 5) == 0;
}

/* Equal but for numbers; a number after "line " counts. */
static bool same_message(const char *a, const char *b) {
  const char *p = a, *q = b;
  while (*p && *q) {
    size_t m = number_length(a, p), n = number_length(b, q);
    if (m && n && !follows_line(a, p)) {
      p += m;
      q += n;
    } else if (*p++ != *q++) {
      return false;
    }
  }
  return *p == *q;
}

static const struct {
  const char *first, *explanation, *summary;
} words[] = {
    [SL_REJECTED_PROPOSAL] =
        {"A proposal was rejected",
         "Now and then this is part of sampling; if it comes often, the program admits values that "
         "it should not.",
         "Rejected"},
    [SL_REJECTED_QUANTITIES] = {"Generated quantities of a draw are missing",
                                "The draw counts; what could not be computed is NaN in it.", "Not computed"},
};

void sl_rejections_report(sl_rejections *rejections, sl_rejected what, int chain, const char *message) {
  if (!rejections || !message[0]) return;
  pthread_mutex_lock(&rejections->lock);
  int i = 0;
  while (i < rejections->count && !same_message(rejections->list[i].message, message)) i++;
  if (i < rejections->count) {
    rejections->list[i].count++;
  } else if (i == MAX_MESSAGES) {
    rejections->others++;
  } else {
    rejections->count++;
    rejections->list[i].count = 1;
    rejections->list[i].what = what;
    snprintf(rejections->list[i].message, SL_MESSAGE_SIZE, "%s", message);
    fprintf(stderr, "Chain [%d] %s: %s\n", chain, words[what].first, message);
    if (!rejections->explained[what])
      fprintf(stderr, "  %s\n  The same message is not repeated.\n", words[what].explanation);
    rejections->explained[what] = true;
  }
  pthread_mutex_unlock(&rejections->lock);
}

void sl_rejections_summarise(sl_rejections *rejections) {
  if (!rejections) return;
  for (int i = 0; i < rejections->count; i++)
    if (rejections->list[i].count > 1)
      fprintf(stderr, "%s %ld times: %.*s\n", words[rejections->list[i].what].summary, rejections->list[i].count,
              (int)strcspn(rejections->list[i].message, "\n"), rejections->list[i].message);
  if (rejections->others) fprintf(stderr, "Rejected %ld times with other messages.\n", rejections->others);
}
