/* command.h: the program that every compiled model is. */
#ifndef STANLITE_RUNTIME_COMMAND_H
#define STANLITE_RUNTIME_COMMAND_H
#include "runtime/arguments.h"
#include "runtime/model.h"

/* All of main(): reads the arguments, does what they ask, and returns the exit code. */
int sl_main(int argc, char **argv);

/* The methods. Each reports what the user should know on standard error, and returns false with `error` set when it failed
 * or was interrupted. */
bool sl_sample(const sl_model *model, sl_arguments *arguments, sl_error *error);
bool sl_generate_quantities(const sl_model *model, const sl_arguments *arguments, sl_error *error);
bool sl_optimize(const sl_model *model, const sl_arguments *arguments, sl_error *error);
bool sl_laplace(const sl_model *model, const sl_arguments *arguments, sl_error *error);
bool sl_diagnose(const sl_model *model, const sl_arguments *arguments, sl_error *error);
bool sl_log_prob(const sl_model *model, const sl_arguments *arguments, sl_error *error);
bool sl_benchmark(const sl_model *model, const sl_arguments *arguments, sl_error *error);
void sl_info(void);

#endif
