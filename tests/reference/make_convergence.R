# Writes tests/reference/convergence.json: small chains of every awkward kind and what R's posterior package says of them.
# Run from the repository's root; the tests read the stored file and need no R. Made with posterior 1.4.0, R 4.2.2.
suppressMessages({library(posterior); library(jsonlite)})
set.seed(20240229)
probabilities <- c(0, 0.05, 0.25, 0.5, 0.9, 0.95, 1)

autoregressive <- function(draws, chains, rho, innovations = rnorm) {
  sapply(seq_len(chains), function(chain) {
    x <- innovations(draws)
    for (i in seq_len(draws)[-1]) x[i] <- rho * x[i - 1] + sqrt(1 - rho^2) * x[i]
    x
  })
}
binary <- matrix(rbinom(240, 1, 0.3), 60)
balanced <- matrix(rep(c(0, 1, 1, 0, 1, 0), 20), 30)
one_constant <- matrix(rnorm(200), 50); one_constant[, 3] <- 0.25
not_a_number <- matrix(rnorm(80), 20); not_a_number[7, 2] <- NaN
infinite <- matrix(rnorm(80), 20); infinite[7, 2] <- Inf; infinite[9, 1] <- -Inf; infinite[3, 4] <- Inf
infinite_median <- matrix(rep(c(Inf, Inf, 1, 2, Inf, Inf), 8), 12)
shifted <- matrix(rnorm(160), 40); shifted[, 4] <- shifted[, 4] + 3

cases <- list(
  "autocorrelated, odd length" = autoregressive(101, 4, 0.9),
  "independent" = matrix(rnorm(400), 100),
  "long memory: more lags than are summed directly" = autoregressive(600, 2, 0.99),
  "three chains, long memory, odd" = autoregressive(501, 3, 0.98),
  "antithetic: the size is capped" = autoregressive(100, 4, -0.8),
  "ties" = matrix(rpois(400, 2), 100),
  "binary" = binary,
  "binary, balanced: the folded draws are constant" = balanced,
  "constant" = matrix(1.5, 20, 4),
  "constant within chains" = matrix(rep(c(1, 2, 3, 4), each = 20), 20),
  "one constant chain" = one_constant,
  "one chain" = autoregressive(50, 1, 0.5),
  "one chain elsewhere" = shifted,
  "trend" = autoregressive(61, 4, 0.3) + seq(-2, 2, length.out = 61),
  "heavy tails" = matrix(rt(400, 1), 100),
  "tiny values" = matrix(rnorm(160), 40) * 1e-10,
  "values below the tolerance" = matrix(rnorm(160), 40) * 1e-18,
  "large values" = 1e8 + matrix(round(rnorm(160), 4), 40),
  "not a number" = not_a_number,
  "infinite" = infinite,
  "infinite median" = infinite_median,
  "negative zero" = matrix(c(0, -0, 1, -1, 2, -0, 0, 3), 24, 2),
  "many chains" = autoregressive(20, 16, 0.5)
)
# Not 2 and 3: there posterior 1.4.0 splits into halves of one draw and confuses draws with chains.
for (draws in c(1, 4:13)) cases[[paste("short chains of", draws)]] <- matrix(rnorm(draws * 3), draws)

# The shortest interval over floor(n share) gaps between order statistics: every one is looked at (Hyndman 1996; the
# definition of HDInterval::hdi, which is not called).
shares <- c(0.1, 0.5, 0.89, 0.95)
shortest <- function(x, share) {
  if (anyNA(x)) return(c(NA_real_, NA_real_))
  x <- sort(as.vector(x))
  gap <- floor(length(x) * share)
  starts <- seq_len(length(x) - gap)
  lengths <- x[starts + gap] - x[starts]
  if (gap == 0) lengths[] <- 0
  best <- starts[which(lengths == min(lengths, na.rm = TRUE))[1]]
  c(x[best], x[best + gap])
}

describe <- function(name) {
  x <- signif(cases[[name]], if (name == "large values") 13 else 8)
  quiet <- function(expression) suppressWarnings(tryCatch(as.numeric(expression), error = function(e) NA_real_))
  # Brooks & Gelman (1998) on whole chains
  classic <- rhat_basic(x, split = FALSE)
  list(description = name, chains = lapply(seq_len(ncol(x)), function(chain) I(x[, chain])),
       mean = mean(x), sd = stats::sd(x), quantiles = quiet(quantile(x, probabilities)),
       rhat = quiet(rhat(x)), rhat_classic = quiet(classic), ess_bulk = quiet(ess_bulk(x)), ess_tail = quiet(ess_tail(x)),
       ess_mean = quiet(ess_mean(x)), ess_quantiles = quiet(ess_quantile(x, probabilities)),
       mad = quiet(stats::mad(x)), hdi = unlist(lapply(shares, function(share) quiet(shortest(x, share)))),
       mcse_mean = quiet(mcse_mean(x)), mcse_sd = quiet(mcse_sd(x)), mcse_quantiles = quiet(mcse_quantile(x, probabilities)))
}
# One line for each case. What is not a finite number is written as a string: "NA", "NaN", "Inf", "-Inf".
lines <- sapply(names(cases), function(name) toJSON(describe(name), digits = I(16), auto_unbox = TRUE, na = "string"))
writeLines(c(paste0('{"probabilities": ', toJSON(probabilities), ', "shares": ', toJSON(shares), ', "cases": ['), paste(lines, collapse = ",\n"), "]}"),
           "tests/reference/convergence.json")
