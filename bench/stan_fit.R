# stan_fit.R MODEL.stan DATA.json CACHE: what one fit costs in Stan (rstan): 4 chains of 1000 iterations for warmup and 1000 draws, one
# after the other on one core. Prints the seconds that pass, and those of processor time. Compiling is not counted.
arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "stan_model.R"))
model <- compiled_model(arguments[1], arguments[3])
data <- model_data(arguments[2])
# Few quantities are kept, as in the study: copying draws into R's lists is not Stan's work.
time <- system.time(suppressWarnings(
  sampling(model, data = data, chains = 4, cores = 1, iter = 2000, warmup = 1000, seed = 1, refresh = 0,
           pars = c("gamma_0", "gamma_1"))))
cat(sprintf("%.2f %.2f\n", time[["elapsed"]], time[["user.self"]] + time[["sys.self"]]))
