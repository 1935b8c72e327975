/* output_header.c: see output_header.h. */
#include "runtime/output_header.h"
#include <time.h>
#include "runtime/model.h"

static void write_comment(void *context, const char *line) { sl_csv_text(context, "# %s\n", line); }

void sl_header_write(sl_csv_writer *writer, const sl_arguments *arguments) {
  /* The version of the Stan language and interface that these files follow; readers look for these lines. */
  sl_csv_text(writer, "# stan_version_major = 2\n# stan_version_minor = 38\n# stan_version_patch = 0\n");
  sl_csv_text(writer, "# model = %s\n", sl_model_name);
  char start[40];
  time_t now = time(NULL);
  struct tm utc;
  strftime(start, sizeof start, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&now, &utc));
  sl_csv_text(writer, "# start_datetime = %s\n", start);
  sl_arguments_list(arguments, write_comment, writer);
  sl_csv_text(writer, "# stanc_version = %s\n# stancflags = \n", sl_compiler_version);
}
