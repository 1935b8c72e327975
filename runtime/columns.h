/* columns.h: the names of CSV columns. */
#ifndef STANLITE_RUNTIME_COLUMNS_H
#define STANLITE_RUNTIME_COLUMNS_H
#include "runtime/csv_writer.h"
#include "runtime/model.h"

enum { SL_COLUMN_NAME_SIZE = 1000 }; /* with the closing zero; longer names are cut */

/* Calls visit(context, "name.1.2") for each element of the variables in these blocks, in the order of sl_constrain: first
 * index fastest. */
typedef void sl_column_visitor(void *context, const char *name);
void sl_columns_visit(const sl_model *model, bool transformed_parameters, bool generated_quantities,
                      sl_column_visitor *visit, void *context);

/* The same for the elements of one variable alone, first index fastest. */
void sl_columns_visit_variable(const sl_model *model, int variable, sl_column_visitor *visit, void *context);

/* Writes "PREFIXname.1.2" for each of them, after a comma. */
void sl_columns_write(sl_csv_writer *writer, const sl_model *model, const char *prefix, bool transformed_parameters,
                      bool generated_quantities);
/* The same for unconstrained parameters. They are named after the parameters where there are as many of both, and
 * are numbered, PREFIX1, PREFIX2, ..., where a transform changes their number. */
void sl_columns_write_unconstrained(sl_csv_writer *writer, const sl_model *model, const char *prefix);

#endif
