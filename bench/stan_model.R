# stan_model.R: rstan, and compiled models that are kept.
suppressMessages(library(rstan))
# Debian's BH has no headers of its own: boost's lie where the system's do.
if (!file.exists(rstan_options("boost_lib"))) rstan_options(boost_lib = "/usr/include")

# The compiled program of a file, from the folder `cache` if it is there, by the program's text.
compiled_model <- function(model_file, cache) {
  key <- unname(tools::md5sum(model_file))
  kept <- file.path(cache, paste0(sub("\\.stan$", "", basename(model_file)), "-", key, ".rds"))
  if (file.exists(kept)) return(readRDS(kept))
  model <- stan_model(model_file, save_dso = TRUE)
  dir.create(cache, recursive = TRUE, showWarnings = FALSE)
  saveRDS(model, kept)
  model
}

# The data of a JSON file, also under the names that old_arrays.awk gives variables.
model_data <- function(data_file) {
  data <- jsonlite::fromJSON(data_file)
  data[paste0(names(data), "_")] <- data
  data
}
