// A logistic regression of as many rows as there are data, as posteriordb's wells_dae_inter_model (Gelman and Hill 2007, chapter 5).
data {
  int<lower=0> N;
  array[N] int<lower=0, upper=1> switched;
  vector[N] dist;
  vector[N] arsenic;
  vector[N] educ;
}
parameters {
  real alpha;
  vector[3] beta;
}
model {
  alpha ~ normal(0, 5);
  beta ~ normal(0, 5);
  switched ~ bernoulli_logit(alpha + beta[1] * dist + beta[2] * arsenic + beta[3] * educ);
}
