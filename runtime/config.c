/* config.c: see config.h. A choice is an object with its "value" and the group that was chosen. */
#include "runtime/config.h"
#include "runtime/csv_writer.h"
#include "runtime/model.h"
#include "runtime/output_path.h"

static void write_text(sl_csv_writer *writer, const char *text) {
  sl_csv_char(writer, '"');
  for (; *text; text++) {
    if ((unsigned char)*text < 0x20)
      sl_csv_text(writer, "\\u%04x", (unsigned)*text);
    else if (*text == '"' || *text == '\\')
      sl_csv_text(writer, "\\%c", *text);
    else
      sl_csv_char(writer, *text);
  }
  sl_csv_char(writer, '"');
}

static void write_name(sl_csv_writer *writer, int indent, const char *name, bool first) {
  sl_csv_text(writer, "%s\n%*s", first ? "" : ",", indent, "");
  write_text(writer, name);
  sl_csv_text(writer, " : ");
}

static void write_below(sl_csv_writer *writer, const sl_arguments *arguments, sl_argument_id parent, int indent,
                        bool first);

static void write_object(sl_csv_writer *writer, const sl_arguments *arguments, sl_argument_id id, int indent) {
  bool choice = sl_argument_table[id].kind == SL_ARG_CHOICE;
  sl_csv_char(writer, '{');
  if (choice) {
    write_name(writer, indent + 2, "value", true);
    write_text(writer, arguments->value[id].text);
  }
  write_below(writer, arguments, id, indent + 2, !choice);
  sl_csv_text(writer, "\n%*s}", indent, "");
}

static void write_below(sl_csv_writer *writer, const sl_arguments *arguments, sl_argument_id parent, int indent,
                        bool first) {
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    const sl_argument *argument = &sl_argument_table[id];
    if (argument->parent != parent || argument->kind == SL_ARG_UNBUILT || !sl_argument_active(arguments, id)) continue;
    write_name(writer, indent, argument->name, first);
    first = false;
    switch (argument->kind) {
    case SL_ARG_TEXT: write_text(writer, arguments->value[id].text); break;
    case SL_ARG_BOOL: sl_csv_text(writer, "%s", sl_argument_bool(arguments, id) ? "true" : "false"); break;
    case SL_ARG_INT:
    case SL_ARG_REAL: sl_csv_number(writer, arguments->value[id].number); break;
    default: write_object(writer, arguments, id, indent);
    }
  }
}

bool sl_config_save(const sl_arguments *arguments, const char *path, sl_error *error) {
  sl_csv_writer writer;
  if (!sl_csv_open(&writer, path, 15, error)) return false;
  sl_csv_text(&writer, "{\n  \"stan_major_version\" : \"2\",\n  \"stan_minor_version\" : \"38\",\n"
                       "  \"stan_patch_version\" : \"0\",\n  \"model_name\" : ");
  write_text(&writer, sl_model_name);
  write_below(&writer, arguments, SL_ARG_ROOT, 2, false);
  sl_csv_text(&writer, ",\n  \"stanc_version\" : ");
  write_text(&writer, sl_compiler_version);
  sl_csv_text(&writer, "\n}\n");
  return sl_csv_close(&writer, error);
}

bool sl_config_save_beside(const sl_arguments *arguments, sl_error *error) {
  char path[4200];
  if (!sl_argument_bool(arguments, SL_ARG_SAVE_CONFIG)) return true;
  sl_output_path(path, sizeof path, sl_argument_text(arguments, SL_ARG_OUTPUT_FILE), "_config", ".json", false, 0);
  return sl_config_save(arguments, path, error);
}
