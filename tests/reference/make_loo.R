# Writes tests/reference/loo.json: log-likelihoods of every awkward kind and what R's loo package says of them.
# Run from the repository's root; the tests read the stored file and need no R. Made with loo 2.5.1, R 4.2.2.
suppressMessages({library(loo); library(jsonlite)})
set.seed(20241121)

autoregressive <- function(draws, chains, rho) {
  sapply(seq_len(chains), function(chain) {
    x <- rnorm(draws)
    for (i in seq_len(draws)[-1]) x[i] <- rho * x[i - 1] + sqrt(1 - rho^2) * x[i]
    x
  })
}
# Draws of a mean, and the log-likelihoods of a few observations around it.
normal <- function(mean, y, sd = 1) array(sapply(y, function(y) dnorm(y, mean, sd, log = TRUE)), c(dim(mean), length(y)))
# Importance ratios whose tail has this k.
tails <- function(draws, chains, k) {
  array(sapply(k, function(k) k * log(runif(draws * chains))), c(draws, chains, length(k)))
}
shifted <- autoregressive(101, 4, 0.5); shifted[, 4] <- shifted[, 4] + 1
ties <- round(normal(autoregressive(50, 4, 0.2), c(-1, 0, 2)), 1)
equal_tail <- array(rep(c(-1, -1, -2, -1, -3, -3, -3, -3, -2, -1), 80), c(100, 4, 2))
equal_tail[, , 2] <- rnorm(400)
constant <- normal(autoregressive(50, 2, 0.3), c(0, 1, 2)); constant[, , 2] <- -1.25
one_constant <- normal(autoregressive(40, 4, 0.3), c(0, 1)); one_constant[, 3, 1] <- -1

cases <- list(
  "a well-behaved model" = normal(autoregressive(200, 4, 0.3) / 4, c(-2, 0, 1, 3)),
  "slow chains: the longest tail" = normal(autoregressive(200, 2, 0.97), c(-2, 0, 1)),
  "antithetic chains: a short tail" = normal(autoregressive(200, 2, -0.7), c(-2, 0, 1)),
  "heavy tails" = tails(125, 4, c(0.3, 0.75, 0.9, 2)),
  "very heavy tails, far apart" = tails(100, 2, c(5, 20, 60)),
  "light tails" = array(pmax(rnorm(400), -1.5 + 0.01 * rnorm(400)), c(100, 2, 2)),
  "chains of a length with large prime factors" = normal(shifted, c(-1, 2)),
  "one chain" = normal(autoregressive(240, 1, 0.5), c(-1, 0, 2)),
  "one chain of prime length" = normal(autoregressive(211, 1, 0.5), c(-1, 0)),
  "many chains" = normal(autoregressive(20, 10, 0.1), c(-1, 0, 2)),
  "ties" = ties,
  "a tail of equal values" = equal_tail,
  "a constant observation" = constant,
  "one constant chain" = one_constant,
  "forty draws" = normal(autoregressive(10, 4, 0.1), c(-1, 0, 2)),
  "too few draws to smooth" = normal(autoregressive(5, 4, 0), c(-1, 0, 2)),
  "three draws a chain" = normal(autoregressive(3, 2, 0), c(-1, 0)),
  "two draws a chain" = normal(autoregressive(2, 2, 0), c(-1, 0)),
  "large values" = 600 + normal(autoregressive(100, 2, 0.3) / 3, c(-2, 0, 1)),
  "small values" = -600 + normal(autoregressive(100, 2, 0.3) / 3, c(-2, 0, 1)),
  "an outlier" = normal(autoregressive(100, 2, 0.3) / 3, c(0, 30)),
  "one observation" = normal(autoregressive(100, 2, 0.3) / 3, 0.5)
)

quiet <- function(expression) suppressWarnings(expression)
describe <- function(name) {
  x <- signif(cases[[name]], 7)
  # Likelihoods relative to the largest: their squares overflow otherwise, and loo says 0.5 of any size.
  relative <- sweep(x, 3, apply(x, 3, max))
  size <- quiet(relative_eff(exp(relative)))
  out <- quiet(loo(x, r_eff = size))
  wide <- quiet(waic(x))
  list(description = name,
       log_lik = lapply(seq_len(dim(x)[3]), function(i) lapply(seq_len(dim(x)[2]), function(chain) I(x[, chain, i]))),
       r_eff = I(size), elpd_loo = I(out$pointwise[, "elpd_loo"]), p_loo = I(out$pointwise[, "p_loo"]),
       mcse = I(quiet(loo(relative, r_eff = size))$pointwise[, "mcse_elpd_loo"]), pareto_k = I(out$diagnostics$pareto_k), n_eff = I(out$diagnostics$n_eff),
       elpd_waic = I(wide$pointwise[, "elpd_waic"]), p_waic = I(wide$pointwise[, "p_waic"]),
       loo_estimates = I(unname(out$estimates[c("elpd_loo", "p_loo"), ])),
       waic_estimates = I(unname(wide$estimates[c("elpd_waic", "p_waic"), ])))
}

# The fit to a tail alone: exact quantiles, a short one, ties at zero.
fits <- list(((1 - ppoints(50))^-0.5 - 1) * 2, ((1 - ppoints(400))^-1.2 - 1), -log(ppoints(30)), runif(100), rexp(5),
             c(0, 0, 1:20), c(rep(0, 10), 1:10), exp(seq(-30, 30, 3)))
describe_fit <- function(x) {
  x <- sort(signif(x, 9))
  fit <- loo:::gpdfit(x)
  list(values = I(x), k = fit$k, sigma = fit$sigma)
}

# Three models of the same observations.
y <- round(c(rnorm(16), rnorm(8, 3)), 2)
mean <- autoregressive(50, 2, 0.2) / 6
models <- list(normal(mean, y), normal(3 + mean, y), normal(1 + mean, y, 2), normal(5 + mean, y))
models <- lapply(models, signif, digits = 6)
loos <- quiet(lapply(models, function(x) loo(x, r_eff = relative_eff(exp(x)))))
waics <- quiet(lapply(models, waic))
compared <- function(fits) I(unname(loo_compare(fits)[paste0("model", seq_along(fits)), c("elpd_diff", "se_diff")]))
points <- sapply(loos, function(fit) fit$pointwise[, "elpd_loo"])
comparison <- list(log_lik = lapply(models, function(x) lapply(seq_len(dim(x)[3]), function(i)
                     lapply(seq_len(dim(x)[2]), function(chain) I(x[, chain, i])))),
                   loo = compared(loos), waic = compared(waics),
                   stacking = I(as.numeric(stacking_weights(points, optim_control = list(reltol = 1e-14)))))

# One line for each case. What is not a finite number is written as a string: "NA", "NaN", "Inf", "-Inf".
line <- function(x) toJSON(x, digits = I(15), auto_unbox = TRUE, na = "string")
writeLines(c('{"cases": [', paste(sapply(names(cases), function(name) line(describe(name))), collapse = ",\n"),
             '],\n"fits": [', paste(sapply(fits, function(x) line(describe_fit(x))), collapse = ",\n"),
             '],\n"comparison":', line(comparison), "}"), "tests/reference/loo.json")
