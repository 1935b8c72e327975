/* lectures.h: the lectures' printed figures beside ours. The tables are read (tables.c), what our commands found is looked up
 * (results.c), each figure gets its verdict (verdicts.c), and the page is written (page.c).
 *
 * All strings point into the texts of the tables, which live as long as the program. */
#ifndef STANLITE_LECTURES_H
#define STANLITE_LECTURES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "runtime/error.h"

/* One line of lectures/documents of the file `commands`: "## 0 title". */
typedef struct document {
  const char *number; /* that cases begin with: "0" of "0.5" */
  const char *title;
} document;

/* A block of `commands`: it leaves NAME.json (a summary), NAME.1.json, NAME.2.json ... (repeated comparisons) or NAME.csv
 * (a row of values) in the folder of results. */
typedef struct source {
  const char *name, *cases, *title, *document;
  double lecture_draws; /* of the run whose figures are printed; 0 where nothing was drawn */
  bool is_exact;        /* not printed in a lecture: free of Monte Carlo error, from exact.json */
  bool is_long;         /* left out by --quick */
  const char *commands; /* as many lines as it has */
} source;

typedef enum verdict {
  MATCHED, /* within the printed rounding or 4 standard errors */
  ROUNDED, /* within 4 standard errors of another number that prints like the lecture's: matched, too */
  DIFFERS,
  OTHER_RUN /* no figure of the model: another run has another one */
} verdict;

/* A row of figures.tsv. */
typedef struct figure {
  const char *case_number, *source_name, *quantity, *what, *printed, *name;
  source *source;
  double value, half_unit;               /* what is printed, and half a unit of its last digit */
  double ours, own_error, lecture_error; /* Monte Carlo standard errors, 0 for exact figures */
  verdict verdict;
  const char *reason, *instead; /* of reasons.tsv: why it differs, and the value that it must have then; or NULL */
} figure;

typedef struct lectures {
  document *documents;
  source *sources;
  figure *figures;
  size_t document_count, source_count, figure_count;
} lectures;

/* Reads figures.tsv, commands and reasons.tsv of a folder; false with an error. With quick, long sources and their figures
 * are left out. Nothing is given back: the program ends with the page. */
bool lectures_read(lectures *all, const char *folder, bool quick, sl_error *error);

/* Half a unit of the last digit of "-0.0530". */
double half_unit(const char *printed);

/* Of each figure: ours, the errors, the verdict. results is the folder where the commands wrote. */
bool lectures_judge(lectures *all, const char *results, sl_error *error);

/* What a source's commands wrote. */
typedef struct result result;
result *result_read(const char *folder, const char *name, sl_error *error);
void result_destroy(result *result);

/* One value of it, and its Monte Carlo standard error (0: exact). false with an error when it is not there. */
bool result_look_up(const result *result, const char *quantity, const char *what, double *value, double *standard_error,
                    sl_error *error);
double result_draws(const result *result); /* of all chains; 0 where nothing was drawn */
int result_runs(const result *result);     /* whose mean the values are: 1 unless runs were repeated */

/* The difference in combined standard errors, ours less the lecture's; NaN for exact figures. */
double figure_distance(const figure *figure);

typedef struct tally {
  int matched, rounded;             /* rounded: of the matched ones */
  int explained, unexplained;       /* explained: differs, and reasons.tsv says why */
  int other_run, rhats, same_rhats; /* of the lectures' own runs; R-hats, and those that print the same */
  const figure *farthest;           /* of those that match and print otherwise the largest distance; or NULL */
  double efficiency;                /* median of (ours / draws) / (theirs / draws) over effective sizes, or NaN */
} tally;

/* Of a source, or with NULL of all those that are (not) exact; with a document's number, only of that. */
tally lectures_count(const lectures *all, const source *source, const char *document, bool is_exact);
int tally_total(const tally *tally);

void page_write(const lectures *all, FILE *out);     /* docs/lectures.md */
void terminal_write(const lectures *all, FILE *out); /* a line a figure, and the count */

/* "elpd_diff" or "a[1], 5.5 %", as the pages call it. */
void format_label(const figure *figure, char *text, size_t size);
/* With a digit more than printed; whole numbers as they are. */
void format_ours(const figure *figure, char *text, size_t size);
/* "-0.4", or what stands in its place. */
void format_distance(const figure *figure, char *text, size_t size);
/* Whether it differs as reasons.tsv says. */
bool figure_is_explained(const figure *figure);
const char *verdict_text(const figure *figure);

#endif
