/* near_name.c: "did you mean ...?". */
#include <string.h>
#include <strings.h>
#include "support/message.h"

enum { LONGEST_NAME = 64 }; /* longer names get no suggestion */

static int least(int a, int b) { return a < b ? a : b; }

/* The restricted edit distance of Damerau (1964) and Levenshtein (1966): insertions, deletions, substitutions and
 * transpositions of neighbours cost one each; no piece is edited twice. Three rows of the usual table are kept. */
static int edit_distance(const char *a, int length_a, const char *b, int length_b) {
  int rows[3][LONGEST_NAME + 1];
  int *before = rows[0], *above = rows[1], *row = rows[2];
  for (int j = 0; j <= length_b; j++) above[j] = j;
  for (int i = 1; i <= length_a; i++) {
    row[0] = i;
    for (int j = 1; j <= length_b; j++) {
      int cost = a[i - 1] != b[j - 1];
      row[j] = least(above[j - 1] + cost, least(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = least(row[j], before[j - 2] + 1);
    }
    int *freed = before;
    before = above;
    above = row;
    row = freed;
  }
  return above[length_b];
}

const char *nearest_name(const char *name, const char *const *candidates, int count) {
  size_t length = strlen(name);
  if (length > LONGEST_NAME) return NULL;
  int limit = (int)length / 3;
  const char *nearest = NULL;
  for (int i = 0; i < count; i++)
    if (strcasecmp(name, candidates[i]) == 0) return candidates[i];
  for (int i = 0; i < count && limit > 0; i++) {
    size_t other = strlen(candidates[i]);
    if (other > LONGEST_NAME || other > length + (size_t)limit || length > other + (size_t)limit) continue;
    int distance = edit_distance(name, (int)length, candidates[i], (int)other);
    if (distance > limit) continue;
    nearest = candidates[i];
    limit = distance - 1; /* only a nearer one replaces it: the first of equals stays */
    if (distance <= 0) return nearest;
  }
  return nearest;
}
