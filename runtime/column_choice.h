/* column_choice.h: which of a draw's values are written: all of them, or those that `output columns=mu,theta.2` names. */
#ifndef STANLITE_RUNTIME_COLUMN_CHOICE_H
#define STANLITE_RUNTIME_COLUMN_CHOICE_H
#include "runtime/csv_writer.h"
#include "runtime/model.h"

typedef struct sl_column_choice {
  size_t *index; /* into what sl_constrain writes with everything asked for; ascending */
  size_t count;
  bool generated; /* whether a generated quantity is among them */
} sl_column_choice;

/* `names` are variables or elements of them, with commas between; "" stands for all. False: SL_USAGE and the name that the
 * program does not have, or no memory. */
bool sl_column_choice_create(sl_column_choice *choice, const sl_model *model, const char *names, sl_error *error);
void sl_column_choice_destroy(sl_column_choice *choice);

/* ",NAME" for each. */
void sl_column_choice_write_names(const sl_column_choice *choice, const sl_model *model, sl_csv_writer *writer);

/* ",VALUE" for each, of what sl_constrain wrote; that is not what it was afterwards. */
void sl_column_choice_write(const sl_column_choice *choice, double *constrained, sl_csv_writer *writer);

#endif
