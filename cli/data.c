/* data.c: `stanlite data TABLE.csv [-o DATA.json]`: a table's columns as data for a Stan program. The help text below
 * is the contract; data_table.c reads the table. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/data_table.h"

static const char help[] =
    "stanlite data TABLE.csv [-o DATA.json] [--columns=COLUMN,...] [--drop-missing] [--rename=COLUMN:NAME]\n"
    "              [--index=COLUMN:COUNT] [--indicator=COLUMN:VALUE:NAME] [--constant=NAME:NUMBER]\n"
    "\n"
    "Writes the columns of a table as data for a Stan program, with their length N:\n"
    "  {\"N\": 3, \"dose\": [0.5, 1.0, 2.0], \"died\": [0, 1, 1]}\n"
    "to DATA.json (all of it or nothing), or to standard output. The first line holds the names; fields stand between\n"
    "commas (semicolons or tabs, where the first line has those and no comma) and may be in double quotes.\n"
    "\n"
    "  whole numbers   -> array[N] int\n"
    "  other numbers   -> array[N] real or vector[N]\n"
    "  true, false     -> array[N] int, 1 and 0\n"
    "  text            -> array[N] int, the place 1 ... K of each label in sorted order, and K as NAME_levels; the "
    "labels\n"
    "                     are listed on standard error. A column with numbers and text counts as text only when all "
    "of\n"
    "                     it is in quotes\n"
    "  missing (empty, NA, NaN, a dot) is an error: Stan has no missing values\n"
    "\n"
    "The other options may be repeated, and call a column by its name in the table:\n"
    "\n"
    "  --columns=A,B                 these columns alone\n"
    "  --drop-missing                rows in which one of the columns is missing are left out\n"
    "  --rename=surv:S               column surv becomes S\n"
    "  --index=school:J              the values of school, numbers or text, become 1 ... J in increasing order\n"
    "  --indicator=gender:F:female   a new column female: 1 where gender is F, 0 elsewhere\n"
    "  --constant=K:7                one number more, K\n"
    "\n"
    "A name that Stan would not take is changed, with a note: `log dose` to log_dose, `N` to N_, `2nd` to x2nd.\n";

/* Shortest digits that read back the same, with a point where a whole number stands among reals. */
static void print_real(FILE *out, double value) {
  char text[40];
  if (isinf(value)) {
    fputs(value > 0 ? "\"Inf\"" : "\"-Inf\"", out);
    return;
  }
  int digits = 15;
  do snprintf(text, sizeof text, "%.*g", digits, value);
  while (strtod(text, NULL) != value && digits++ < 17);
  fprintf(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static void print_json(const data_table *table, const data_changes *changes, FILE *out) {
  fprintf(out, "{\n  \"N\": %zu", table->row_count);
  for (size_t column = 0; column < table->column_count; column++) {
    const data_column *one = &table->columns[column];
    fprintf(out, ",\n  \"%s\": [", one->name);
    for (size_t row = 0; row < table->row_count; row++) {
      if (row) fputs(", ", out);
      if (one->kind == DATA_REAL)
        print_real(out, one->values[row]);
      else
        fprintf(out, "%.0f", one->values[row]);
    }
    putc(']', out);
    if (one->levels_name) fprintf(out, ",\n  \"%s\": %zu", one->levels_name, one->label_count);
  }
  for (size_t i = 0; i < changes->count; i++) {
    const data_change *one = &changes->changes[i];
    double value;
    if (one->kind != DATA_CONSTANT || !data_is_number(one->parts[1], &value)) continue;
    fprintf(out, ",\n  \"%s\": ", one->parts[0]);
    if (data_is_whole(one->parts[1], value))
      fprintf(out, "%.0f", value);
    else
      print_real(out, value);
  }
  fputs("\n}\n", out);
}

static void print_notes(const data_table *table) {
  enum { most_labels = 40 };
  for (size_t column = 0; column < table->column_count; column++) {
    const data_column *one = &table->columns[column];
    if (strcmp(one->name, one->title) != 0) fprintf(stderr, "note: column `%s` is named %s\n", one->title, one->name);
    if (one->kind == DATA_TRUTH) fprintf(stderr, "note: %s: false = 0, true = 1\n", one->name);
    if (!one->levels_name) continue;
    fprintf(stderr, "note: %s is %scoded 1 to %s = %zu:", one->name, one->kind == DATA_LABELS ? "text, " : "",
            one->levels_name, one->label_count);
    for (size_t i = 0; i < one->label_count && i < most_labels; i++)
      fprintf(stderr, "%s %zu = %s", i ? "," : "", i + 1, one->labels[i]);
    fputs(one->label_count > most_labels ? ", ...\n" : "\n", stderr);
  }
  if (table->dropped_count)
    fprintf(stderr, "note: rows with missing values, left out: %zu; N = %zu remain\n", table->dropped_count,
            table->row_count);
}

static int cannot_write(const char *path) {
  fprintf(stderr, "stanlite data: %s cannot be written: %s\n", path, strerror(errno));
  return SL_CANNOT_WRITE;
}

/* Into a new file beside `path`, which then takes its name, so that nobody sees half of it. */
static int write_beside(const data_table *table, const data_changes *changes, const char *path) {
  char *beside = NULL;
  size_t size = strlen(path) + 8;
  if (!(beside = malloc(size))) return cannot_write(path);
  snprintf(beside, size, "%s.XXXXXX", path);
  int descriptor = mkstemp(beside), code = SL_OK;
  FILE *out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
  if (!out) {
    code = cannot_write(path);
    if (descriptor >= 0) close(descriptor);
  } else {
    mode_t mask = umask(0);
    umask(mask);
    print_json(table, changes, out);
    bool written = fchmod(descriptor, 0666 & ~mask) == 0 && fflush(out) == 0 && !ferror(out);
    written = fclose(out) == 0 && written;
    if (!written || rename(beside, path) != 0) code = cannot_write(path);
  }
  if (code != SL_OK && descriptor >= 0) remove(beside);
  free(beside);
  return code;
}

static int write_data(const data_table *table, const data_changes *changes, const char *path) {
  struct stat status;
  bool exists = path && stat(path, &status) == 0;
  if (path && (!exists || S_ISREG(status.st_mode))) {
    char *real = exists ? realpath(path, NULL) : NULL; /* a link stays one */
    int code = write_beside(table, changes, real ? real : path);
    free(real);
    return code;
  }
  /* Standard output, or a device or pipe, which nothing can replace. */
  FILE *out = path ? fopen(path, "w") : stdout;
  if (!out) return cannot_write(path);
  print_json(table, changes, out);
  bool written = fflush(out) == 0 && !ferror(out);
  if (path) written = fclose(out) == 0 && written;
  return written ? SL_OK : cannot_write(path ? path : "standard output");
}

static int usage(const char *message, const char *argument) {
  fprintf(stderr, "stanlite data: %s%s (see `stanlite help data`)\n", message, argument);
  return SL_USAGE;
}

static int convert(const char *input, const data_changes *changes, const char *output) {
  sl_error error = {0};
  data_table *table = data_table_read(input, changes, &error);
  if (!table) {
    fprintf(stderr, "stanlite data: %s\n", error.message);
    return error.code;
  }
  int code = SL_OK;
  for (size_t i = 0; code == SL_OK && i < changes->count; i++) {
    if (changes->changes[i].kind != DATA_CONSTANT) continue;
    const char *name = changes->changes[i].parts[0];
    bool taken = !data_table_takes_name(table, name);
    for (size_t j = 0; j < i; j++)
      taken = taken || (changes->changes[j].kind == DATA_CONSTANT && strcmp(changes->changes[j].parts[0], name) == 0);
    if (taken) code = usage("--constant: another variable has this name, or none can: ", name);
  }
  if (code == SL_OK) code = write_data(table, changes, output);
  if (code == SL_OK) print_notes(table);
  data_table_destroy(table);
  return code;
}

int command_data(int argc, char **argv) {
  const char *input = NULL, *output = NULL;
  data_changes changes = {0};
  sl_error error = {0};
  int code = SL_OK;
  for (int i = 0; i < argc && code == SL_OK; i++) {
    if (strcmp(argv[i], "--help") == 0) {
      data_changes_free(&changes);
      fputs(help, stdout);
      return SL_OK;
    }
    if (strcmp(argv[i], "-o") == 0) {
      if (++i == argc)
        code = usage("-o: which file?", "");
      else
        output = argv[i];
    } else if (argv[i][0] == '-') {
      if (!data_changes_add(&changes, argv[i], &error)) code = usage(error.message, "");
    } else if (input) {
      code = usage("one table at a time, not also ", argv[i]);
    } else {
      input = argv[i];
    }
  }
  if (code == SL_OK) code = input ? convert(input, &changes, output) : usage("which table?", "");
  data_changes_free(&changes);
  return code;
}
