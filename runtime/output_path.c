/* output_path.c: see output_path.h. */
#include "runtime/output_path.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void sl_output_path(char *out, size_t size, const char *file, const char *tag, const char *ending, bool several,
                    int id) {
  struct stat status;
  if (strcmp(ending, ".csv") == 0 && stat(file, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    snprintf(out, size, "%s", file);
    return;
  }
  const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *dot = strrchr(name, '.');
  if (dot == name || (dot && !dot[1])) dot = NULL;
  int stem = dot ? (int)(dot - file) : (int)strlen(file);
  char number[24] = "";
  if (several) snprintf(number, sizeof number, "_%d", id);
  snprintf(out, size, "%.*s%s%s%s", stem, file, tag, number, dot && strcmp(ending, ".csv") == 0 ? dot : ending);
}
