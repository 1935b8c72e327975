/* chain_output.c: the parts of a chain's CSV file, as CmdStan writes them:
 *   the configuration in comments, the column names, with save_warmup the warmup's draws, the adaptation in comments, the
 *   draws, the elapsed times in comments. */
#include <math.h>
#include <string.h>
#include "runtime/chain.h"
#include "runtime/columns.h"
#include "runtime/output_header.h"

static void write_sampler_names(sl_csv_writer *writer, const sl_run *run) {
  static const char *const names[] = {
      [SL_COLUMN_LOG_DENSITY] = "lp__",      [SL_COLUMN_ACCEPT_STATISTIC] = "accept_stat__",
      [SL_COLUMN_STEP_SIZE] = "stepsize__",  [SL_COLUMN_INTEGRATION_TIME] = "int_time__",
      [SL_COLUMN_DEPTH] = "treedepth__",     [SL_COLUMN_LEAPFROG_COUNT] = "n_leapfrog__",
      [SL_COLUMN_DIVERGENT] = "divergent__", [SL_COLUMN_ENERGY] = "energy__"};
  const sl_sampler_column *columns = run->kernel->columns;
  for (int i = 0; columns[i] != SL_COLUMN_END; i++) sl_csv_text(writer, "%s%s", i ? "," : "", names[columns[i]]);
}

void sl_chain_write_header(sl_chain *chain) {
  const sl_run *run = chain->run;
  sl_header_write(&chain->output, run->arguments);
  write_sampler_names(&chain->output, run);
  sl_column_choice_write_names(&run->columns, run->model, &chain->output);
  sl_csv_char(&chain->output, '\n');
  sl_csv_flush(&chain->output);
  if (!chain->diagnostics.buffer) return;
  sl_header_write(&chain->diagnostics, run->arguments);
  write_sampler_names(&chain->diagnostics, run);
  sl_columns_write_unconstrained(&chain->diagnostics, run->model, "");
  if (run->kernel->has_momentum) {
    sl_columns_write_unconstrained(&chain->diagnostics, run->model, "p_");
    sl_columns_write_unconstrained(&chain->diagnostics, run->model, "g_");
  }
  sl_csv_char(&chain->diagnostics, '\n');
}

static void write_row(sl_csv_writer *writer, const char *before, const double *row, size_t n, size_t stride) {
  sl_csv_text(writer, "%s", before);
  for (size_t i = 0; i < n; i++) {
    if (i) sl_csv_text(writer, ", ");
    sl_csv_number(writer, row[i * stride]);
  }
}

static void write_adaptation(sl_csv_writer *writer, const sl_sampler *sampler) {
  const sl_metric *metric = &sampler->hamiltonian.metric;
  sl_csv_text(writer, "# Adaptation terminated\n# Step size = ");
  sl_csv_number(writer, sampler->step_size);
  sl_csv_char(writer, '\n');
  if (metric->kind == SL_METRIC_DIAGONAL) {
    write_row(writer, "# Diagonal elements of inverse mass matrix:\n# ", metric->inverse, metric->n, 1);
    sl_csv_char(writer, '\n');
  } else if (metric->kind == SL_METRIC_DENSE) {
    sl_csv_text(writer, "# Elements of inverse mass matrix:\n");
    for (size_t i = 0; i < metric->n; i++) {
      write_row(writer, "# ", metric->inverse + i, metric->n, metric->n);
      sl_csv_char(writer, '\n');
    }
  }
}

void sl_chain_write_adaptation(sl_chain *chain) {
  write_adaptation(&chain->output, &chain->sampler);
  sl_csv_flush(&chain->output);
  if (chain->diagnostics.buffer) write_adaptation(&chain->diagnostics, &chain->sampler);
}

static void write_sampler_value(sl_csv_writer *writer, const sl_transition *drawn, sl_sampler_column column) {
  switch (column) {
  case SL_COLUMN_LOG_DENSITY: sl_csv_number(writer, drawn->log_density); break;
  case SL_COLUMN_ACCEPT_STATISTIC: sl_csv_number(writer, drawn->accept_statistic); break;
  case SL_COLUMN_STEP_SIZE: sl_csv_number(writer, drawn->step_size); break;
  case SL_COLUMN_INTEGRATION_TIME: sl_csv_number(writer, drawn->integration_time); break;
  case SL_COLUMN_DEPTH: sl_csv_int(writer, drawn->depth); break;
  case SL_COLUMN_LEAPFROG_COUNT: sl_csv_int(writer, drawn->leapfrog_count); break;
  case SL_COLUMN_DIVERGENT: sl_csv_int(writer, drawn->divergent); break;
  case SL_COLUMN_ENERGY: sl_csv_number(writer, drawn->energy); break;
  case SL_COLUMN_END: break;
  }
}

static void write_sampler_values(const sl_chain *chain, sl_csv_writer *writer, const sl_transition *drawn) {
  const sl_sampler_column *columns = chain->run->kernel->columns;
  for (int i = 0; columns[i] != SL_COLUMN_END; i++) {
    if (i) sl_csv_char(writer, ',');
    write_sampler_value(writer, drawn, columns[i]);
  }
}

/* The momentum p. The sampler keeps L' p (hamiltonian.h): p is had by solving, from the last element on; the solution takes the
 * place of the momentum, which the next transition draws anew. */
static void solve_momentum(const sl_metric *metric, double *momentum) {
  size_t n = metric->n;
  for (size_t j = n; metric->kind == SL_METRIC_DENSE && j-- > 0;) {
    for (size_t i = j + 1; i < n; i++) momentum[j] -= metric->factor[j * n + i] * momentum[i];
    momentum[j] /= metric->factor[j * n + j];
  }
  for (size_t i = 0; metric->kind != SL_METRIC_DENSE && i < n; i++) momentum[i] /= metric->factor[i];
}

/* The unconstrained draw, and momentum and gradient where there are any. */
static void write_diagnostics(sl_chain *chain, const sl_transition *drawn) {
  const sl_metric *metric = &chain->sampler.hamiltonian.metric;
  const sl_point *current = &chain->sampler.current;
  write_sampler_values(chain, &chain->diagnostics, drawn);
  sl_csv_numbers(&chain->diagnostics, current->position, metric->n);
  if (chain->run->kernel->has_momentum) {
    solve_momentum(metric, current->momentum);
    sl_csv_numbers(&chain->diagnostics, current->momentum, metric->n);
    sl_csv_numbers(&chain->diagnostics, current->gradient, metric->n);
  }
  sl_csv_char(&chain->diagnostics, '\n');
}

void sl_chain_write_draw(sl_chain *chain, const sl_transition *drawn) {
  sl_hamiltonian *hamiltonian = &chain->sampler.hamiltonian;
  sl_status status = sl_constrain(chain->run->model, hamiltonian->workspace, chain->sampler.current.position,
                                  &chain->generated_rng, true, chain->run->columns.generated, chain->constrained);
  if (status == SL_FATAL)
    hamiltonian->fatal = true;
  else if (status != SL_EVALUATED)
    sl_rejections_report(chain->run->rejections, SL_REJECTED_QUANTITIES, chain->id, hamiltonian->workspace->message);
  write_sampler_values(chain, &chain->output, drawn);
  sl_column_choice_write(&chain->run->columns, chain->constrained, &chain->output);
  sl_csv_char(&chain->output, '\n');
  if (chain->diagnostics.buffer) write_diagnostics(chain, drawn);
}

static void write_timing(sl_csv_writer *writer, double warmup, double sampling) {
  sl_csv_text(writer,
              "# \n#  Elapsed Time: %.3f seconds (Warm-up)\n#                %.3f seconds (Sampling)\n"
              "#                %.3f seconds (Total)\n# \n",
              warmup, sampling, warmup + sampling);
}

void sl_chain_write_timing(sl_chain *chain) {
  write_timing(&chain->output, chain->warmup_seconds, chain->sampling_seconds);
  if (chain->diagnostics.buffer) write_timing(&chain->diagnostics, chain->warmup_seconds, chain->sampling_seconds);
}

bool sl_chain_save_metric(sl_chain *chain, const char *path, sl_error *error) {
  const sl_metric *metric = &chain->sampler.hamiltonian.metric;
  sl_csv_writer writer;
  if (!sl_csv_open(&writer, path, chain->output.sig_figs, error)) return false;
  static const char *const kinds[] = {"unit_e", "diag_e", "dense_e"};
  sl_csv_text(&writer, "{\n  \"stepsize\" : ");
  sl_csv_number(&writer, chain->sampler.step_size);
  sl_csv_text(&writer, ",\n  \"metric_type\" : \"%s\",\n  \"inv_metric\" : [", kinds[metric->kind]);
  if (metric->kind == SL_METRIC_DENSE)
    for (size_t i = 0; i < metric->n; i++) {
      write_row(&writer, i ? ",\n    [ " : "\n    [ ", metric->inverse + i, metric->n, metric->n);
      sl_csv_text(&writer, " ]");
    }
  else
    write_row(&writer, " ", metric->inverse, metric->n, 1);
  sl_csv_text(&writer, " ]\n}\n");
  return sl_csv_close(&writer, error);
}
