/* model.h: the model interface, the only thing that stands between a compiled program and the runtime.
 *
 * The compiler writes a C file that defines everything declared here; samplers, optimisers and diagnostics are written
 * against it alone. One executable holds one model, so these are plain functions and nothing is called through a pointer.
 *
 * A constructed model is immutable and may be shared by threads. Whatever an evaluation writes belongs to the workspace,
 * one for each thread. */
#ifndef STANLITE_RUNTIME_MODEL_H
#define STANLITE_RUNTIME_MODEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/error.h"
#include "runtime/random.h"
#include "runtime/values.h"
#include "runtime/workspace.h"

typedef struct sl_model sl_model; /* defined by the generated code: data, transformed data, sizes */

typedef enum { SL_DATA, SL_PARAMETERS, SL_TRANSFORMED_PARAMETERS, SL_GENERATED_QUANTITIES } sl_block;

/* One declared variable of the program, in order of declaration. A tuple or complex number is a row of entries, one for each
 * plain part: `t.1` and `t.2` of a tuple, `z.real` and `z.imag` of a complex number. */
typedef struct sl_variable {
  const char *name;
  const char *type; /* as in the program, without sizes: "array[] vector<lower=0>" */
  sl_block block;
  int dim_count; /* array dimensions, then rows, then columns */
  bool is_int;
  bool is_matrix;     /* the last two dimensions are a matrix */
  const char *column; /* a part: how its columns are named, with # for each index: "a.#:2.#"; NULL: name.#... */
  const char *whole;  /* a part: the type of what it is a part of, "" when that stands at a part before */
} sl_variable;

extern const char sl_model_name[];       /* the program's file name without its ending */
extern const char sl_model_source[];     /* the program's path as given to the compiler */
extern const char sl_compiler_version[]; /* "stanlite 0.1.0" */
extern const sl_variable sl_variables[];
extern const int sl_variable_count;

/* Reads the data, checks the declared constraints, runs transformed data (seed feeds its _rng calls).
 * NULL on failure; error says which variable or line of the program, with code SL_BAD_DATA. */
sl_model *sl_model_construct(const sl_values *data, uint64_t seed, sl_error *error);
void sl_model_destroy(sl_model *model);

/* dims has room for sl_variables[variable].dim_count sizes. */
void sl_variable_dims(const sl_model *model, int variable, long *dims);
size_t sl_unconstrained_size(const sl_model *model);
/* Number of values sl_constrain writes for the given parts. */
size_t sl_constrained_size(const sl_model *model, bool transformed_parameters, bool generated_quantities);

typedef enum {
  SL_EVALUATED = 0,
  SL_REJECTED, /* outside the support, a failed check, reject(): workspace->message says what and where */
  SL_FATAL     /* fatal_error(): sampling must stop */
} sl_status;

enum {
  SL_JACOBIAN = 1,      /* add the log absolute determinants of the constraining transforms */
  SL_KEEP_CONSTANTS = 2 /* add the summands that `~` and _lupdf drop (propto=false) */
};

/* Log density at `unconstrained` (sl_unconstrained_size values). The gradient form writes as many partial derivatives.
 * When the status is not SL_EVALUATED, value and gradient are undefined. */
sl_status sl_log_density(const sl_model *model, sl_workspace *workspace, const double *unconstrained, int flags,
                         double *value);
sl_status sl_log_density_gradient(const sl_model *model, sl_workspace *workspace, const double *unconstrained,
                                  int flags, double *value, double *gradient);

/* Unconstrained to constrained values in the order of the CSV columns: variable by variable, each in column-major
 * order over all of its dimensions (the first index runs fastest; the parts of one element of an array of tuples or of complex
 * numbers stand together), parameters first, then on request transformed
 * parameters and generated quantities (rng feeds their _rng calls). On SL_REJECTED in generated quantities all values that
 * were not reached are NaN and the draw is still a draw. */
sl_status sl_constrain(const sl_model *model, sl_workspace *workspace, const double *unconstrained, sl_rng *rng,
                       bool transformed_parameters, bool generated_quantities, double *constrained);

/* Constrained values, by name, to unconstrained. A parameter absent from `inits` keeps what `unconstrained` holds on entry.
 * False: error names the variable, its value and the constraint that it breaks. */
bool sl_unconstrain(const sl_model *model, sl_workspace *workspace, const sl_values *inits, double *unconstrained,
                    sl_error *error);

#endif
