/* command.c: from the command line to a method, see command.h. The one place that prints errors. */
#include "runtime/command.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "runtime/profile.h"

void sl_info(void) {
  static const char *const blocks[] = {"data", "parameters", "transformed parameters", "generated quantities"};
  /* These names, `key = value`, are what programs that drive CmdStan read. */
  printf("stan_version_major = 2\nstan_version_minor = 38\nstan_version_patch = 0\n"
         "STAN_THREADS=true\nSTAN_MPI=false\nSTAN_OPENCL=false\nSTAN_NO_RANGE_CHECKS=false\nSTAN_CPP_OPTIMS=false\n");
  printf("model_name = %s\nmodel_source = %s\ncompiler = %s\n", sl_model_name, sl_model_source, sl_compiler_version);
  for (int block = SL_DATA; block <= SL_GENERATED_QUANTITIES; block++) {
    bool first = true;
    for (int i = 0; i < sl_variable_count; i++) {
      const sl_variable *v = &sl_variables[i];
      if (v->block != (sl_block)block || (v->whole && !*v->whole)) continue;
      if (first) printf("%s:\n", blocks[block]);
      first = false;
      int length = (int)strcspn(v->name, "."); /* of the whole's name */
      printf("  %s %.*s\n", v->whole ? v->whole : v->type, length, v->name);
    }
  }
}

static sl_model *construct(const sl_arguments *arguments, sl_error *error) {
  const char *file = sl_argument_text(arguments, SL_ARG_DATA_FILE);
  sl_values *values = file[0] ? sl_values_read(file, error) : sl_values_empty();
  if (!values) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory");
    return NULL;
  }
  sl_values_forget_read(values);
  sl_model *model = sl_model_construct(values, (uint64_t)sl_argument_int(arguments, SL_ARG_SEED), error);
  sl_values_destroy(values);
  if (!model) sl_error_set(error, SL_BAD_DATA, "the model refused its data");
  return model;
}

static bool run(sl_arguments *arguments, sl_error *error) {
  sl_model *model = construct(arguments, error);
  if (!model) return false;
  bool done = false;
  switch (sl_argument_choice(arguments, SL_ARG_METHOD)) {
  case SL_ARG_GENERATE_QUANTITIES: done = sl_generate_quantities(model, arguments, error); break;
  case SL_ARG_LOG_PROB: done = sl_log_prob(model, arguments, error); break;
  case SL_ARG_BENCHMARK: done = sl_benchmark(model, arguments, error); break;
  case SL_ARG_DIAGNOSE: done = sl_diagnose(model, arguments, error); break;
  case SL_ARG_LAPLACE: done = sl_laplace(model, arguments, error); break;
  case SL_ARG_OPTIMIZE: done = sl_optimize(model, arguments, error); break;
  default: done = sl_sample(model, arguments, error);
  }
  done = sl_profiles_write(sl_argument_text(arguments, SL_ARG_PROFILE_FILE), error) && done;
  sl_model_destroy(model);
  return done;
}

int sl_main(int argc, char **argv) {
  static sl_arguments arguments;
  sl_error error = {SL_OK, ""};
  const char *program = argc > 0 ? argv[0] : "EXE";
  if (argc < 2) {
    sl_arguments_help(stderr, program, SL_ARG_ROOT, false);
    return SL_USAGE;
  }
  if (sl_arguments_parse(&arguments, argc, argv, &error)) {
    switch (arguments.request) {
    case SL_REQUEST_HELP: sl_arguments_help(stdout, program, arguments.help_about, false); break;
    case SL_REQUEST_HELP_ALL: sl_arguments_help(stdout, program, arguments.help_about, true); break;
    case SL_REQUEST_INFO: sl_info(); break;
    case SL_REQUEST_VERSION: printf("%s\n", sl_compiler_version); break;
    case SL_REQUEST_RUN: run(&arguments, &error); break;
    }
  }
  if (fflush(stdout) != 0) sl_error_set(&error, SL_CANNOT_WRITE, "cannot write to standard output");
  if (error.code != SL_OK && error.message[0]) fprintf(stderr, "%s\n", error.message);
  return error.code;
}
