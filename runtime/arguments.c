/* arguments.c: the table of arguments and the parser, see arguments.h. */
#include "runtime/arguments.h"
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SL_ARG_KIND_GROUP SL_ARG_GROUP
#define SL_ARG_KIND_CHOICE SL_ARG_CHOICE
#define SL_ARG_KIND_INT SL_ARG_INT
#define SL_ARG_KIND_REAL SL_ARG_REAL
#define SL_ARG_KIND_BOOL SL_ARG_BOOL
#define SL_ARG_KIND_TEXT SL_ARG_TEXT
#define SL_ARG_KIND_METHOD SL_ARG_UNBUILT

const sl_argument sl_argument_table[SL_ARGUMENT_COUNT] = {
#define ARGUMENT(identifier, parent, name, kind, ...)                                                                  \
  [SL_ARG_##identifier] = {SL_ARG_##parent, name, SL_ARG_KIND_##kind, __VA_ARGS__},
#include "runtime/arguments.def"
#undef ARGUMENT
};

enum { PATH_LENGTH = 200 };

static bool is_option(sl_argument_id id) {
  sl_argument_id parent = sl_argument_table[id].parent;
  return parent != SL_ARG_ROOT && sl_argument_table[parent].kind == SL_ARG_CHOICE;
}

bool sl_argument_active(const sl_arguments *arguments, sl_argument_id id) {
  for (; id != SL_ARG_ROOT; id = sl_argument_table[id].parent)
    if (is_option(id) && arguments->value[sl_argument_table[id].parent].choice != id) return false;
  return true;
}

const char *sl_argument_path(char *out, size_t size, sl_argument_id id) {
  const sl_argument *argument = &sl_argument_table[id];
  size_t used = 0;
  out[0] = '\0';
  if (argument->parent != SL_ARG_ROOT) {
    /* An option is its choice's value, but methods are mostly written alone. */
    bool method = argument->parent == SL_ARG_METHOD;
    if (!method) sl_argument_path(out, size, argument->parent);
    used = strlen(out);
    if (!method && used + 1 < size) {
      out[used++] = is_option(id) ? '=' : ' ';
      out[used] = '\0';
    }
  }
  snprintf(out + used, size - used, "%s", argument->name);
  return out;
}

static sl_argument_id find_option(sl_argument_id choice, const char *name, size_t length) {
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++)
    if (sl_argument_table[id].parent == choice && strlen(sl_argument_table[id].name) == length &&
        memcmp(sl_argument_table[id].name, name, length) == 0)
      return id;
  return SL_ARG_ROOT;
}

static bool named(int id, const char *name, size_t length) {
  return !is_option(id) && strlen(sl_argument_table[id].name) == length &&
         memcmp(sl_argument_table[id].name, name, length) == 0;
}

/* The argument that `name` means after the group `scope` was opened: the nearest group's that has it, else the only
 * active one. ROOT when there is none. */
static sl_argument_id find_argument(const sl_arguments *arguments, sl_argument_id scope, const char *name,
                                    size_t length) {
  for (;; scope = sl_argument_table[scope].parent) {
    for (int id = 0; id < SL_ARGUMENT_COUNT; id++)
      if (sl_argument_table[id].parent == scope && named(id, name, length)) return id;
    if (scope == SL_ARG_ROOT) break;
  }
  sl_argument_id found = SL_ARG_ROOT;
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    if (!named(id, name, length) || !sl_argument_active(arguments, id)) continue;
    if (found != SL_ARG_ROOT) return SL_ARG_ROOT;
    found = id;
  }
  return found;
}

/* Levenshtein's distance, for words of up to 40 letters. */
static int edit_distance(const char *a, size_t a_length, const char *b) {
  int row[41];
  size_t b_length = strlen(b);
  if (a_length > 40 || b_length > 40) return INT_MAX;
  for (size_t j = 0; j <= b_length; j++) row[j] = (int)j;
  for (size_t i = 1; i <= a_length; i++) {
    int diagonal = row[0];
    row[0] = (int)i;
    for (size_t j = 1; j <= b_length; j++) {
      int substitute = diagonal + (a[i - 1] != b[j - 1]);
      int shift = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
      diagonal = row[j];
      row[j] = substitute < shift ? substitute : shift;
    }
  }
  return row[b_length];
}

static void append(char *text, size_t size, const char *addition) {
  size_t used = strlen(text);
  snprintf(text + used, size - used, "%s", addition);
}

/* Says where a word would have its place, or which words are spelled like it. */
static void refuse_word(const char *word, sl_error *error) {
  size_t length = strcspn(word, "=");
  char message[1000], path[PATH_LENGTH];
  snprintf(message, sizeof message, "\"%.100s\" is mistyped or misplaced.", word);
  int nearest = length <= 3 ? 1 : length <= 6 ? 2 : 3;
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    int distance = edit_distance(word, length, sl_argument_table[id].name);
    if (distance < nearest) nearest = distance;
  }
  bool first = true;
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    if (edit_distance(word, length, sl_argument_table[id].name) != nearest) continue;
    append(message, sizeof message, first ? " Did you mean one of these?" : "");
    append(message, sizeof message, "\n  ");
    append(message, sizeof message, sl_argument_path(path, sizeof path, id));
    if (sl_argument_table[id].kind != SL_ARG_GROUP && sl_argument_table[id].kind != SL_ARG_UNBUILT)
      append(message, sizeof message, "=...");
    first = false;
  }
  sl_error_set(error, SL_USAGE, "%s", message);
}

static bool read_number(const sl_argument *argument, const char *text, double *number) {
  if (argument->kind == SL_ARG_BOOL) {
    *number = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    return *number != 0 || strcmp(text, "0") == 0 || strcmp(text, "false") == 0;
  }
  char *end;
  *number = strtod(text, &end);
  bool excludes_zero = strncmp(argument->valid, "0 < ", 4) == 0; /* where -1 stands for a choice of ours */
  if (*number == 0 && excludes_zero) return false;
  return end != text && *end == '\0' && isfinite(*number) && *number >= argument->least &&
         *number <= argument->greatest && (argument->kind != SL_ARG_INT || *number == floor(*number));
}

/* The options of a choice that are there: "hmc, mh, fixed_param". */
static const char *list_options(char *out, size_t size, sl_argument_id choice) {
  out[0] = '\0';
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    if (sl_argument_table[id].parent != choice || sl_argument_table[id].kind == SL_ARG_UNBUILT) continue;
    append(out, size, out[0] ? ", " : "");
    append(out, size, sl_argument_table[id].name);
  }
  return out;
}

static bool set_choice(sl_arguments *arguments, sl_argument_id id, const char *text, sl_error *error) {
  sl_argument_id option = find_option(id, text, strlen(text));
  char options[400];
  if (option == SL_ARG_ROOT) {
    sl_error_set(error, SL_USAGE, "\"%.100s\" is not a valid value for %s. Valid values: %s", text,
                 sl_argument_table[id].name, list_options(options, sizeof options, id));
    return false;
  }
  if (sl_argument_table[option].kind == SL_ARG_UNBUILT) {
    sl_error_set(error, SL_USAGE, "The method %s is not built yet. This program can: %s.", text,
                 list_options(options, sizeof options, id));
    return false;
  }
  arguments->value[id].text = sl_argument_table[option].name;
  arguments->value[id].choice = option;
  return true;
}

static bool set_value(sl_arguments *arguments, sl_argument_id id, const char *text, sl_error *error) {
  const sl_argument *argument = &sl_argument_table[id];
  if (argument->kind == SL_ARG_CHOICE) return set_choice(arguments, id, text, error);
  arguments->value[id].text = text;
  if (argument->kind == SL_ARG_TEXT || read_number(argument, text, &arguments->value[id].number)) return true;
  sl_error_set(error, SL_USAGE, "\"%.100s\" is not a valid value for %s. Valid values: %s%s", text, argument->name,
               argument->kind == SL_ARG_INT ? "integers, " : "", argument->valid);
  return false;
}

static bool is_built_in(const char *word, sl_arguments *arguments) {
  static const struct {
    const char *word;
    sl_request request;
  } words[] = {{"help", SL_REQUEST_HELP},         {"--help", SL_REQUEST_HELP}, {"-h", SL_REQUEST_HELP},
               {"help-all", SL_REQUEST_HELP_ALL}, {"info", SL_REQUEST_INFO},   {"--version", SL_REQUEST_VERSION},
               {"version", SL_REQUEST_VERSION}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(word, words[i].word) != 0) continue;
    arguments->request = words[i].request;
    return true;
  }
  return false;
}

/* Reads one word; *scope is the group that it stands in, and becomes the group that it opens. */
static bool parse_word(sl_arguments *arguments, const char *word, sl_argument_id *scope, sl_error *error) {
  const char *equals = strchr(word, '=');
  size_t length = equals ? (size_t)(equals - word) : strlen(word);
  sl_argument_id method = equals ? SL_ARG_ROOT : find_option(SL_ARG_METHOD, word, length);
  sl_argument_id id = method != SL_ARG_ROOT ? SL_ARG_METHOD : find_argument(arguments, *scope, word, length);
  if (id == SL_ARG_ROOT) {
    refuse_word(word, error);
    return false;
  }
  const sl_argument *argument = &sl_argument_table[id];
  if (argument->kind == SL_ARG_GROUP) {
    if (equals) {
      sl_error_set(error, SL_USAGE, "%s takes no value: its arguments follow it, as in \"%s %s=...\"", argument->name,
                   argument->name, sl_argument_table[id + 1].name);
      return false;
    }
    *scope = id;
    return true;
  }
  if (arguments->value[id].given) {
    sl_error_set(error, SL_USAGE, "%s is given twice", argument->name);
    return false;
  }
  arguments->value[id].given = true;
  if (method == SL_ARG_ROOT && !equals) {
    sl_error_set(error, SL_USAGE, "%s wants a value: %s=...", argument->name, argument->name);
    return false;
  }
  if (!set_value(arguments, id, method != SL_ARG_ROOT ? word : equals + 1, error)) return false;
  *scope = argument->kind == SL_ARG_CHOICE ? arguments->value[id].choice : argument->parent;
  return true;
}

static void settle(sl_arguments *arguments, sl_argument_id id, char *text, size_t size, double number) {
  snprintf(text, size, "%.0f", number);
  arguments->value[id].text = text;
  arguments->value[id].number = number;
}

/* Defaults that depend on the machine, the clock or another argument. */
static void settle_defaults(sl_arguments *arguments) {
  if (sl_argument_int(arguments, SL_ARG_SEED) < 0) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t mixed = ((uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec + (uint64_t)getpid() * 65537u);
    settle(arguments, SL_ARG_SEED, arguments->seed_text, sizeof arguments->seed_text, (double)(mixed % 4294967296u));
  }
  if (!arguments->value[SL_ARG_NUM_CHAINS].given && arguments->value[SL_ARG_ID].given)
    settle(arguments, SL_ARG_NUM_CHAINS, arguments->chains_text, sizeof arguments->chains_text, 1);
  if (sl_argument_int(arguments, SL_ARG_THREADS_PER_CHAIN) <
      1) { /* a machine's cores are for chains, unless we are told so */
    bool samples = arguments->value[SL_ARG_METHOD].choice == SL_ARG_SAMPLE;
    long chains = samples ? sl_argument_int(arguments, SL_ARG_NUM_CHAINS) : 1;
    long share = sl_argument_int(arguments, SL_ARG_NUM_THREADS) / chains;
    settle(arguments, SL_ARG_THREADS_PER_CHAIN, arguments->per_chain_text, sizeof arguments->per_chain_text,
           share > 1 ? (double)share : 1);
  }
  if (sl_argument_int(arguments, SL_ARG_NUM_THREADS) < 1) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    settle(arguments, SL_ARG_NUM_THREADS, arguments->threads_text, sizeof arguments->threads_text,
           cores < 1      ? 1
           : cores > 1024 ? 1024
                          : (double)cores);
  }
}

bool sl_arguments_parse(sl_arguments *arguments, int argc, char *const *argv, sl_error *error) {
  memset(arguments, 0, sizeof *arguments);
  arguments->help_about = SL_ARG_ROOT;
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    const sl_argument *argument = &sl_argument_table[id];
    if (argument->kind == SL_ARG_GROUP || argument->kind == SL_ARG_UNBUILT) continue;
    set_value(arguments, id, argument->default_text, error);
  }
  sl_argument_id scope = SL_ARG_ROOT;
  for (int i = 1; i < argc; i++) {
    if (is_built_in(argv[i], arguments)) {
      arguments->help_about = scope;
      return true;
    }
    if (!parse_word(arguments, argv[i], &scope, error)) return false;
  }
  if (!arguments->value[SL_ARG_METHOD].given) {
    char methods[400];
    sl_error_set(error, SL_USAGE, "A method must be specified, one of %s. \"%s help\" explains.",
                 list_options(methods, sizeof methods, SL_ARG_METHOD), argc > 0 ? argv[0] : "EXE");
    return false;
  }
  settle_defaults(arguments);
  return true;
}
