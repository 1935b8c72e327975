/* adaptation.c: see adaptation.h. */
#include "runtime/adaptation.h"
#include <math.h>
#include <string.h>

void sl_step_adaptation_restart(sl_step_adaptation *adaptation, double step_size) {
  adaptation->mu = log(10 * step_size);
  adaptation->count = adaptation->error_mean = 0;
  adaptation->log_step_mean = log(step_size);
}

double sl_step_adaptation_learn(sl_step_adaptation *adaptation, double accept_statistic) {
  /* Hoffman and Gelman 2014, equation 6. */
  double count = ++adaptation->count;
  double eta = 1 / (count + adaptation->t0);
  adaptation->error_mean = (1 - eta) * adaptation->error_mean + eta * (adaptation->delta - fmin(accept_statistic, 1));
  double log_step = adaptation->mu - adaptation->error_mean * sqrt(count) / adaptation->gamma;
  double weight = pow(count, -adaptation->kappa);
  adaptation->log_step_mean = (1 - weight) * adaptation->log_step_mean + weight * log_step;
  return exp(log_step);
}

double sl_scale_adaptation_learn(sl_step_adaptation *adaptation, double accept_statistic) {
  /* Robbins and Monro 1951 on the logarithm, as algorithm 4 of Andrieu and Thoms 2008. */
  const double gain = 2.1;
  double step = gain * pow(++adaptation->count, -adaptation->kappa);
  adaptation->log_step_mean += step * (accept_statistic - adaptation->delta);
  return exp(adaptation->log_step_mean);
}

double sl_step_adaptation_result(const sl_step_adaptation *adaptation, double step_size) {
  return adaptation->count > 0 ? exp(adaptation->log_step_mean) : step_size;
}

sl_windows_fit sl_windows_init(sl_windows *windows, int num_warmup, int init_buffer, int term_buffer, int window) {
  *windows = (sl_windows){0};
  if (num_warmup < 20) return SL_WINDOWS_NONE;
  bool fits = (long)init_buffer + window + term_buffer <= num_warmup;
  if (!fits) {
    init_buffer = (int)(0.15 * num_warmup);
    term_buffer = (int)(0.1 * num_warmup);
    window = num_warmup - (init_buffer + term_buffer);
  }
  *windows = (sl_windows){num_warmup, init_buffer, term_buffer, window, init_buffer + window - 1};
  return fits ? SL_WINDOWS_AS_ASKED : SL_WINDOWS_SHRUNK;
}

bool sl_windows_inside(const sl_windows *windows, int iteration) {
  return iteration >= windows->init_buffer && iteration < windows->num_warmup - windows->term_buffer;
}

bool sl_windows_end(const sl_windows *windows, int iteration) {
  return iteration == windows->next_end && sl_windows_inside(windows, iteration);
}

void sl_windows_advance(sl_windows *windows, int iteration) {
  long last = (long)windows->num_warmup - windows->term_buffer - 1;
  if (windows->next_end == last) return;
  long size = 2L * windows->size, end = iteration + size;
  /* A window after this one would be twice as long again: where that does not fit, this one takes the rest. */
  if (end != last && end + 2 * size > last) end = last;
  windows->size = (int)size;
  windows->next_end = (int)end;
}

size_t sl_moments_elements(sl_metric_kind kind, size_t n) { return sl_metric_elements(kind, n) + 4 * (n + 8); }

void sl_moments_init(sl_moments *moments, sl_metric_kind kind, size_t n, sl_vectors *vectors) {
  *moments = (sl_moments){.kind = kind, .n = n};
  moments->mean = sl_vectors_take(vectors, n);
  moments->difference = sl_vectors_take(vectors, n);
  moments->deviations = sl_vectors_take(vectors, kind == SL_METRIC_DENSE ? n * n : n);
}

void sl_moments_add(sl_moments *moments, const double *position) {
  size_t n = moments->n;
  double *restrict mean = moments->mean, *restrict difference = moments->difference;
  double *restrict deviations = moments->deviations;
  double count = ++moments->count;
  for (size_t i = 0; i < n; i++) difference[i] = position[i] - mean[i];
  for (size_t i = 0; i < n; i++) mean[i] += difference[i] / count;
  if (moments->kind == SL_METRIC_DENSE) {
    for (size_t j = 0; j < n; j++)
      for (size_t i = 0; i < n; i++) deviations[j * n + i] += difference[i] * (position[j] - mean[j]);
  } else {
    for (size_t i = 0; i < n; i++) deviations[i] += difference[i] * (position[i] - mean[i]);
  }
}

bool sl_moments_finish(sl_moments *moments, sl_metric *metric) {
  size_t n = moments->n, size = moments->kind == SL_METRIC_DENSE ? n * n : n;
  size_t diagonal = moments->kind == SL_METRIC_DENSE ? n + 1 : 1;
  double count = moments->count, weight = count / (count + 5);
  if (count > 1)
    for (size_t i = 0; i < size; i++) metric->inverse[i] = weight * moments->deviations[i] / (count - 1);
  else
    memset(metric->inverse, 0, size * sizeof(double));
  for (size_t i = 0; i < n; i++) metric->inverse[i * diagonal] += 1e-3 * 5 / (count + 5);
  moments->count = 0;
  memset(moments->mean, 0, n * sizeof(double));
  memset(moments->deviations, 0, size * sizeof(double));
  return sl_metric_factor(metric);
}
