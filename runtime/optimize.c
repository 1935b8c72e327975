/* optimize.c: the method `optimize`: searches for the mode, and writes it in one row (with save_iterations, the way to it).
 *
 * As in CmdStan the constant summands of `~` statements are left out of lp__, and by default so are the Jacobians: the mode
 * is that of the density of the constrained parameters, and without priors the maximum of the likelihood. */
#include <stdio.h>
#include <stdlib.h>
#include "runtime/column_choice.h"
#include "runtime/command.h"
#include "runtime/interrupt.h"
#include "runtime/optimum.h"
#include "runtime/output_header.h"
#include "runtime/output_path.h"

typedef struct optimization {
  sl_objective objective;
  sl_csv_writer writer;
  sl_rng rng, generated_rng;
  double *constrained;
  sl_column_choice columns;
} optimization;

static void write_row(void *context, const double *x, double log_density) {
  optimization *run = context;
  sl_workspace *workspace = run->objective.workspace;
  sl_status status =
      sl_constrain(run->objective.model, workspace, x, &run->generated_rng, true, true, run->constrained);
  if (status == SL_FATAL) run->objective.fatal = true;
  if (status == SL_REJECTED)
    sl_rejections_report(run->objective.rejections, SL_REJECTED_QUANTITIES, run->objective.chain, workspace->message);
  sl_csv_number(&run->writer, log_density);
  sl_column_choice_write(&run->columns, run->constrained, &run->writer);
  sl_csv_char(&run->writer, '\n');
}

/* `outcome` NULL: the search has not ended yet. */
static void write_header(optimization *run, const sl_arguments *arguments, const char *outcome) {
  sl_header_write(&run->writer, arguments);
  /* For information criteria and likelihood ratio tests, which count free parameters. */
  sl_csv_text(&run->writer, "# unconstrained_parameters = %zu\n", run->objective.n);
  if (outcome) sl_csv_text(&run->writer, "# outcome = %s\n", outcome);
  sl_csv_text(&run->writer, "lp__");
  sl_column_choice_write_names(&run->columns, run->objective.model, &run->writer);
  sl_csv_char(&run->writer, '\n');
}

static void search(optimization *run, const sl_arguments *arguments, double *block, sl_error *error) {
  sl_iterate found = {block, block + run->objective.n, 0};
  sl_termination end;
  bool streams = sl_argument_bool(arguments, SL_ARG_SAVE_ITERATIONS);
  char path[4200];
  sl_output_path(path, sizeof path, sl_argument_text(arguments, SL_ARG_OUTPUT_FILE), "", ".csv", false, 0);
  if (!sl_csv_open(&run->writer, path, (int)sl_argument_int(arguments, SL_ARG_SIG_FIGS), error)) return;
  if (streams) write_header(run, arguments, NULL);
  bool ended =
      sl_optimum_search(&run->objective, arguments, &run->rng, &found, &end, streams ? write_row : NULL, run, error);
  bool interrupted = error->code == SL_INTERRUPTED;
  if ((ended || interrupted) && !streams) {
    write_header(run, arguments, interrupted ? "Interrupted, not at an optimum" : sl_termination_text(end));
    write_row(run, found.x, -found.value);
  }
  if (run->objective.fatal) sl_error_set(error, SL_BAD_DATA, "%s", run->objective.workspace->message);
  if (ended) {
    printf("Optimization terminated %s: \n  %s\n", end >= 0 ? "normally" : "with error", sl_termination_text(end));
    if (end == SL_ITERATION_LIMIT)
      fputs("Warning: what was found may not be the maximum.\n  Try more iterations (iter=), or init=FILE with the "
            "values "
            "found.\n",
            stderr);
    if (end == SL_LINE_SEARCH_FAILED) sl_error_set(error, SL_BAD_DATA, "%s", sl_optimum_advice);
  }
  if (run->writer.emptied || run->writer.used)
    sl_csv_close(&run->writer, error);
  else
    sl_csv_abandon(&run->writer);
}

bool sl_optimize(const sl_model *model, const sl_arguments *arguments, sl_error *error) {
  size_t n = sl_unconstrained_size(model);
  int id = (int)sl_argument_int(arguments, SL_ARG_ID);
  optimization run = {
      .objective = {.model = model,
                    .workspace = sl_workspace_create_for((int)sl_argument_int(arguments, SL_ARG_THREADS_PER_CHAIN)),
                    .rejections = sl_rejections_create(),
                    .chain = id,
                    .flags = sl_argument_bool(arguments, SL_ARG_OPTIMIZE_JACOBIAN) ? SL_JACOBIAN : 0,
                    .n = n}};
  sl_chain_seed(&run.rng, &run.generated_rng, (uint64_t)sl_argument_int(arguments, SL_ARG_SEED), id);
  double *block = calloc(2 * n + sl_constrained_size(model, true, true) + 1, sizeof *block);
  if (!run.objective.workspace || !run.objective.rejections || !block) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %zu parameters", n);
  } else if (sl_column_choice_create(&run.columns, model, sl_argument_text(arguments, SL_ARG_COLUMNS), error)) {
    if (n == 0) fputs("The model has no parameters: there is nothing to search.\n", stderr);
    run.constrained = block + 2 * n;
    sl_interrupt_begin();
    search(&run, arguments, block, error);
    sl_interrupt_end();
    sl_rejections_summarise(run.objective.rejections);
  }
  sl_column_choice_destroy(&run.columns);
  free(block);
  sl_rejections_destroy(run.objective.rejections);
  sl_workspace_destroy(run.objective.workspace);
  return error->code == SL_OK;
}
