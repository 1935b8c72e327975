/* chain_output.c: the parts of a chain's CSV file, as CmdStan writes them:
 *   the configuration in comments, the column names, with save_warmup the warmup's draws, the adaptation in comments, the
 *   draws, the elapsed times in comments. */
#include <math.h>
#include <string.h>
#include "runtime/chain.h"
#include "runtime/columns.h"
#include "runtime/output_header.h"

static const char *sampler_columns(const sl_run *run) {
  if (run->fixed) return "lp__,accept_stat__";
  if (sl_argument_choice(run->arguments, SL_ARG_ENGINE) == SL_ARG_STATIC)
    return "lp__,accept_stat__,stepsize__,int_time__,energy__";
  return "lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__";
}

void sl_chain_write_header(sl_chain *chain) {
  const sl_run *run = chain->run;
  sl_header_write(&chain->output, run->arguments);
  sl_csv_text(&chain->output, "%s", sampler_columns(run));
  sl_columns_write(&chain->output, run->model, "", true, true);
  sl_csv_char(&chain->output, '\n');
  sl_csv_flush(&chain->output);
  if (!chain->diagnostics.buffer) return;
  sl_header_write(&chain->diagnostics, run->arguments);
  sl_csv_text(&chain->diagnostics, "%s", sampler_columns(run));
  sl_columns_write_unconstrained(&chain->diagnostics, run->model, "");
  sl_columns_write_unconstrained(&chain->diagnostics, run->model, "p_");
  sl_columns_write_unconstrained(&chain->diagnostics, run->model, "g_");
  sl_csv_char(&chain->diagnostics, '\n');
}

static void write_row(sl_csv_writer *writer, const char *before, const double *row, size_t n, size_t stride) {
  sl_csv_text(writer, "%s", before);
  for (size_t i = 0; i < n; i++) {
    if (i) sl_csv_text(writer, ", ");
    sl_csv_number(writer, row[i * stride]);
  }
}

static void write_adaptation(sl_csv_writer *writer, const sl_nuts *nuts) {
  const sl_metric *metric = &nuts->hamiltonian.metric;
  sl_csv_text(writer, "# Adaptation terminated\n# Step size = ");
  sl_csv_number(writer, nuts->step_size);
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
  write_adaptation(&chain->output, &chain->nuts);
  sl_csv_flush(&chain->output);
  if (chain->diagnostics.buffer) write_adaptation(&chain->diagnostics, &chain->nuts);
}

static void write_sampler_values(const sl_chain *chain, sl_csv_writer *writer, const sl_transition *drawn) {
  if (chain->run->fixed) {
    sl_csv_text(writer, "0,0");
    return;
  }
  sl_csv_number(writer, chain->nuts.current.log_density);
  sl_csv_char(writer, ',');
  sl_csv_number(writer, drawn->accept_statistic);
  sl_csv_char(writer, ',');
  sl_csv_number(writer, drawn->step_size);
  sl_csv_char(writer, ',');
  if (sl_argument_choice(chain->run->arguments, SL_ARG_ENGINE) == SL_ARG_STATIC) {
    sl_csv_number(writer, chain->nuts.integration_time);
  } else {
    sl_csv_int(writer, drawn->depth);
    sl_csv_char(writer, ',');
    sl_csv_int(writer, drawn->leapfrog_count);
    sl_csv_char(writer, ',');
    sl_csv_char(writer, drawn->divergent ? '1' : '0');
  }
  sl_csv_char(writer, ',');
  sl_csv_number(writer, drawn->energy);
}

static void write_values(sl_csv_writer *writer, const double *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    sl_csv_char(writer, ',');
    sl_csv_number(writer, values[i]);
  }
}

/* Unconstrained draw, momentum p and gradient. The sampler keeps L' p (hamiltonian.h): p is had by solving, from the last
 * element on; the solution takes the place of the momentum, which the next transition draws anew. */
static void write_diagnostics(sl_chain *chain, const sl_transition *drawn) {
  const sl_metric *metric = &chain->nuts.hamiltonian.metric;
  size_t n = metric->n;
  double *momentum = chain->nuts.current.momentum;
  if (metric->kind == SL_METRIC_DENSE) {
    for (size_t j = n; j-- > 0;) {
      for (size_t i = j + 1; i < n; i++) momentum[j] -= metric->factor[j * n + i] * momentum[i];
      momentum[j] /= metric->factor[j * n + j];
    }
  } else {
    for (size_t i = 0; i < n; i++) momentum[i] /= metric->factor[i];
  }
  write_sampler_values(chain, &chain->diagnostics, drawn);
  write_values(&chain->diagnostics, chain->nuts.current.position, n);
  write_values(&chain->diagnostics, momentum, n);
  write_values(&chain->diagnostics, chain->nuts.current.gradient, n);
  sl_csv_char(&chain->diagnostics, '\n');
}

void sl_chain_write_draw(sl_chain *chain, const sl_transition *drawn) {
  sl_hamiltonian *hamiltonian = &chain->nuts.hamiltonian;
  sl_status status = sl_constrain(chain->run->model, hamiltonian->workspace, chain->nuts.current.position,
                                  &chain->generated_rng, true, true, chain->constrained);
  if (status == SL_FATAL)
    hamiltonian->fatal = true;
  else if (status != SL_EVALUATED)
    sl_rejections_report(chain->run->rejections, chain->id, hamiltonian->workspace->message);
  write_sampler_values(chain, &chain->output, drawn);
  write_values(&chain->output, chain->constrained, chain->constrained_size);
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
  const sl_metric *metric = &chain->nuts.hamiltonian.metric;
  sl_csv_writer writer;
  if (!sl_csv_open(&writer, path, chain->output.sig_figs, error)) return false;
  static const char *const kinds[] = {"unit_e", "diag_e", "dense_e"};
  sl_csv_text(&writer, "{\n  \"stepsize\" : ");
  sl_csv_number(&writer, chain->nuts.step_size);
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
