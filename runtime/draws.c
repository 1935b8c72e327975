/* draws.c: see draws.h. Each file is read once, front to back, in pieces, by a thread of its own: rows go into blocks
 * as they come, since nobody knows how many there will be, and the blocks are turned into columns at the end, each
 * freed as soon as it is copied, so that the table is in memory once. */
#include "runtime/draws.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "runtime/number.h"
#include "runtime/parallel.h"

/* ---- lines of a file ---- */

typedef struct line_reader {
  int file;
  char *buffer;
  size_t size, start, end; /* buffer[start … end-1] is read and not yet handed out */
  bool at_end;             /* of the file */
  size_t line;             /* number of the line handed out last, from 1 */
} line_reader;

typedef struct text {
  const char *start, *end;
  bool complete; /* its newline was there */
} text;

typedef enum { line_found, line_none, line_failed } line_status;

/* The next line, without its line end ("\n" or "\r\n"); it stays valid until the next call. Fails with errno set. */
static line_status next_line(line_reader *reader, text *line) {
  size_t searched = reader->start;
  for (;;) {
    char *newline = reader->end > searched ? memchr(reader->buffer + searched, '\n', reader->end - searched) : NULL;
    if (newline || (reader->at_end && reader->end > reader->start)) {
      char *start = reader->buffer + reader->start, *end = newline ? newline : reader->buffer + reader->end;
      reader->start = newline ? (size_t)(newline - reader->buffer) + 1 : reader->end;
      if (end > start && end[-1] == '\r') end--;
      *line = (text){start, end, newline != NULL};
      reader->line++;
      return line_found;
    }
    if (reader->at_end) return line_none;
    if (reader->start > 0) {
      memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
      reader->end -= reader->start;
      reader->start = 0;
    }
    searched = reader->end;
    if (reader->end == reader->size) {
      size_t size = reader->size ? 2 * reader->size : (size_t)1 << 20;
      char *buffer = realloc(reader->buffer, size);
      if (!buffer) return line_failed;
      reader->buffer = buffer;
      reader->size = size;
    }
    ssize_t got = read(reader->file, reader->buffer + reader->end, reader->size - reader->end);
    if (got < 0 && errno != EINTR) return line_failed;
    if (got == 0) reader->at_end = true;
    if (got > 0) reader->end += (size_t)got;
  }
}

/* ---- comments ---- */

static text trimmed(text line) {
  while (line.start < line.end && (*line.start == ' ' || *line.start == '\t')) line.start++;
  while (line.start < line.end && (line.end[-1] == ' ' || line.end[-1] == '\t')) line.end--;
  return line;
}

static bool equals(text line, const char *word) {
  return (size_t)(line.end - line.start) == strlen(word) && memcmp(line.start, word, strlen(word)) == 0;
}

static void keep_text(char *to, text from) {
  size_t length = (size_t)(from.end - from.start);
  if (length >= sl_name_length) length = sl_name_length - 1;
  memcpy(to, from.start, length);
  to[length] = 0;
}

static void keep_count(long *to, text from) {
  double value;
  if (sl_read_number(from.start, from.end, &value) && value >= 0 && value < 1e15) *to = (long)value;
}

/* "#  Elapsed Time: 0.5 seconds (Warm-up)": the number before " seconds (" when what follows is `what`. */
static void keep_seconds(double *to, text line, const char *what) {
  size_t length = strlen(what);
  if ((size_t)(line.end - line.start) < length || memcmp(line.end - length, what, length) != 0) return;
  text number = trimmed((text){line.start, line.end - length, true});
  const char *start = number.end;
  while (start > number.start && start[-1] != ' ') start--;
  double seconds;
  if (sl_read_number(start, number.end, &seconds)) *to = seconds;
}

/* "# key = value (Default)", or a line of the timing block. */
static void read_comment(sl_draws_chain *chain, text line) {
  line = trimmed((text){line.start + 1, line.end, true});
  keep_seconds(&chain->warmup_seconds, line, "seconds (Warm-up)");
  keep_seconds(&chain->sampling_seconds, line, "seconds (Sampling)");
  const char *sign = line.start < line.end ? memchr(line.start, '=', (size_t)(line.end - line.start)) : NULL;
  if (!sign) return;
  static const char standard[] = "(Default)";
  text key = trimmed((text){line.start, sign, true}), value = trimmed((text){sign + 1, line.end, true});
  size_t length = strlen(standard);
  if ((size_t)(value.end - value.start) >= length && memcmp(value.end - length, standard, length) == 0)
    value = trimmed((text){value.start, value.end - length, true});
  if (equals(key, "model")) keep_text(chain->model, value);
  if (equals(key, "method")) keep_text(chain->method, value);
  if (equals(key, "num_samples")) keep_count(&chain->num_samples, value);
  if (equals(key, "num_warmup")) keep_count(&chain->num_warmup, value);
  if (equals(key, "thin")) keep_count(&chain->thin, value);
  if (equals(key, "max_depth")) keep_count(&chain->max_depth, value);
  if (equals(key, "unconstrained_parameters")) keep_count(&chain->unconstrained_parameters, value);
  if (equals(key, "jacobian")) chain->jacobian = equals(value, "1") || equals(value, "true");
  if (equals(key, "delta")) sl_read_number(value.start, value.end, &chain->delta);
  if (equals(key, "save_warmup")) chain->save_warmup = equals(value, "1") || equals(value, "true");
  if (equals(key, "engaged")) chain->adapted = equals(value, "1") || equals(value, "true");
  if (equals(key, "algorithm")) keep_text(chain->algorithm, value);
}

/* ---- one file ---- */

typedef struct chain_file {
  sl_draws_chain *chain;
  sl_draws_wanted *wanted;
  const void *context;
  char **names; /* all of the header line */
  size_t name_count;
  bool *keep;          /* of each name */
  size_t column_count; /* that are kept */
  double **blocks;     /* row by row, rows_per_block rows each */
  size_t block_count, rows_per_block;
  size_t rows, first_row; /* rows before first_row are left out */
  sl_error error;
} chain_file;

static void set_no_memory(chain_file *file) {
  sl_error_set(&file->error, SL_DEFECT, "%s: not enough memory for the draws", file->chain->path);
}

/* A name between commas, without the quotes that some programs write. */
static bool add_name(chain_file *file, text name, size_t line) {
  name = trimmed(name);
  if (name.end - name.start >= 2 && *name.start == '"' && name.end[-1] == '"') {
    name.start++;
    name.end--;
  }
  if (name.start == name.end) {
    sl_error_set(&file->error, SL_BAD_DATA, "%s:%zu: column %zu has no name", file->chain->path, line,
                 file->name_count + 1);
    return false;
  }
  char *copy = strndup(name.start, (size_t)(name.end - name.start));
  if (!copy) {
    set_no_memory(file);
    return false;
  }
  bool keep = !file->wanted || file->wanted(file->context, copy);
  file->keep[file->name_count] = keep;
  file->column_count += keep;
  file->names[file->name_count++] = copy;
  return true;
}

static bool read_names(chain_file *file, text header, size_t line) {
  double number;
  const char *after = sl_read_number(header.start, header.end, &number);
  if (after && (after == header.end || *after == ',')) {
    sl_error_set(&file->error, SL_BAD_DATA, "%s:%zu: a number where the line of column names is expected",
                 file->chain->path, line);
    return false;
  }
  size_t count = 1;
  for (const char *at = header.start; at < header.end; at++) count += *at == ',';
  file->names = calloc(count, sizeof *file->names);
  file->keep = calloc(count, sizeof *file->keep);
  if (!file->names || !file->keep) {
    set_no_memory(file);
    return false;
  }
  for (const char *start = header.start;;) {
    const char *comma = memchr(start, ',', (size_t)(header.end - start));
    if (!add_name(file, (text){start, comma ? comma : header.end, true}, line)) return false;
    if (!comma) break;
    start = comma + 1;
  }
  size_t rows = ((size_t)4 << 20) / sizeof(double) / (file->column_count + 1);
  file->rows_per_block = rows < 64 ? 64 : rows > 4096 ? 4096 : rows;
  return true;
}

/* Room for one more row, at the end of the last block. */
static double *next_row(chain_file *file) {
  size_t place = file->rows % file->rows_per_block;
  if (place == 0) {
    double **blocks = realloc(file->blocks, (file->block_count + 1) * sizeof *blocks);
    if (!blocks) return NULL;
    file->blocks = blocks;
    blocks[file->block_count] = malloc((file->rows_per_block * file->column_count + 1) * sizeof(double));
    if (!blocks[file->block_count]) return NULL;
    file->block_count++;
  }
  return file->blocks[file->block_count - 1] + place * file->column_count;
}

static bool say_no_number(chain_file *file, const char *at, const char *end, size_t line, const char *name) {
  const char *comma = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
  int length = (int)((comma ? comma : end) - at < 40 ? (comma ? comma : end) - at : 40);
  sl_error_set(&file->error, SL_BAD_DATA, "%s:%zu: `%.*s` is not a number (column %s)", file->chain->path, line, length,
               at, name);
  return false;
}

/* Columns that are not kept are not looked into. */
static bool read_row(chain_file *file, text row, size_t line) {
  double *values = next_row(file);
  if (!values) {
    set_no_memory(file);
    return false;
  }
  const char *path = file->chain->path, *at = row.start;
  for (size_t column = 0;; column++) {
    if (column == file->name_count) {
      sl_error_set(&file->error, SL_BAD_DATA, "%s:%zu: more than the %zu values that the line of names announces", path,
                   line, file->name_count);
      return false;
    }
    const char *after;
    if (file->keep[column]) {
      while (at < row.end && *at == ' ') at++;
      after = sl_read_number(at, row.end, values++);
      while (after && after < row.end && *after == ' ') after++;
      if (!after || (after < row.end && *after != ','))
        return say_no_number(file, at, row.end, line, file->names[column]);
    } else {
      after = at < row.end ? memchr(at, ',', (size_t)(row.end - at)) : NULL;
      if (!after) after = row.end;
    }
    if (after == row.end) {
      if (column + 1 == file->name_count) break;
      sl_error_set(&file->error, SL_BAD_DATA, "%s:%zu: %zu values, but there are %zu columns", path, line, column + 1,
                   file->name_count);
      return false;
    }
    at = after + 1;
  }
  file->rows++;
  return true;
}

/* What the first rows are decides whether they are draws: see draws.h. */
static size_t rows_to_leave_out(const chain_file *file) {
  const sl_draws_chain *chain = file->chain;
  if (strcmp(chain->method, "variational") == 0) return 1;
  if (strcmp(chain->method, "optimize") == 0) return file->rows > 0 ? file->rows - 1 : 0;
  bool has_warmup = strcmp(chain->algorithm, "fixed_param") != 0;
  if (!chain->save_warmup || chain->num_warmup < 0 || !has_warmup) return 0;
  long thin = chain->thin > 0 ? chain->thin : 1;
  return (size_t)((chain->num_warmup + thin - 1) / thin);
}

static void read_lines(chain_file *file, line_reader *reader) {
  text line;
  line_status status;
  while ((status = next_line(reader, &line)) == line_found) {
    if (line.start == line.end) continue;
    if (*line.start == '#') {
      read_comment(file->chain, line);
    } else if (!line.complete) {
      file->chain->cut_off = true;
    } else if (file->name_count == 0) {
      if (!read_names(file, line, reader->line)) return;
    } else if (!read_row(file, line, reader->line)) {
      return;
    }
  }
  const char *path = file->chain->path;
  if (status == line_failed) {
    sl_error_set(&file->error, errno == ENOMEM ? SL_DEFECT : SL_NO_INPUT, "%s: cannot be read: %s", path,
                 strerror(errno));
    return;
  }
  if (file->name_count == 0) {
    sl_error_set(&file->error, SL_BAD_DATA, "%s: there is no line of column names", path);
    return;
  }
  size_t out = rows_to_leave_out(file);
  file->first_row = out < file->rows ? out : file->rows;
  file->chain->warmup_row_count = file->first_row;
  file->chain->row_count = file->rows - file->first_row;
  if (file->chain->row_count == 0)
    sl_error_set(&file->error, SL_BAD_DATA,
                 file->rows > 0 ? "%s: there are no draws after warmup" : "%s: there are no draws", path);
}

static void read_file(void *context, size_t item, size_t thread) {
  (void)thread;
  chain_file *file = (chain_file *)context + item;
  line_reader reader = {.file = open(file->chain->path, O_RDONLY | O_CLOEXEC)};
  if (reader.file < 0) {
    sl_error_set(&file->error, SL_NO_INPUT, "%s: cannot be opened: %s", file->chain->path, strerror(errno));
    return;
  }
  read_lines(file, &reader);
  free(reader.buffer);
  close(reader.file);
}

static void free_blocks(chain_file *file) {
  for (size_t block = 0; block < file->block_count; block++) free(file->blocks[block]);
  free(file->blocks);
  file->blocks = NULL;
  file->block_count = 0;
}

static void free_names(char **names, size_t count) {
  for (size_t i = 0; names && i < count; i++) free(names[i]);
  free(names);
}

/* ---- the table ---- */

typedef struct assembly {
  sl_draws *draws;
  chain_file *files;
} assembly;

/* Copies one chain's rows into its columns, a few columns at a time, so that their ends stay in the cache. */
static void assemble_chain(void *context, size_t item, size_t thread) {
  (void)thread;
  enum { strip = 16 };
  assembly *assembly = context;
  sl_draws *draws = assembly->draws;
  chain_file *file = &assembly->files[item];
  size_t columns = draws->column_count, last_row = file->first_row + draws->draw_count;
  for (size_t block = 0; block < file->block_count; block++) {
    size_t begin = block * file->rows_per_block, end = begin + file->rows_per_block;
    if (end > last_row) end = last_row;
    size_t first = begin > file->first_row ? begin : file->first_row;
    for (size_t column = 0; column < columns; column += strip) {
      size_t strip_end = column + strip < columns ? column + strip : columns;
      for (size_t row = first; row < end; row++) {
        const double *from = file->blocks[block] + (row - begin) * columns;
        for (size_t k = column; k < strip_end; k++)
          draws->values[(k * draws->chain_count + item) * draws->draw_count + row - file->first_row] = from[k];
      }
    }
    free(file->blocks[block]);
    file->blocks[block] = NULL;
  }
  free_blocks(file);
}

static bool same_columns(const chain_file *file, const chain_file *first, sl_error *error) {
  for (size_t i = 0; i < file->name_count && i < first->name_count; i++)
    if (strcmp(file->names[i], first->names[i]) != 0) {
      sl_error_set(error, SL_BAD_DATA, "%s: column %zu is `%s`, but `%s` in %s: these are not chains of one model",
                   file->chain->path, i + 1, file->names[i], first->names[i], first->chain->path);
      return false;
    }
  if (file->name_count == first->name_count) return true;
  sl_error_set(error, SL_BAD_DATA, "%s: %zu columns, but %zu in %s: these are not chains of one model",
               file->chain->path, file->name_count, first->name_count, first->chain->path);
  return false;
}

static bool take_names(sl_draws *draws, chain_file *file, sl_error *error) {
  draws->header = file->names;
  draws->header_count = file->name_count;
  file->names = NULL;
  draws->names = malloc((file->column_count + 1) * sizeof *draws->names);
  if (!draws->names) {
    sl_error_set(error, SL_DEFECT, "not enough memory for the draws");
    return false;
  }
  for (size_t i = 0; i < file->name_count; i++)
    if (file->keep[i]) draws->names[draws->column_count++] = draws->header[i];
  return true;
}

/* True when every file could be read and they belong together; draws gets its sizes and names. */
static bool agree(sl_draws *draws, chain_file *files, sl_error *error) {
  draws->draw_count = SIZE_MAX;
  for (size_t i = 0; i < draws->chain_count; i++) {
    if (files[i].error.code != SL_OK) {
      sl_error_set(error, files[i].error.code, "%s", files[i].error.message);
      return false;
    }
    if (!same_columns(&files[i], &files[0], error)) return false;
    if (files[i].chain->row_count < draws->draw_count) draws->draw_count = files[i].chain->row_count;
  }
  if (draws->draw_count > INT32_MAX / draws->chain_count) {
    sl_error_set(error, SL_BAD_DATA, "%s: too many draws", files[0].chain->path);
    return false;
  }
  return take_names(draws, &files[0], error);
}

sl_draws *sl_draws_read(const char *const *paths, size_t path_count, sl_error *error) {
  return sl_draws_read_columns(paths, path_count, NULL, NULL, error);
}

sl_draws *sl_draws_read_columns(const char *const *paths, size_t path_count, sl_draws_wanted *wanted,
                                const void *context, sl_error *error) {
  sl_draws *draws = calloc(1, sizeof *draws);
  chain_file *files = calloc(path_count, sizeof *files);
  sl_draws_chain *chains = calloc(path_count, sizeof *chains);
  bool done = false;
  if (draws && files && chains) {
    *draws = (sl_draws){.chain_count = path_count, .chains = chains};
    for (size_t i = 0; i < path_count; i++) {
      chains[i] = (sl_draws_chain){.path = paths[i],
                                   .num_samples = -1,
                                   .num_warmup = -1,
                                   .thin = -1,
                                   .max_depth = -1,
                                   .unconstrained_parameters = -1,
                                   .delta = NAN,
                                   .adapted = true,
                                   .warmup_seconds = NAN,
                                   .sampling_seconds = NAN};
      files[i] = (chain_file){.chain = &chains[i], .wanted = wanted, .context = context};
    }
    sl_parallel_for(path_count, read_file, files);
    if (agree(draws, files, error)) {
      size_t column_size = draws->chain_count * draws->draw_count;
      draws->values = malloc((column_size * draws->column_count + 1) * sizeof *draws->values);
      if (draws->values) {
        sl_parallel_for(path_count, assemble_chain, &(assembly){draws, files});
        done = true;
      } else {
        sl_error_set(error, SL_DEFECT, "not enough memory for the draws");
      }
    }
  } else {
    free(chains);
    sl_error_set(error, SL_DEFECT, "not enough memory for the draws");
  }
  for (size_t i = 0; files && i < path_count; i++) {
    free_blocks(&files[i]);
    free_names(files[i].names, files[i].name_count);
    free(files[i].keep);
  }
  free(files);
  if (done) return draws;
  sl_draws_destroy(draws);
  return NULL;
}

void sl_draws_destroy(sl_draws *draws) {
  if (!draws) return;
  free_names(draws->header, draws->header_count);
  free(draws->names);
  free(draws->values);
  free(draws->chains);
  free(draws);
}

const double *sl_draws_column(const sl_draws *draws, size_t column) {
  return draws->values + column * draws->chain_count * draws->draw_count;
}

size_t sl_draws_find(const sl_draws *draws, const char *name) {
  size_t column = 0;
  while (column < draws->column_count && strcmp(draws->names[column], name) != 0) column++;
  return column;
}

void sl_draws_pretty_name(const char *name, char *pretty, size_t size) {
  size_t out = 0;
  bool open = false;
  for (; *name && out + 2 < size; name++) {
    if (*name == ':') {
      if (open) pretty[out++] = ']';
      open = false;
      pretty[out++] = '.';
    } else if (*name == '.') {
      pretty[out++] = open ? ',' : '[';
      open = true;
    } else {
      pretty[out++] = *name;
    }
  }
  if (open && out + 1 < size) pretty[out++] = ']';
  if (size > 0) pretty[out] = 0;
}
