/* optimum.h: the search for a mode that the methods optimize and laplace share: from init= to the end of the algorithm that the
 * arguments name, with CmdStan's report on standard output. */
#ifndef STANLITE_RUNTIME_OPTIMUM_H
#define STANLITE_RUNTIME_OPTIMUM_H
#include "runtime/arguments.h"
#include "runtime/quasi_newton.h"

/* Called with the start and after each iteration. */
typedef void sl_optimum_visitor(void *context, const double *x, double log_density);

/* Goes from the start that init= asks for to where the algorithm ends: found->x, its value and gradient (of the objective:
 * minus the log density's). *end says why it ended. `visit` may be NULL. False: there is no start, fatal_error(), or an
 * interrupt (SL_INTERRUPTED, found is valid then). */
bool sl_optimum_search(sl_objective *objective, const sl_arguments *arguments, sl_rng *rng, sl_iterate *found,
                       sl_termination *end, sl_optimum_visitor *visit, void *context, sl_error *error);

/* What to try after a search that failed: for messages. */
extern const char sl_optimum_advice[];

#endif
