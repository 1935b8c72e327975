/* model_weights.h: how much each of several models should count, from what they predict.
 *
 * No function keeps its arguments. */
#ifndef STANLITE_RUNTIME_MODEL_WEIGHTS_H
#define STANLITE_RUNTIME_MODEL_WEIGHTS_H
#include <stdbool.h>
#include <stddef.h>

/* exp(elpd_k) / sum of them: Akaike's weights on the scale of elpd (half a negative deviance); McElreath (2020), section
 * 7.5. */
void sl_akaike_weights(const double *elpd, size_t model_count, double *weights);

/* The mixture of the models' predictive distributions that predicts best: the weights w that maximise
 *   sum over i of log(sum over k of w_k exp(elpd[k][i])),   w_k >= 0, sum w_k = 1
 * for `count` observations: Yao, Vehtari, Simpson & Gelman (2018), "Using stacking to average Bayesian predictive
 * distributions", eq. 4. The mean over observations ends within 1e-9 of its maximum. False when there is no memory. */
bool sl_stacking_weights(const double *const *elpd, size_t model_count, size_t count, double *weights);

#endif
