/* pedantic_internal.h: what the parts of the pedantic warnings share. Each part is a list of questions about the program:
 *
 *   pedantic.c           the parts in order, and what they use together
 *   pedantic_values.c    values that are never used, or used before they exist
 *   pedantic_flow.c      parameters: which influence nothing, which have no prior; conditions that depend on them
 *   pedantic_density.c   the arguments of densities, and what stands left of `~`
 *   pedantic_domain.c    which values a density takes, read from its own text in runtime/library */
#ifndef STANLITE_IR_PEDANTIC_INTERNAL_H
#define STANLITE_IR_PEDANTIC_INTERNAL_H
#include "ir/pedantic.h"
#include "parser/walk.h"

typedef struct pedantic {
  arena *arena;
  const program *program;
  messages *messages;
} pedantic;

void warn_about_values(pedantic *p);
void warn_about_flow(pedantic *p);
void warn_about_densities(pedantic *p);

/* A density that is added to target: y ~ name(arguments), or name_lpdf(y | arguments). */
typedef struct density_use {
  location location;
  const char *name;         /* without _lpdf */
  const function *function; /* its definition; NULL when it has none in the language */
  const expression *left;   /* what has the density */
  expression *const *arguments;
  int argument_count;
} density_use;

/* Every one in the model block and in transformed parameters, in order. */
void each_density(const pedantic *p, void (*visit)(const density_use *use, void *context), void *context);

/* The variable that the expression is, or is an element of; NULL for anything else. */
const variable *base_variable(const expression *e);
/* As declared in the block `parameters`. */
bool is_parameter(const variable *v);
/* Whether it is a number as written: 3, -0.5, 1e3. */
bool literal_value(const expression *e, double *value);

/* Whether a density is called in it: normal_lpdf(y | mu, sigma). */
bool holds_density(const expression *e);
/* Whether it reads data that are not whole numbers, which count and index. */
bool reads_observations(const expression *e);

/* What an argument of a density must be. */
typedef struct domain {
  double lower, upper; /* -inf and inf where there is no bound */
  bool is_strict;      /* lower itself is not in it */
  type_form form;      /* FORM_SIMPLEX, FORM_ORDERED, FORM_COV_MATRIX, FORM_CHOLESKY_FACTOR_COV; FORM_COUNT for none */
} domain;

/* Of the function's parameter `index`. */
domain density_domain(const function *density, int index);

#endif
