/* old_syntax.c: programs in the syntax of older Stan versions compile, and are told once for each old form how it is
 * written today. What the forms become stands where they are read: parser/arrange.c (`<-`), parser/build_statement.c and
 * parser/build_expression.c. */
#include <stdlib.h>
#include "parser/print.h"
#include "parser/state.h"

void note_old_form(parse_state *state, old_form form, location where) {
  if (state->old[form].count++ == 0) state->old[form].first = where;
}

static void warn(parse_state *state, location where, int count, const char *text, const char *hint) {
  const char *more = count > 1 ? arena_printf(state->arena, " (%d places in this program)", count) : "";
  message_hint(state->messages, message_warning(state->messages, where, "%s%s", text, more), "%s", hint);
}

/* "write `array[N] real<lower=0> x;`" for the first array that was declared in the old way. */
static const char *array_today(parse_state *state) {
  const old_form_seen *seen = &state->old[OLD_ARRAY];
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) return "write `array[N] int x;`";
  print_declaration(out, seen->type, seen->name);
  fclose(out);
  const char *hint = arena_printf(state->arena, "write `%s;`", text);
  free(text);
  return hint;
}

void report_old_forms(parse_state *state, const tokens *read) {
  const old_form_seen *old = state->old;
  if (state->is_stopped) return; /* a tree that is too deep is not walked */
  if (read->hash_comments)
    warn(state, read->hash_comment, read->hash_comments, "comments no longer begin with `#`", "write `//`");
  if (old[OLD_ASSIGNMENT].count)
    warn(state, old[OLD_ASSIGNMENT].first, old[OLD_ASSIGNMENT].count, "assignments are no longer written with `<-`",
         "write `=`");
  if (old[OLD_ARRAY].count)
    warn(state, old[OLD_ARRAY].first, old[OLD_ARRAY].count, "the sizes of an array no longer stand behind its name",
         array_today(state));
  if (old[OLD_UNSIZED_ARRAY].count)
    warn(state, old[OLD_UNSIZED_ARRAY].first, old[OLD_UNSIZED_ARRAY].count,
         "array types are no longer written like this",
         arena_printf(state->arena, "write `%s`", type_name(state->arena, old[OLD_UNSIZED_ARRAY].unsized)));
  if (old[OLD_INCREMENT].count)
    warn(state, old[OLD_INCREMENT].first, old[OLD_INCREMENT].count,
         "`increment_log_prob` is the old form of `target +=`", "write `target += ...;`");
  if (old[OLD_GET_LP].count)
    warn(state, old[OLD_GET_LP].first, old[OLD_GET_LP].count, "`get_lp()` is the old form of `target()`",
         "write `target()`");
}
