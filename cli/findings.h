/* findings.h: what can be said of draws beyond their numbers: each check, and a sentence that says what is wrong and what
 * to do, or what is fine. `stanlite summary` prints the problems, `stanlite diagnose` everything. */
#ifndef STANLITE_CLI_FINDINGS_H
#define STANLITE_CLI_FINDINGS_H
#include <stddef.h>

struct summary;

typedef enum finding_verdict { finding_fine, finding_note, finding_problem } finding_verdict;

enum { most_findings = 20, finding_size = 700, most_worst = 5 };

typedef struct finding {
  finding_verdict verdict;
  const char *check; /* "divergences": one word or two, the same in every run */
  char text[finding_size];
} finding;

typedef struct findings {
  finding items[most_findings];
  size_t count, problem_count;
  char all_clear[finding_size]; /* one sentence when there is no problem */
  char trust[finding_size];     /* how far the numbers of these draws can be trusted */
  size_t worst[most_worst];     /* quantities with the worst R-hat and effective sizes, worst first */
  size_t worst_count;
} findings;

/* Fills `findings` from the other members of the summary. */
void find_findings(findings *findings, const struct summary *summary);

#endif
