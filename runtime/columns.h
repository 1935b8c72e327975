/* columns.h: the names of CSV columns. */
#ifndef STANLITE_RUNTIME_COLUMNS_H
#define STANLITE_RUNTIME_COLUMNS_H
#include "runtime/csv_writer.h"
#include "runtime/model.h"

/* Writes "PREFIXname.1.2" for each element of the variables in these blocks, each after a comma, in the order of
 * sl_constrain: first index fastest. */
void sl_columns_write(sl_csv_writer *writer, const sl_model *model, const char *prefix, bool transformed_parameters,
                      bool generated_quantities);
/* The same for unconstrained parameters. They are named after the parameters where there are as many of both, and
 * are numbered, PREFIX1, PREFIX2, ..., where a transform changes their number. */
void sl_columns_write_unconstrained(sl_csv_writer *writer, const sl_model *model, const char *prefix);

#endif
