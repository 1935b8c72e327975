/* compare [--quick] [--page=FILE] LECTURES RESULTS: prints the figures of LECTURES/figures.tsv beside those that the commands
 * left in RESULTS, and writes the page. --quick leaves out sources that are long. Exit code 1 when a figure differs for which
 * reasons.tsv has no reason. */
#include <string.h>
#include "lectures/lectures.h"

static int fail(const sl_error *error) {
  fprintf(stderr, "lectures: %s\n", error->message);
  return error->code;
}

int main(int argc, char **argv) {
  bool quick = false;
  const char *page = NULL;
  int next = 1;
  for (; next < argc && strncmp(argv[next], "--", 2) == 0; next++) {
    if (strcmp(argv[next], "--quick") == 0) quick = true;
    if (strncmp(argv[next], "--page=", 7) == 0) page = argv[next] + 7;
  }
  if (argc != next + 2) {
    fputs("usage: compare [--quick] [--page=FILE] LECTURES RESULTS\n", stderr);
    return SL_USAGE;
  }
  lectures all = {0};
  sl_error error = {0};
  if (!lectures_read(&all, argv[next], quick, &error) || !lectures_judge(&all, argv[next + 1], &error))
    return fail(&error);
  if (page) {
    FILE *out = fopen(page, "w");
    if (out) page_write(&all, out);
    if (!out || fclose(out) != 0) {
      sl_error_set(&error, SL_CANNOT_WRITE, "%s cannot be written", page);
      return fail(&error);
    }
  }
  terminal_write(&all, stdout);
  return lectures_count(&all, NULL, NULL, false).unexplained || lectures_count(&all, NULL, NULL, true).unexplained;
}
