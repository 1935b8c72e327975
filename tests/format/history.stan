functions {
  real my_log(real y, real m) { return -square(y - m); }
  real g(real x) { return fabs(x); }
}
data { int N; real x[N]; }
parameters { real a; real<lower=0> s; }
transformed parameters { real b; b <- if_else(N > 3, a, 2 * a); }
model {
  matrix[N, N] K;
  K <- cov_exp_quad(x, a, s);
  a ~ my(3);
  a ~ normal(0, 1);
  increment_log_prob(normal_log(a, 0, 1) + poisson_log(3, s));
  increment_log_prob(multiply_log(s, s) + binomial_coefficient_log(5, 2));
  increment_log_prob(normal_cdf_log(a, 0, 1) + normal_ccdf_log(a, 0, 1) + log(normal_cdf(a, 0, 1)));
  a ~ normal(0, 1) T[0, ];
}
