/* arguments_print.c: the table of arguments for people (help) and for the header of CSV files. */
#include <string.h>
#include "runtime/arguments.h"

static const char *placeholder(sl_argument_kind kind) {
  switch (kind) {
  case SL_ARG_CHOICE: return "=<choice>";
  case SL_ARG_INT: return "=<int>";
  case SL_ARG_REAL: return "=<real>";
  case SL_ARG_BOOL: return "=<boolean>";
  case SL_ARG_TEXT: return "=<text>";
  default: return "";
  }
}

static void print_argument(FILE *out, sl_argument_id id, int indent, bool all) {
  const sl_argument *argument = &sl_argument_table[id];
  bool unbuilt = argument->kind == SL_ARG_UNBUILT;
  fprintf(out, "%*s%s%s\n", indent, "", argument->name, placeholder(argument->kind));
  fprintf(out, "%*s%s%s\n", indent + 2, "", argument->help, unbuilt ? " (not built yet)" : "");
  if (argument->valid[0]) fprintf(out, "%*sValid values: %s\n", indent + 2, "", argument->valid);
  if (argument->kind == SL_ARG_CHOICE) {
    fprintf(out, "%*sValid values:", indent + 2, "");
    for (int i = 0, first = 1; i < SL_ARGUMENT_COUNT; i++) {
      if (sl_argument_table[i].parent != id) continue;
      fprintf(out, "%s %s", first ? "" : ",", sl_argument_table[i].name);
      first = 0;
    }
    fputc('\n', out);
  }
  if (argument->kind != SL_ARG_GROUP && !unbuilt)
    fprintf(out, "%*sDefaults to %s\n", indent + 2, "", argument->default_text[0] ? argument->default_text : "\"\"");
  fputc('\n', out);
  for (int i = 0; all && i < SL_ARGUMENT_COUNT; i++)
    if (sl_argument_table[i].parent == id) print_argument(out, i, indent + 2, true);
}

static void print_usage(FILE *out, const char *program) {
  fprintf(out,
          "Usage: %s <method> <argument>=<value> ... <group> <argument>=<value> ...\n"
          "   as: %s sample num_samples=1000 adapt delta=0.9 data file=DATA.json output file=OUT.csv\n\n"
          "Methods:\n",
          program, program);
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++)
    if (sl_argument_table[id].parent == SL_ARG_METHOD && sl_argument_table[id].kind != SL_ARG_UNBUILT)
      fprintf(out, "  %-12s %s\n", sl_argument_table[id].name, sl_argument_table[id].help);
  fputs("\nFor all methods:\n", out);
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++)
    if (sl_argument_table[id].parent == SL_ARG_ROOT && id != SL_ARG_METHOD)
      fprintf(out, "  %-12s %s\n", sl_argument_table[id].name, sl_argument_table[id].help);
  fprintf(out, "\nAlso:\n"
               "  help         This text; after a method or group: its arguments\n"
               "  help-all     All arguments\n"
               "  info         What this program was made from, and the model's variables\n"
               "  --version    The compiler's version\n");
}

void sl_arguments_help(FILE *out, const char *program, sl_argument_id about, bool all) {
  if (about == SL_ARG_ROOT && !all) {
    print_usage(out, program);
    return;
  }
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++)
    if (about == SL_ARG_ROOT ? sl_argument_table[id].parent == SL_ARG_ROOT : id == (int)about)
      print_argument(out, id, about == SL_ARG_ROOT ? 2 : 0, true);
}

static void list_below(const sl_arguments *arguments, sl_argument_id parent, int indent, sl_line_writer *write,
                       void *context) {
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    const sl_argument *argument = &sl_argument_table[id];
    if (argument->parent != parent) continue;
    const sl_argument_value *value = &arguments->value[id];
    char line[5000];
    if (argument->kind == SL_ARG_GROUP) {
      bool empty = id + 1 == SL_ARGUMENT_COUNT || (int)sl_argument_table[id + 1].parent != id;
      if (empty || !sl_argument_active(arguments, id)) continue;
      snprintf(line, sizeof line, "%*s%s", indent, "", argument->name);
      write(context, line);
    } else if (argument->kind != SL_ARG_UNBUILT) {
      const char *text = argument->kind == SL_ARG_BOOL ? (value->number != 0 ? "1" : "0") : value->text;
      bool is_default = !value->given || strcmp(text, argument->default_text) == 0;
      snprintf(line, sizeof line, "%*s%s = %s%s", indent, "", argument->name, text, is_default ? " (Default)" : "");
      write(context, line);
    }
    list_below(arguments, id, indent + 2, write, context);
  }
}

void sl_arguments_list(const sl_arguments *arguments, sl_line_writer *write, void *context) {
  list_below(arguments, SL_ARG_ROOT, 0, write, context);
}
