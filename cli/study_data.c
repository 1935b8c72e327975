/* study_data.c: the data sets of a study (study.h).
 *
 * The simulating program runs once, for all replications. Without parameters it is fixed_param: each draw of its generated quantities
 * is a data set. With parameters these are drawn from what its model block says, the prior, by NUTS, of which every tenth draw is
 * taken. Every quantity of a draw goes into the JSON under its name, beside the constants: a fitted program reads those that it
 * declares. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/study.h"
#include "runtime/draws.h"

enum { MOST_DIMENSIONS = 16, LINE_SIZE = 4000, THINNING = 10, SIMULATION_WARMUP = 1000 };

/* A variable of the simulating program: neighbouring columns. */
typedef struct simulated_variable {
  char *name;
  size_t first_column;
  int dim_count;
  long dims[MOST_DIMENSIONS];
} simulated_variable;

struct study_data {
  json_t *constants;
  sl_draws *draws;
  simulated_variable *variables;
  size_t variable_count;
};

/* ---- what programs say about themselves ---- */

bool study_list_variables(const study_options *options, const char *executable, word_list *names,
                          bool *has_parameters) {
  char path[STUDY_PATH_SIZE + 20], line[LINE_SIZE];
  snprintf(path, sizeof path, "%s/info", options->folder);
  word_list words = {0};
  words_add(&words, executable);
  words_add(&words, "info");
  int code = process_run_into(words.items, path, NULL, NULL);
  words_free(&words);
  FILE *file = code == SL_OK ? fopen(path, "r") : NULL;
  if (!file) {
    fprintf(stderr, "stanlite study: %s info does not work (exit code %d)\n", executable, code);
    return false;
  }
  bool in_data = true;
  *has_parameters = false;
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    if (line[0] != ' ') {
      bool is_block = strchr(line, ':') && !strchr(line, '=');
      if (is_block) in_data = strcmp(line, "data:") == 0;
      *has_parameters |= strcmp(line, "parameters:") == 0;
    } else if (!in_data) {
      words_add(names, strrchr(line, ' ') + 1);
    }
  }
  fclose(file);
  return true;
}

/* ---- the simulation ---- */

static bool run_simulation(const study_options *options, const char *csv, int *code) {
  char text[STUDY_PATH_SIZE + 40], errors[STUDY_PATH_SIZE + 20];
  word_list names = {0}, words = {0};
  bool has_parameters;
  bool good = study_list_variables(options, options->simulate.executable, &names, &has_parameters);
  words_free(&names);
  *code = SL_DEFECT;
  if (!good) return false;
  words_add(&words, options->simulate.executable);
  words_add(&words, "sample");
  words_add(&words, "num_chains=1");
  if (has_parameters) {
    snprintf(text, sizeof text, "num_samples=%ld", THINNING * options->replications);
    words_add(&words, text);
    snprintf(text, sizeof text, "num_warmup=%d", SIMULATION_WARMUP);
    words_add(&words, text);
    snprintf(text, sizeof text, "thin=%d", THINNING);
    words_add(&words, text);
  } else {
    snprintf(text, sizeof text, "num_samples=%ld", options->replications);
    words_add(&words, text);
    words_add(&words, "algorithm=fixed_param");
  }
  if (options->constants) {
    snprintf(text, sizeof text, "file=%s", options->constants);
    words_add(&words, "data");
    words_add(&words, text);
  }
  snprintf(text, sizeof text, "seed=%ld", options->seed);
  words_add(&words, "random");
  words_add(&words, text);
  snprintf(text, sizeof text, "file=%s", csv);
  words_add(&words, "output");
  words_add(&words, text);
  words_add(&words, "sig_figs=17");
  words_add(&words, "refresh=0");
  snprintf(errors, sizeof errors, "%s/simulation", options->folder);
  *code = process_run_into(words.items, NULL, errors, NULL);
  words_free(&words);
  if (*code == SL_OK) return true;
  fprintf(stderr, "stanlite study: %s cannot simulate (exit code %d):\n", options->simulate.path, *code);
  FILE *file = fopen(errors, "r");
  while (file && fgets(text, sizeof text, file)) fputs(text, stderr);
  if (file) fclose(file);
  return false;
}

/* Splits "y.2.3" into "y" and its index; false for names that are no array's: of a tuple, or of the sampler. */
static bool split(const char *column, size_t *name_length, int *dim_count, long *index) {
  size_t length = strlen(column);
  if (strchr(column, ':') || (length > 2 && strcmp(column + length - 2, "__") == 0)) return false;
  *name_length = strcspn(column, ".");
  *dim_count = 0;
  for (const char *at = column + *name_length; *at == '.' && *dim_count < MOST_DIMENSIONS;) {
    char *end;
    index[(*dim_count)++] = strtol(at + 1, &end, 10);
    at = end;
  }
  return true;
}

/* The last element of a variable has its sizes for an index. */
static bool find_variables(study_data *data) {
  const sl_draws *draws = data->draws;
  data->variables = calloc(draws->column_count + 1, sizeof *data->variables);
  if (!data->variables) return false;
  for (size_t column = 0; column < draws->column_count; column++) {
    size_t length;
    long index[MOST_DIMENSIONS];
    int dim_count;
    if (!split(draws->names[column], &length, &dim_count, index)) continue;
    simulated_variable *last = data->variable_count ? &data->variables[data->variable_count - 1] : NULL;
    bool continues = last && strlen(last->name) == length && strncmp(last->name, draws->names[column], length) == 0;
    if (!continues) {
      last = &data->variables[data->variable_count++];
      last->name = strndup(draws->names[column], length);
      last->first_column = column;
      if (!last->name) return false;
    }
    last->dim_count = dim_count;
    memcpy(last->dims, index, sizeof index);
  }
  return true;
}

study_data *study_data_draw(const study_options *options, int *code) {
  char csv[STUDY_PATH_SIZE + 20];
  const char *paths[] = {csv};
  snprintf(csv, sizeof csv, "%s/simulated.csv", options->folder);
  study_data *data = calloc(1, sizeof *data);
  sl_error error = {0};
  json_error_t wrong;
  *code = SL_DEFECT;
  if (!data) return NULL;
  data->constants = options->constants ? json_load_file(options->constants, JSON_ALLOW_NUL, &wrong) : json_object();
  if (!data->constants || !json_is_object(data->constants)) {
    *code = SL_BAD_DATA;
    fprintf(stderr, "stanlite study: %s: %s\n", options->constants, data->constants ? "not an object" : wrong.text);
  } else if (run_simulation(options, csv, code)) {
    data->draws = sl_draws_read(paths, 1, &error);
    if (!data->draws) {
      fprintf(stderr, "stanlite study: %s\n", error.message);
      *code = error.code;
    } else if ((long)data->draws->draw_count != options->replications) {
      fprintf(stderr, "stanlite study: %s gave %zu data sets, not %ld\n", options->simulate.path,
              data->draws->draw_count, options->replications);
      *code = SL_BAD_DATA;
    } else if (find_variables(data)) {
      *code = SL_OK;
    }
  }
  remove(csv);
  if (*code == SL_OK) return data;
  study_data_destroy(data);
  return NULL;
}

void study_data_destroy(study_data *data) {
  if (!data) return;
  json_decref(data->constants);
  for (size_t v = 0; v < data->variable_count; v++) free(data->variables[v].name);
  free(data->variables);
  sl_draws_destroy(data->draws);
  free(data);
}

/* ---- one data set ---- */

static json_t *number(double value) {
  if (isnan(value)) return json_string("NaN");
  if (isinf(value)) return json_string(value > 0 ? "Inf" : "-Inf");
  if (value == floor(value) && fabs(value) < 1e15) return json_integer((json_int_t)value);
  return json_real(value);
}

/* The array below the first `depth` indices, of which `offset` is the element's place so far; first index fastest. */
static json_t *nested(const study_data *data, const simulated_variable *variable, long r, int depth, long offset,
                      long stride) {
  if (depth == variable->dim_count)
    return number(sl_draws_column(data->draws, variable->first_column + (size_t)offset)[r]);
  json_t *array = json_array();
  for (long i = 0; i < variable->dims[depth]; i++)
    json_array_append_new(array,
                          nested(data, variable, r, depth + 1, offset + i * stride, stride * variable->dims[depth]));
  return array;
}

bool study_data_write(const study_data *data, long r, const char *path, sl_error *error) {
  json_t *all = json_object();
  const char *name;
  json_t *value;
  /* jansson's reference counts are atomic, and nothing else of the constants changes. */
  json_object_foreach(data->constants, name, value) json_object_set(all, name, value);
  for (size_t v = 0; v < data->variable_count; v++)
    json_object_set_new(all, data->variables[v].name, nested(data, &data->variables[v], r, 0, 0, 1));
  bool good = json_dump_file(all, path, JSON_REAL_PRECISION(17) | JSON_COMPACT) == 0;
  json_decref(all);
  if (!good) sl_error_set(error, SL_CANNOT_WRITE, "%s cannot be written", path);
  return good;
}

double study_data_value(const study_data *data, long r, const char *name) {
  size_t column = sl_draws_find(data->draws, name);
  return column < data->draws->column_count ? sl_draws_column(data->draws, column)[r] : NAN;
}

bool study_data_has(const study_data *data, const char *variable) {
  for (size_t v = 0; v < data->variable_count; v++)
    if (strcmp(data->variables[v].name, variable) == 0) return true;
  return false;
}
