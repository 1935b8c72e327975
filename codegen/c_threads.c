/* c_threads.c: the loop over the chunks of a large loop (pass `threads`). Its body becomes a function of its own ahead of the one
 * that is being written, which sl_run_chunks calls for each chunk (runtime/chunks.h). A struct hands over what the body reads.
 *
 * In the function the names of sums, target among them, and of the buffers that each chunk needs a copy of stand for the chunk's
 * own: an array `sl_own` has, for each chunk, its sums and then the elements of its buffers. The caller adds them to the real
 * ones, chunk by chunk. Where there is one chunk, its buffers are the real ones, and the array lies on the C stack. */
#include "codegen/c_writer.h"
#include "ir/access.h"

/* What the body has from outside. */
typedef struct captures {
  c_writer *w;
  id_set known; /* defined in the body, or captured already */
  struct {
    struct capture {
      const char *type, *name;
      int id;
    } * items;
    int count, capacity;
  } items;
  struct {
    const char **items; /* names; added to in the body */
    int count, capacity;
  } sums;
  bool has_target;
} captures;

static void capture(captures *c, int id, const char *type, const char *name) {
  id_set_add(&c->known, id);
  arena_push(c->w->arena, &c->items, ((struct capture){type, name, id}));
}

static void capture_operand(ir_operand *x, void *context) {
  captures *c = context;
  if (x->kind != IR_VARIABLE || id_set_has(&c->known, x->variable->id)) return;
  capture(c, x->variable->id, x->variable->type == IR_INT ? "const long " : "const double ",
          c_variable(c->w, x->variable));
}

static void capture_buffer(const ir_buffer *buffer, void *context) {
  captures *c = context;
  static const char *const types[2][2] = {{"double *restrict ", "long *restrict "},
                                          {"const double *restrict ", "const long *restrict "}};
  if (id_set_has(&c->known, buffer->id)) return;
  bool is_const = buffer->storage == IR_MODEL || buffer->storage == IR_INPUT;
  capture(c, buffer->id, types[is_const][buffer->type == IR_INT], c_buffer(c->w, buffer));
}

static void know_definitions(captures *c, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    bool defines =
        s->kind == IR_LET || s->kind == IR_LOAD || s->kind == IR_DECLARE || s->kind == IR_FOR || s->kind == IR_POP;
    if (defines && s->variable) id_set_add(&c->known, s->variable->id);
    if (s->kind == IR_ALLOC || (s->kind == IR_POP && s->buffer)) id_set_add(&c->known, s->buffer->id);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) know_definitions(c, nested[j]);
  }
}

static void find_sum(captures *c, const ir_statement *s) {
  if (s->kind == IR_TARGET && s->is_jacobian) {
    ir_operand jacobian = ir_use(c->w->program->jacobian);
    capture_operand(&jacobian, c);
  }
  if (s->kind == IR_TARGET && !c->has_target) {
    c->has_target = true;
    arena_push(c->w->arena, &c->sums, "target");
  }
  if (s->kind != IR_ADD || id_set_has(&c->known, s->variable->id)) return;
  id_set_add(&c->known, s->variable->id);
  arena_push(c->w->arena, &c->sums, c_variable(c->w, s->variable));
}

static void capture_block(captures *c, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    find_sum(c, s);
    ir_each_operand(s, capture_operand, c);
    if (s->kind == IR_ZERO) capture_operand(&s->buffer->size, c);
    if (s->buffer && (s->kind != IR_PUSH || s->value.kind == IR_NONE)) capture_buffer(s->buffer, c);
    ir_each_passed_buffer(s, capture_buffer, c);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) capture_block(c, nested[j]);
  }
}

static const char *struct_name(c_writer *w, const ir_statement *loop) {
  return arena_printf(w->arena, "sl_chunk_%d", loop->variable->id);
}

/* sizes of the loop's own buffers up to `count`: " + J + unconstrained_size" */
static const char *own_sizes(c_writer *w, const ir_statement *loop, int count) {
  const char *text = "";
  for (int i = 0; i < count; i++) text = arena_printf(w->arena, "%s + %s", text, c_operand(w, loop->own[i]->size));
  return text;
}

static void chunk_function(c_writer *w, const captures *c, const ir_statement *loop) {
  const char *name = struct_name(w, loop), *chunk = c_variable(w, loop->variable);
  bool has_own = c->sums.count + loop->own_count > 0;
  fprintf(w->out, "struct %s {\n", name);
  for (int i = 0; i < c->items.count; i++) fprintf(w->out, "  %s%s;\n", c->items.items[i].type, c->items.items[i].name);
  if (has_own) fputs("  double *sl_own;\n  long sl_stride;\n", w->out);
  if (loop->own_count) fputs("  long sl_is_one;\n", w->out);
  fprintf(w->out, "};\n\nSL_APART int %s(const void *sl_context, long %s, sl_workspace *workspace) {\n", name, chunk);
  w->indent = 2;
  c_line(w, "const struct %s *sl_given = sl_context;", name);
  c_line(w, "(void)workspace;");
  for (int i = 0; i < c->items.count; i++) {
    const struct capture *item = &c->items.items[i];
    bool is_own = false;
    for (int j = 0; j < loop->own_count; j++) is_own = is_own || loop->own[j]->id == item->id;
    if (!is_own) c_line(w, "%s%s = sl_given->%s;", item->type, item->name, item->name);
  }
  if (has_own) c_line(w, "double *sl_own = sl_given->sl_own + %s * sl_given->sl_stride;", chunk);
  for (int i = 0; i < c->sums.count; i++) c_line(w, "double %s = 0.0;", c->sums.items[i]);
  for (int i = 0; i < loop->own_count; i++) {
    const char *buffer = c_buffer(w, loop->own[i]), *size = c_operand(w, loop->own[i]->size);
    c_line(w, "double *restrict %s = sl_given->sl_is_one ? sl_given->%s : sl_own + %d%s;", buffer, buffer,
           c->sums.count, own_sizes(w, loop, i));
    c_line(w, "if (!sl_given->sl_is_one) memset(%s, 0, sizeof(double) * (size_t)%s);", buffer, size);
  }
  c_block(w, loop->body);
  for (int i = 0; i < c->sums.count; i++) c_line(w, "sl_own[%d] = %s;", i, c->sums.items[i]);
  c_line(w, "return SL_EVALUATED;");
  fputs("}\n\n", w->out);
}

/* Adds the chunks' sums and buffers to the real ones. */
static void add_own(c_writer *w, const captures *c, const ir_statement *loop) {
  const char *last = c_operand(w, loop->last);
  c_line(w, "for (long sl_c = 0; sl_c <= %s; sl_c++, sl_own += sl_stride) {", last);
  for (int i = 0; i < c->sums.count; i++) c_line(w, "  %s += sl_own[%d];", c->sums.items[i], i);
  for (int i = 0; i < loop->own_count; i++) {
    c_line(w, "  for (long sl_j = 0; %s > 0 && sl_j < %s; sl_j++) %s[sl_j] += sl_own[%d%s + sl_j];", last,
           c_operand(w, loop->own[i]->size), c_buffer(w, loop->own[i]), c->sums.count, own_sizes(w, loop, i));
  }
  c_line(w, "}");
}

static void call_chunks(c_writer *w, const captures *c, const ir_statement *loop) {
  const char *name = struct_name(w, loop), *last = c_operand(w, loop->last);
  bool has_own = c->sums.count + loop->own_count > 0;
  char *values = "";
  for (int i = 0; i < c->items.count; i++)
    values = arena_printf(w->arena, "%s%s%s", values, i ? ", " : "", c->items.items[i].name);
  c_line(w, "char *const sl_top = workspace->top;");
  if (has_own) {
    c_line(w, "const long sl_stride = %d%s;", c->sums.count, own_sizes(w, loop, loop->own_count));
    c_line(w,
           "double sl_one[%d], *sl_own = %s <= 0 ? sl_one : sl_take(workspace, (%s + 1) * sl_stride, sizeof(double));",
           c->sums.count ? c->sums.count : 1, last, last);
    values = arena_printf(w->arena, "%s%ssl_own, sl_stride", values, *values ? ", " : "");
    if (loop->own_count) values = arena_printf(w->arena, "%s, %s <= 0", values, last);
  }
  c_line(w, "const struct %s sl_given = {%s};", name, values);
  c_leave_after(w, arena_printf(w->arena, "sl_run_chunks(workspace, %s + 1, %s, &sl_given)", last, name));
  if (has_own) add_own(w, c, loop);
  c_line(w, "workspace->top = sl_top;");
}
void c_threads(c_writer *w, const ir_statement *loop) {
  captures c = {.w = w, .known = id_set_create(w->arena)};
  id_set_add(&c.known, loop->variable->id);
  know_definitions(&c, loop->body);
  capture_block(&c, loop->body);
  for (int i = 0; i < loop->own_count; i++) {
    capture_buffer(loop->own[i], &c);
    capture_operand(&loop->own[i]->size, &c);
  }
  FILE *out = w->out;
  int indent = w->indent;
  w->out = w->ahead;
  w->commented_line = 0;
  chunk_function(w, &c, loop);
  w->out = out;
  w->indent = indent;
  w->commented_line = 0;
  if (loop->is_cheap) {
    c_line(w, "if (%s <= 0) {", c_operand(w, loop->last));
    w->indent += 2;
    c_line(w, "const long %s = 0;", c_variable(w, loop->variable));
    c_block(w, loop->body);
    w->indent -= 2;
    c_line(w, "} else {");
  } else {
    c_line(w, "{");
  }
  w->indent += 2;
  call_chunks(w, &c, loop);
  w->indent -= 2;
  c_line(w, "}");
}
