/* points.h: points of the parameter space that a user gives in files, as unconstrained values.
 *
 * A JSON file holds one point: the parameters by name (constrained), or an array "params_r", nested for several points
 * (unconstrained). A CSV file holds one for each row: the columns of a fit (constrained), or one for each unconstrained
 * parameter. */
#ifndef STANLITE_RUNTIME_POINTS_H
#define STANLITE_RUNTIME_POINTS_H
#include "runtime/model.h"

/* {.model, .workspace, .n = sl_unconstrained_size(model)} has no points yet. Model and workspace are the caller's. */
typedef struct sl_points {
  const sl_model *model;
  sl_workspace *workspace;
  size_t n, count;
  double *values; /* one after another, n for each */
} sl_points;

/* Adds those of a file. False: error names the file and the column or variable. */
bool sl_points_add_unconstrained(sl_points *all, const char *path, sl_error *error);
bool sl_points_add_constrained(sl_points *all, const char *path, sl_error *error);
bool sl_is_csv(const char *path); /* by its name */
/* The parameters' constrained values in the last row of a CSV file; the caller's to destroy. NULL: error says why. */
sl_values *sl_last_draw(const sl_model *model, const char *path, sl_error *error);
void sl_points_destroy(sl_points *all);

#endif
