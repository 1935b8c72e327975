/* tables.c: reads what lectures/ keeps as tables. figures.tsv and reasons.tsv are lines of fields with tabs between;
 * `commands` is shell, whose comments head its blocks:
 *
 *   ## NUMBER TITLE                              a document
 *   # NAME | CASES | DRAWS [exact] [long] | TITLE   a source, made by the lines until the next heading
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lectures/lectures.h"

enum { MOST_FIELDS = 8 };

static char *read_text(const char *folder, const char *name, sl_error *error) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  char *text = NULL;
  size_t size = 0;
  FILE *copy = file ? open_memstream(&text, &size) : NULL;
  if (!copy) {
    sl_error_set(error, SL_NO_INPUT, "%s cannot be read", path);
    if (file) fclose(file);
    return NULL;
  }
  for (int c; (c = getc(file)) != EOF;) putc(c, copy);
  fclose(file);
  fclose(copy);
  return text;
}

/* The text's next line, which loses its newline; NULL at the end. */
static char *next_line(char **text) {
  if (!**text) return NULL;
  char *line = *text, *end = strchr(line, '\n');
  *text = end ? end + 1 : line + strlen(line);
  if (end) *end = 0;
  return line;
}

/* Splits a line where the separator stands, takes blanks off the ends of what is between; the number of fields. */
static int split(char *line, char separator, char *fields[MOST_FIELDS]) {
  int count = 0;
  while (line && count < MOST_FIELDS) {
    char *end = strchr(line, separator);
    if (end) *end = 0;
    line += strspn(line, " ");
    for (size_t length = strlen(line); length && line[length - 1] == ' '; length--) line[length - 1] = 0;
    fields[count++] = line;
    line = end ? end + 1 : NULL;
  }
  return count;
}

static void *grown(void *array, size_t count, size_t size) {
  if (count & (count - 1)) return array; /* grows at powers of two */
  array = realloc(array, (count ? 2 * count : 1) * size);
  if (!array) abort();
  return array;
}

static bool read_heading(lectures *all, char *line, sl_error *error) {
  if (strncmp(line, "## ", 3) == 0) {
    all->documents = grown(all->documents, all->document_count, sizeof *all->documents);
    char *number = line + 3, *space = strchr(number, ' ');
    if (!space) return sl_error_set(error, SL_BAD_DATA, "commands: a document needs number and title: %s", line), false;
    *space = 0;
    all->documents[all->document_count++] = (document){.number = number, .title = space + 1};
    return true;
  }
  char *fields[MOST_FIELDS];
  if (split(line + 2, '|', fields) != 4 || all->document_count == 0) {
    sl_error_set(error, SL_BAD_DATA, "commands: a heading is not `# NAME | CASES | DRAWS | TITLE`: %s", fields[0]);
    return false;
  }
  all->sources = grown(all->sources, all->source_count, sizeof *all->sources);
  all->sources[all->source_count++] = (source){.name = fields[0],
                                               .cases = fields[1],
                                               .lecture_draws = strtod(fields[2], NULL),
                                               .is_exact = strstr(fields[2], "exact") != NULL,
                                               .is_long = strstr(fields[2], "long") != NULL,
                                               .title = fields[3],
                                               .document = all->documents[all->document_count - 1].number,
                                               .commands = ""};
  return true;
}

/* Other comments have no bars. */
static bool is_heading(const char *line) {
  if (strncmp(line, "## ", 3) == 0) return true;
  return strncmp(line, "# ", 2) == 0 && strcspn(line, "|") < strcspn(line, "\n");
}

static bool read_commands(lectures *all, char *text, sl_error *error) {
  bool headed = false; /* the lines from here belong to the last source */
  while (*text) {
    if (is_heading(text)) {
      headed = text[1] == ' ';
      if (!read_heading(all, next_line(&text), error)) return false;
    } else if (!headed || *text == '\n') {
      next_line(&text);
    } else { /* a block ends at an empty line, which becomes its end */
      char *end = strstr(text, "\n\n");
      if (end) end[1] = 0;
      all->sources[all->source_count - 1].commands = text;
      text = end ? end + 2 : text + strlen(text);
      headed = false;
    }
  }
  return true;
}

static source *find_source(const lectures *all, const char *name) {
  for (size_t i = 0; i < all->source_count; i++)
    if (strcmp(all->sources[i].name, name) == 0) return &all->sources[i];
  return NULL;
}

double half_unit(const char *printed) {
  const char *point = strchr(printed, '.');
  return 0.5 * pow(10, point ? -(double)strlen(point + 1) : 0);
}

static bool read_figures(lectures *all, char *text, bool quick, sl_error *error) {
  for (char *line; (line = next_line(&text));) {
    char *fields[MOST_FIELDS], *end;
    if (*line == '#' || !*line) continue;
    int count = split(line, '\t', fields);
    if (count < 5 || count > 6)
      return sl_error_set(error, SL_BAD_DATA, "figures.tsv: not 5 or 6 fields: %s", line), false;
    figure row = {.case_number = fields[0],
                  .source_name = fields[1],
                  .quantity = fields[2],
                  .what = fields[3],
                  .printed = fields[4],
                  .name = count > 5 ? fields[5] : fields[2],
                  .source = find_source(all, fields[1]),
                  .value = strtod(fields[4], &end),
                  .half_unit = half_unit(fields[4])};
    if (*end) return sl_error_set(error, SL_BAD_DATA, "figures.tsv: `%s` is not a number", fields[4]), false;
    if (!row.source) return sl_error_set(error, SL_BAD_DATA, "figures.tsv: `commands` has no %s", fields[1]), false;
    if (quick && row.source->is_long) continue;
    all->figures = grown(all->figures, all->figure_count, sizeof *all->figures);
    all->figures[all->figure_count++] = row;
  }
  return true;
}

static bool fits(const char *pattern, const char *text) {
  return strcmp(pattern, "*") == 0 || strcmp(pattern, text) == 0;
}

/* reasons.tsv: source, quantity or *, what or *, the value instead or nothing, the reason or ". */
static bool read_reasons(lectures *all, char *text, sl_error *error) {
  const char *reason = "";
  for (char *line; (line = next_line(&text));) {
    char *fields[MOST_FIELDS];
    if (*line == '#' || !*line) continue;
    if (split(line, '\t', fields) != 5)
      return sl_error_set(error, SL_BAD_DATA, "reasons.tsv: not 5 fields: %s", line), false;
    if (strcmp(fields[4], "\"") != 0) reason = fields[4];
    for (size_t i = 0; i < all->figure_count; i++) {
      figure *figure = &all->figures[i];
      if (strcmp(fields[0], figure->source_name) != 0) continue;
      if (!fits(fields[1], figure->quantity) || !fits(fields[2], figure->what)) continue;
      figure->reason = reason;
      figure->instead = *fields[3] ? fields[3] : NULL;
    }
  }
  return true;
}

bool lectures_read(lectures *all, const char *folder, bool quick, sl_error *error) {
  char *commands = read_text(folder, "commands", error), *figures = read_text(folder, "figures.tsv", error),
       *reasons = read_text(folder, "reasons.tsv", error);
  return commands && figures && reasons && read_commands(all, commands, error) &&
         read_figures(all, figures, quick, error) && read_reasons(all, reasons, error);
}
