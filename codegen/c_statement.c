/* c_statement.c: statements of the core IR as C, each group headed by the source line that it comes from. */
#include <stdarg.h>
#include <string.h>
#include "codegen/c_writer.h"
#include "support/message.h"
#include "support/plain_format.h"

void c_line(c_writer *w, const char *format, ...) {
  char text[256];
  va_list arguments;
  for (int i = 0; i < w->indent; i++) putc_unlocked(' ', w->out);
  va_start(arguments, format);
  int length = plain_format(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length >= 0) {
    fwrite(text, 1, (size_t)length, w->out);
  } else {
    va_start(arguments, format);
    vfprintf(w->out, format, arguments);
    va_end(arguments);
  }
  putc_unlocked('\n', w->out);
}

const char *c_place(c_writer *w, location location) {
  const source_file *file = location.file;
  if (!file) return c_string(w->arena, arena_printf(w->arena, " (in '%s')", w->program->path));
  const char *place =
      arena_printf(w->arena, " (in '%s', line %d, column %d", file->path, location.line, location.column);
  for (; file->included_from; file = file->included_from)
    place = arena_printf(w->arena, "%s, included from '%s', line %d", place, file->included_from->path,
                         file->included_at_line);
  return c_string(w->arena, arena_printf(w->arena, "%s)\n%s", place, source_excerpt(w->arena, location)));
}

/* The program's own line as a comment, once for the statements that come from it. */
static void source_comment(c_writer *w, location location) {
  if (!location.file || (location.line == w->commented_line && location.file->text == w->commented)) return;
  w->commented = location.file->text;
  w->commented_line = location.line;
  size_t length, blanks;
  const char *start = source_line(location.file, location.line, &length);
  for (blanks = 0; blanks < length && (start[blanks] == ' ' || start[blanks] == '\t');) blanks++;
  char *text = arena_text(w->arena, start + blanks, length - blanks);
  for (char *at = text; (at = strstr(at, "*/")) != NULL; at += 2) at[0] = ' ';
  for (char *at = text; (at = strstr(at, "/*")) != NULL; at += 2) at[1] = ' ';
  for (char *at = text; *at; at++)
    if (*at == '\\' && at[1] == 0) *at = ' ';
  c_line(w, "/* %d: %s */", location.line, text);
}

static const char *c_type(ir_type type) { return type == IR_INT ? "long" : "double"; }
static const char *suffix(ir_type type) { return type == IR_INT ? "int" : "real"; }

/* How a function of model.h gives up. */
static const char *leave(const c_writer *w) {
  if (w->function == C_CONSTRUCT) return "goto failed;";
  return w->function == C_UNCONSTRAIN ? "return false;" : "return status;";
}

/* An argument for a printf format: %ld takes a long, which neither `1` nor `a < b` is. */
static const char *printed(c_writer *w, ir_operand x) {
  const char *text = c_expression(w, x);
  bool is_long =
      ir_operand_type(x) == IR_REAL || (x.kind == IR_VARIABLE && !c_entry_of(w, x.variable->id)->is_deferred);
  return is_long ? text : arena_printf(w->arena, "(long)%s", c_operand(w, x));
}

static void check(c_writer *w, const ir_statement *s) {
  char *values = "";
  for (int i = 0; i < s->argument_count; i++)
    values = arena_printf(w->arena, "%s, %s", values, printed(w, s->arguments[i]));
  const char *condition = c_operand(w, s->value), *text = c_string(w->arena, s->text);
  if (w->function == C_CONSTRUCT || w->function == C_UNCONSTRAIN) {
    const char *place = c_place(w, s->location);
    c_line(w, "if (!%s) {", condition);
    c_line(w, "  sl_error_set(error, SL_BAD_DATA, %s \"%%s\"%s, %s);", text, values, place);
    c_line(w, "  %s", leave(w));
    c_line(w, "}");
  } else {
    c_line(w, "if (!%s) return sl_reject(workspace, %s, %s%s);", condition, c_place(w, s->location), text, values);
  }
}

static void kernel(c_writer *w, const ir_statement *s) {
  const ir_kernel_info *info = &ir_kernels[s->kernel];
  char *arguments = "";
  for (int i = 0; i < info->outputs + info->inputs; i++) {
    bool is_output = i < info->outputs;
    int k = is_output ? i : i - info->outputs;
    const ir_buffer *buffer = is_output ? s->call->outputs[k] : s->call->inputs[k];
    const ir_buffer *adjoints = is_output ? s->call->output_adjoints[k] : s->call->input_adjoints[k];
    arguments = arena_printf(w->arena, "%s%s, ", arguments, c_buffer(w, buffer));
    if (s->is_adjoint)
      arguments = arena_printf(w->arena, "%s%s, ", arguments, adjoints ? c_buffer(w, adjoints) : "NULL");
  }
  for (int i = 0; i < s->call->dim_count; i++)
    arguments = arena_printf(w->arena, "%s%s, ", arguments, c_expression(w, s->call->dims[i]));
  if (s->is_adjoint || (info->flags & IR_KERNEL_NOT_DIFFERENTIABLE)) {
    c_line(w, "sl_%s%s(%sworkspace);", info->name, s->is_adjoint ? "_adjoint" : "", arguments);
    return;
  }
  const char *place = c_place(w, s->location), *caller = s->text ? arena_printf(w->arena, "%s: ", s->text) : "";
  if (w->function == C_CONSTRUCT || w->function == C_UNCONSTRAIN) {
    c_line(w, "if (!sl_%s(%sworkspace)) {", info->name, arguments);
    c_line(w, "  sl_error_set(error, SL_BAD_DATA, \"%s%%s%%s\", workspace->message, %s);", caller, place);
    c_line(w, "  %s", leave(w));
    c_line(w, "}");
  } else {
    c_line(w, "if (!sl_%s(%sworkspace)) return sl_reject_kernel(workspace, \"%s\", %s);", info->name, arguments, caller,
           place);
  }
}

static const char *shape(c_writer *w, const ir_operand *dims, int count) {
  if (!count) return "NULL";
  char *text = "(const long[]){";
  for (int i = 0; i < count; i++)
    text = arena_printf(w->arena, "%s%s%s", text, i ? ", " : "", c_expression(w, dims[i]));
  return arena_printf(w->arena, "%s}", text);
}

static void read(c_writer *w, const ir_statement *s) {
  const char *source = w->function == C_CONSTRUCT ? "data" : "inits";
  ir_type type = s->buffer ? s->buffer->type : s->variable->type;
  const char *target = s->buffer ? c_buffer(w, s->buffer) : arena_printf(w->arena, "&%s", c_variable(w, s->variable));
  if (s->variable && s->variable->storage == IR_LOCAL) c_line(w, "%s %s;", c_type(type), target + 1);
  if (type == IR_INT)
    c_line(w, "if (!sl_values_int(%s, \"%s\", %d, %s, %s, error)) {", source, s->text, s->call->dim_count,
           shape(w, s->call->dims, s->call->dim_count), target);
  else
    c_line(w, "if (!sl_values_real(%s, \"%s\", %d, %s, %s, %s, error)) {", source, s->text, s->call->dim_count,
           shape(w, s->call->dims, s->call->dim_count), s->is_matrix ? "true" : "false", target);
  const char *declaration = arena_printf(w->arena, " (%s)%%s", s->items[0].text);
  c_line(w, "  sl_error_append(error, %s, %s);", c_string(w->arena, declaration), c_place(w, s->location));
  c_line(w, "  %s", leave(w));
  c_line(w, "}");
}

static void add(c_writer *w, const ir_statement *s) {
  const char *sum = c_variable(w, s->variable);
  if (!s->is_product)
    c_line(w, "%s += %s;", sum, c_expression(w, s->value));
  else
    c_line(w, "%s = sl_product(%s, %s);", sum, sum, c_expression(w, s->value));
}

static void write(c_writer *w, const ir_statement *s) {
  if (!s->buffer)
    c_line(w, "*out++ = %s;", c_expression(w, s->value));
  else
    c_line(w, "sl_write_%ss(&out, %s, %d, %s, %s);", suffix(s->buffer->type), c_buffer(w, s->buffer),
           s->call->dim_count, shape(w, s->call->dims, s->call->dim_count), s->is_matrix ? "true" : "false");
}

/* Where what the loops at0, at1, ... have come to begins in the buffer: " + (at0 * dims[1] + at1) * size". */
static const char *place_in_loops(c_writer *w, const ir_item *item) {
  if (item->loop_count == 0) return "";
  const char *place = "at0";
  for (int d = 1; d < item->dim_count; d++)
    place = arena_printf(w->arena, d < item->loop_count ? "(%s) * %s + at%d" : "(%s) * %s", place,
                         c_operand(w, item->dims[d]), d);
  return arena_printf(w->arena, " + %s", place);
}

static void print_item(c_writer *w, const ir_item *item) {
  const char *place = place_in_loops(w, item), *matrix = item->is_matrix ? "true" : "false";
  int dim_count = item->dim_count - item->loop_count;
  if (!item->buffer) {
    c_line(w, "sl_line_%s(&line, %s);", suffix(ir_operand_type(item->value)), c_expression(w, item->value));
    return;
  }
  const char *buffer = c_buffer(w, item->buffer), *dims = shape(w, item->dims + item->loop_count, dim_count);
  if (dim_count == 0)
    c_line(w, "sl_line_%s(&line, *(%s%s));", suffix(item->buffer->type), buffer, place);
  else if (item->imaginary)
    c_line(w, "sl_line_complex(&line, %s%s, %s%s, %d, %s, %s);", buffer, place, c_buffer(w, item->imaginary), place,
           dim_count, dims, matrix);
  else if (item->buffer->type == IR_INT)
    c_line(w, "sl_line_ints(&line, %s%s, %d, %s);", buffer, place, dim_count, dims);
  else
    c_line(w, "sl_line_reals(&line, %s%s, %d, %s, %s);", buffer, place, dim_count, dims, matrix);
}

static void print_items(c_writer *w, const ir_statement *s) {
  c_line(w, "sl_line line = {.length = 0};");
  int loops = 0;
  for (int i = 0; i < s->item_count; i++) {
    const ir_item *item = &s->items[i];
    if (item->closes_loop) {
      loops--;
      w->indent -= 2;
      c_line(w, "}");
    }
    if (item->text) c_line(w, "sl_line_text(&line, %s);", c_string(w->arena, item->text));
    if (!item->text) print_item(w, item);
    if (!item->opens_loop) continue;
    c_line(w, "for (long at%d = 0; at%d < %s; at%d++) {", loops, loops, c_expression(w, item->dims[0]), loops);
    w->indent += 2;
    c_line(w, "if (at%d > 0) sl_line_text(&line, \",\");", loops++);
  }
}

static void reject(c_writer *w, const ir_statement *s) {
  c_line(w, "{");
  w->indent += 2;
  print_items(w, s);
  const char *place = c_place(w, s->location);
  if (w->function == C_CONSTRUCT || w->function == C_UNCONSTRAIN) {
    c_line(w, "sl_error_set(error, SL_BAD_DATA, \"%%s%%s\", line.text, %s);", place);
    c_line(w, "%s", leave(w));
  } else if (s->is_fatal) {
    c_line(w, "sl_reject(workspace, %s, \"%%s\", line.text);", place);
    c_line(w, "return SL_FATAL;");
  } else {
    c_line(w, "return sl_reject(workspace, %s, \"%%s\", line.text);", place);
  }
  w->indent -= 2;
  c_line(w, "}");
}

static void alloc(c_writer *w, const ir_statement *s) {
  const char *size = c_expression(w, s->buffer->size), *type = c_type(s->buffer->type);
  if (s->buffer->storage == IR_MODEL) {
    c_line(w, "if (!(%s = sl_field(%s, sizeof(%s), error))) goto failed;", c_buffer(w, s->buffer), size, type);
  } else {
    c_line(w, "%s *restrict %s = sl_take(workspace, %s, sizeof(%s));", type, c_buffer(w, s->buffer), size, type);
  }
  if (s->is_filled) c_line(w, "sl_fill_%s(%s, %s);", suffix(s->buffer->type), c_buffer(w, s->buffer), size);
}

static void define(c_writer *w, const ir_statement *s, const ir_block *block) {
  const char *text = c_definition(w, s);
  if (c_defer(w, s, block, text)) return;
  source_comment(w, s->location);
  if (s->variable->storage == IR_MODEL)
    c_line(w, "%s = %s;", c_variable(w, s->variable), text);
  else
    c_line(w, "const %s %s = %s;", c_type(s->variable->type), c_variable(w, s->variable), text);
}

static void branch(c_writer *w, const ir_statement *s) {
  bool has_body = s->body->count, has_other = s->other && s->other->count;
  if (!has_body && !has_other) return;
  c_line(w, has_body ? "if (%s) {" : "if (!%s) {", has_body ? c_expression(w, s->value) : c_operand(w, s->value));
  w->indent += 2;
  if (w->program->prepare && ir_same(s->value, ir_use(w->program->with_generated)))
    c_line(w, "if (model->sl_failure.code) return sl_reject(workspace, \"\", \"%%s\", model->sl_failure.message);");
  c_block(w, has_body ? s->body : s->other);
  w->indent -= 2;
  if (has_body && has_other) {
    c_line(w, "} else {");
    w->indent += 2;
    c_block(w, s->other);
    w->indent -= 2;
  }
  c_line(w, "}");
}

static void profile(c_writer *w, const ir_statement *s) {
  int block = 0;
  while (w->program->profiles.items[block] != s->text) block++;
  if (!s->is_stop)
    c_line(w, "sl_profile_start(workspace, &sl_profiles, %d);", block);
  else
    c_line(w, "sl_profile_stop(workspace, %d, %s);", block,
           s->is_adjoint   ? "SL_REVERSE"
           : s->is_forward ? "SL_FORWARD"
                           : "SL_VALUE_ALONE");
}

static void loop_while(c_writer *w, const ir_statement *s) {
  c_line(w, "for (;;) {");
  w->indent += 2;
  c_block(w, s->test);
  c_line(w, "if (!%s) break;", c_operand(w, s->value));
  c_block(w, s->body);
  w->indent -= 2;
  c_line(w, "}");
}

static void push(c_writer *w, const ir_statement *s) {
  if (s->value.kind == IR_NONE)
    c_line(w, "sl_push_int(workspace, (long)%s);", c_buffer(w, s->buffer));
  else
    c_line(w, "sl_push_%s(workspace, %s);", suffix(ir_operand_type(s->value)), c_expression(w, s->value));
}

static void pop(c_writer *w, const ir_statement *s) {
  if (s->buffer)
    c_line(w, "%s *restrict %s = (%s *)sl_pop_int(workspace);", c_type(s->buffer->type), c_buffer(w, s->buffer),
           c_type(s->buffer->type));
  else
    c_line(w, s->variable->is_mutable ? "%s%s%s = sl_pop_%s(workspace);" : "const %s %s%s = sl_pop_%s(workspace);",
           s->variable->is_mutable ? "" : c_type(s->variable->type), c_variable(w, s->variable), "",
           suffix(s->variable->type));
}

void c_statement(c_writer *w, const ir_statement *s, const ir_block *block) {
  if (s->kind == IR_LET || s->kind == IR_LOAD) {
    define(w, s, block);
    return;
  }
  source_comment(w, s->location);
  switch (s->kind) {
  case IR_DECLARE:
    c_line(w, "%s %s = %s;", c_type(s->variable->type), c_variable(w, s->variable),
           s->value.kind != IR_NONE      ? c_expression(w, s->value)
           : s->variable->type == IR_INT ? "INT_MIN"
                                         : "NAN");
    break;
  case IR_SET: c_line(w, "%s = %s;", c_variable(w, s->variable), c_expression(w, s->value)); break;
  case IR_ADD: add(w, s); break;
  case IR_ALLOC: alloc(w, s); break;
  case IR_ZERO:
    c_line(w, "memset(%s, 0, sizeof(%s) * (size_t)%s);", c_buffer(w, s->buffer), c_type(s->buffer->type),
           c_operand(w, s->buffer->size));
    break;
  case IR_STORE:
  case IR_ACCUMULATE:
    c_line(w, "%s[%s] %s %s;", c_buffer(w, s->buffer), c_expression(w, s->index),
           s->kind == IR_STORE ? "=" : "+=", c_expression(w, s->value));
    break;
  case IR_TARGET:
    c_line(w, s->is_jacobian ? "target += jacobian ? %s : 0;" : "target += %s;",
           s->is_jacobian ? c_operand(w, s->value) : c_expression(w, s->value));
    break;
  case IR_FOR: c_for(w, s); break;
  case IR_WHILE: loop_while(w, s); break;
  case IR_IF: branch(w, s); break;
  case IR_KERNEL_CALL:
    if (s->function)
      c_call(w, s);
    else
      kernel(w, s);
    break;
  case IR_RETURN: c_return(w, s); break;
  case IR_CHECK: check(w, s); break;
  case IR_REJECT: reject(w, s); break;
  case IR_PRINT:
    c_line(w, "{");
    w->indent += 2;
    print_items(w, s);
    c_line(w, "sl_line_print(&line);");
    w->indent -= 2;
    c_line(w, "}");
    break;
  case IR_PROFILE: profile(w, s); break;
  case IR_READ: read(w, s); break;
  case IR_PRESENT:
    c_line(w, "const long %s = sl_values_has(inits, \"%s\");", c_variable(w, s->variable), s->text);
    break;
  case IR_WRITE: write(w, s); break;
  case IR_PUSH: push(w, s); break;
  case IR_POP: pop(w, s); break;
  case IR_POP_ELEMENT:
    c_line(w, "%s[%s] = sl_pop_%s(workspace);", c_buffer(w, s->buffer), c_expression(w, s->index),
           suffix(s->buffer->type));
    break;
  case IR_RELEASE: c_line(w, "workspace->top = (char *)%s;", c_buffer(w, s->buffer)); break;
  case IR_LET:
  case IR_LOAD:
  case IR_SCOPE:
  case IR_EXIT: break;
  }
}

void c_block(c_writer *w, const ir_block *block) {
  for (int i = 0; i < block->count; i++) c_statement(w, block->items[i], block);
}
