/* rejections.h: what the chains of one run were told about evaluations that were rejected.
 *
 * A proposal outside of a support is part of sampling, so each distinct message is printed once, when it first comes, and
 * from then on counted. Messages that differ in their numbers alone count as the same, line numbers excepted. */
#ifndef STANLITE_RUNTIME_REJECTIONS_H
#define STANLITE_RUNTIME_REJECTIONS_H

typedef struct sl_rejections sl_rejections;

sl_rejections *sl_rejections_create(void);
void sl_rejections_destroy(sl_rejections *rejections);
/* What was rejected. A draw whose generated quantities could not all be computed stays a draw. */
typedef enum { SL_REJECTED_PROPOSAL, SL_REJECTED_QUANTITIES } sl_rejected;

/* May be called by any thread. `rejections` may be NULL: nothing is printed then. */
void sl_rejections_report(sl_rejections *rejections, sl_rejected what, int chain, const char *message);
/* Prints how often each of them came, where that is more than once. */
void sl_rejections_summarise(sl_rejections *rejections);

#endif
