# stan.R MODEL.stan DATA.json CACHE SECONDS RUNS: what a leapfrog step costs in Stan (rstan), in microseconds.
#
# MODEL is in the older array syntax. One chain of 50 warmup and 20 draws, which is enough for a slow model; if its draws took
# less than a quarter of SECONDS, runs of 1000 and 1000 with seeds 1, 2 ... until they take SECONDS together, at most RUNS of
# them. The figure is the seconds of the sampling phase over the sum of n_leapfrog__ there: what stanlite's is, too. Compiled
# models are kept in CACHE, by the program's text.
arguments <- commandArgs(trailingOnly = TRUE)
model_file <- arguments[1]
data_file <- arguments[2]
cache <- arguments[3]
enough_seconds <- as.numeric(arguments[4])
most_runs <- as.integer(arguments[5])
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "stan_model.R"))
model <- compiled_model(model_file, cache)
data <- model_data(data_file)
seconds <- 0
steps <- 0
sample_once <- function(seed, warmup, draws) {
  # Only lp__ is kept: copying draws into R's lists is not Stan's work.
  fit <- suppressWarnings(sampling(model, data = data, chains = 1, iter = warmup + draws, warmup = warmup, seed = seed,
                                   refresh = 0, pars = "lp__"))
  seconds <<- seconds + get_elapsed_time(fit)[1, "sample"]
  steps <<- steps + sum(get_sampler_params(fit, inc_warmup = FALSE)[[1]][, "n_leapfrog__"])
}
sample_once(1, 50, 20)
if (seconds < enough_seconds / 4) {
  seconds <- steps <- 0
  runs <- 0
  while (runs < most_runs && seconds < enough_seconds) {
    runs <- runs + 1
    sample_once(runs, 1000, 1000)
  }
}
cat(sprintf("%.6g %d\n", 1e6 * seconds / steps, steps))
