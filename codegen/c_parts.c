/* c_parts.c: a function too long for the C compiler is written as several.
 *
 * What gcc takes for a function grows faster than the function, at every level of optimisation: 3,000 lines of scalar
 * assignments took 27 s in one piece, and take 8 s in parts. So a block of more than LONGEST_WHOLE statements is cut
 * into runs of about PART statements, each a function of its own that is not inlined. A branch that is too long itself stays
 * with the caller, and its blocks are cut. A loop is never cut: what it computes in registers would go through memory.
 *
 * What one part defines or changes and another one needs goes through a struct, the frame: a part begins by loading what
 * it needs into locals, and ends by storing what others need. In between it is written like any function. Each part
 * counts uses by itself, so that no expression is deferred from one part into another. */
#include <string.h>
#include "codegen/c_writer.h"
#include "ir/access.h"

enum { LONGEST_WHOLE = 5000, PART = 250 };

typedef struct thing { /* a local variable or buffer of the function: one of the two */
  const ir_variable *variable;
  const ir_buffer *buffer;
  bool is_shared; /* is a member of the frame */
} thing;

typedef struct c_cut { /* a block as the caller runs it: parts, and branches between them */
  struct c_cut_item {
    const ir_block *part; /* which reads or changes these, and does not define them: */
    int *touched, touched_count;
    /* or */
    const ir_statement *test; /* a branch, whose blocks are */
    struct c_cut *body, *other;
  } * items;
  int count, capacity;
} c_cut;

struct c_parts {
  c_writer *w;
  const char *name; /* of the function; its parts are name_1, name_2 ... */
  const c_shape *shape;
  c_cut whole;
  id_set places; /* of ids, in things, from 1 */
  struct {
    thing *items;
    int count, capacity;
  } things;
  int written; /* parts so far, and then calls */
};

static const char *c_type(ir_type type) { return type == IR_INT ? "long" : "double"; }

static int weight(const ir_block *block) {
  int count = block->count;
  for (int i = 0; i < block->count; i++) {
    ir_block *nested[3];
    for (int j = ir_nested_blocks(block->items[i], nested); j-- > 0;) count += weight(nested[j]);
  }
  return count;
}

static int statement_weight(ir_statement *s) { return weight(&(ir_block){.items = &s, .count = 1}); }

/* ---- what is shared ---- */

static thing *thing_of(c_parts *p, int id) {
  int *place = id_set_at(&p->places, id);
  if (!*place) {
    arena_push(p->w->arena, &p->things, (thing){0});
    *place = p->things.count;
  }
  return &p->things.items[*place - 1];
}

static void note_variable(c_parts *p, const ir_variable *v) {
  if (v && v->storage == IR_LOCAL) thing_of(p, v->id)->variable = v;
}

static void note_buffer(const ir_buffer *buffer, void *context) {
  if (buffer->storage == IR_LOCAL) thing_of(context, buffer->id)->buffer = buffer;
}

static void note_operand(ir_operand *x, void *context) {
  if (x->kind == IR_VARIABLE) note_variable(context, x->variable);
}

static void note_things(c_parts *p, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    note_variable(p, s->variable);
    if (s->buffer) note_buffer(s->buffer, p);
    if (s->buffer) note_operand(&s->buffer->size, p);
    ir_each_operand(s, note_operand, p);
    ir_each_passed_buffer(s, note_buffer, p);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) note_things(p, nested[j]);
  }
}

typedef struct part_uses {
  id_set defined; /* anywhere in the part */
  id_set touched; /* read or changed, in this order: */
  struct {
    int *items;
    int count, capacity;
  } ids;
} part_uses; /* for one part after the other */

static void note_defined(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) id_set_add(&((part_uses *)context)->defined, id);
}

static void note_touched(ir_access access, int id, void *context) {
  part_uses *u = context;
  if (access == ACCESS_DEFINE || id_set_has(&u->defined, id) || id_set_has(&u->touched, id)) return;
  id_set_add(&u->touched, id);
  arena_push(u->touched.arena, &u->ids, id);
}

/* What is read into a local is declared there, mutable or not. */
static void define_read(part_uses *u, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_READ && s->variable && s->variable->storage == IR_LOCAL) id_set_add(&u->defined, s->variable->id);
  }
}

static void find_uses(part_uses *u, const ir_block *part) {
  id_set_clear(&u->defined);
  id_set_clear(&u->touched);
  u->ids.count = 0;
  define_read(u, part);
  for (int i = 0; i < part->count; i++) ir_each_access(part->items[i], true, note_defined, u);
  for (int i = 0; i < part->count; i++) ir_each_access(part->items[i], true, note_touched, u);
}

static bool is_local(const c_parts *p, int id) { return id_set_number(&p->places, id) > 0; }

static void share_needs(c_parts *p, part_uses *u, const c_cut *cut) {
  for (int i = 0; i < cut->count; i++) {
    struct c_cut_item *item = &cut->items[i];
    if (item->test) {
      if (item->test->value.kind == IR_VARIABLE && is_local(p, item->test->value.variable->id))
        thing_of(p, item->test->value.variable->id)->is_shared = true;
      share_needs(p, u, item->body);
      if (item->other) share_needs(p, u, item->other);
      continue;
    }
    find_uses(u, item->part);
    item->touched = arena_array(p->w->arena, int, u->ids.count);
    for (int j = 0; j < u->ids.count; j++) {
      if (!is_local(p, u->ids.items[j])) continue;
      thing_of(p, u->ids.items[j])->is_shared = true;
      item->touched[item->touched_count++] = u->ids.items[j];
    }
  }
}

/* ---- cutting ---- */

static c_cut cut_block(arena *arena, const ir_block *block) {
  c_cut cut = {0};
  ir_block *part = NULL;
  int size = 0;
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    int added = statement_weight(s);
    if (s->kind == IR_IF && added > LONGEST_WHOLE) {
      struct c_cut_item branch = {.test = s, .body = arena_new(arena, c_cut)};
      *branch.body = cut_block(arena, s->body);
      if (s->other && s->other->count) {
        branch.other = arena_new(arena, c_cut);
        *branch.other = cut_block(arena, s->other);
      }
      arena_push(arena, &cut, branch);
      part = NULL;
      continue;
    }
    if (!part || size + added > PART) {
      part = ir_block_create(arena);
      size = 0;
      arena_push(arena, &cut, (struct c_cut_item){.part = part});
    }
    arena_push(arena, part, s);
    size += added;
  }
  return cut;
}

/* ---- writing ---- */

static const char *member(c_parts *p, int id) {
  const thing *t = thing_of(p, id);
  const char *name = t->variable ? t->variable->name : t->buffer->name;
  return arena_printf(p->w->arena, "%s_%d", c_plain_name(p->w->arena, name ? name : "t"), id);
}

static void frame(c_parts *p) {
  FILE *out = p->w->out;
  fprintf(out, "/* What the parts of %s hand on. */\nstruct %s_frame {\n", p->name, p->name);
  if (p->shape->running) fprintf(out, "  %s %s;\n", p->shape->running_type, p->shape->running);
  for (int i = 0; i < p->things.count; i++) {
    const thing *t = &p->things.items[i];
    if (!t->is_shared) continue;
    if (t->variable)
      fprintf(out, "  %s %s;\n", c_type(t->variable->type), member(p, t->variable->id));
    else
      fprintf(out, "  %s *%s;\n", c_type(t->buffer->type), member(p, t->buffer->id));
  }
  fputs("};\n\n", out);
}

static void load(c_parts *p, int id) {
  const thing *t = thing_of(p, id);
  if (t->variable)
    c_line(p->w, "%s%s %s = sl_frame->%s;", t->variable->is_mutable ? "" : "const ", c_type(t->variable->type),
           c_variable(p->w, t->variable), member(p, id));
  else
    c_line(p->w, "%s *restrict %s = sl_frame->%s;", c_type(t->buffer->type), c_buffer(p->w, t->buffer), member(p, id));
}

typedef struct storing {
  c_parts *p;
  id_set stored;
  bool is_writing; /* else: counts the use, so that the value gets a name */
} storing;

static void store(storing *s, int id) {
  if (!is_local(s->p, id) || !thing_of(s->p, id)->is_shared || id_set_has(&s->stored, id)) return;
  id_set_add(&s->stored, id);
  const thing *t = thing_of(s->p, id);
  if (!s->is_writing)
    c_entry_of(s->p->w, id)->uses += 2;
  else
    c_line(s->p->w, "sl_frame->%s = %s;", member(s->p, id),
           t->variable ? c_variable(s->p->w, t->variable) : c_buffer(s->p->w, t->buffer));
}

static void store_defined(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) store(context, id);
}

static void store_written(ir_access access, int id, void *context) {
  storing *s = context;
  if (access == ACCESS_WRITE && is_local(s->p, id) && thing_of(s->p, id)->variable) store(s, id);
}

/* All that the part defines at its own level or changes at any, as far as it is shared. */
static void store_all(c_parts *p, const ir_block *part, bool is_writing) {
  storing s = {.p = p, .stored = id_set_create(p->w->arena), .is_writing = is_writing};
  for (int i = 0; i < part->count; i++) {
    if (part->items[i]->kind != IR_FOR) ir_each_access(part->items[i], false, store_defined, &s);
    ir_each_access(part->items[i], true, store_written, &s);
  }
}

static void write_part(c_parts *p, const struct c_cut_item *item) {
  c_writer *w = p->w;
  arena *lasting = w->arena;
  w->arena = arena_create_within(lasting); /* names and expressions of this part */
  const c_shape *shape = p->shape;
  const ir_block *part = item->part;
  c_start_function(w, w->function, part);
  store_all(p, part, false);
  fprintf(w->out, "%sSL_PART %s %s_%d(%s,\n    struct %s_frame *sl_frame) {\n", shape->is_once ? "SL_ONCE " : "",
          shape->result, p->name, ++p->written, shape->parameters, p->name);
  w->indent = 2;
  c_load_fields(w, part);
  for (int i = 0; i < item->touched_count; i++) load(p, item->touched[i]);
  if (shape->running) c_line(w, "%s %s = sl_frame->%s;", shape->running_type, shape->running, shape->running);
  c_block(w, part);
  store_all(p, part, true);
  if (shape->running) c_line(w, "sl_frame->%s = %s;", shape->running, shape->running);
  c_line(w, "return %s;", shape->success);
  if (w->function == C_CONSTRUCT) fputs("failed:\n  return false;\n", w->out);
  fputs("}\n\n", w->out);
  arena_destroy(w->arena);
  w->arena = lasting;
}

static void write_parts(c_parts *p, const c_cut *cut) {
  for (int i = 0; i < cut->count; i++) {
    const struct c_cut_item *item = &cut->items[i];
    if (item->part) write_part(p, item);
    if (item->body) write_parts(p, item->body);
    if (item->other) write_parts(p, item->other);
  }
}

c_parts *c_write_parts(c_writer *w, const char *name, const c_shape *shape, const ir_block *block) {
  if (weight(block) <= LONGEST_WHOLE) return NULL;
  c_parts *p = arena_new(w->arena, c_parts);
  *p = (c_parts){.w = w, .name = name, .shape = shape, .places = id_set_create(w->arena)};
  p->whole = cut_block(w->arena, block);
  note_things(p, block);
  arena *scratch = arena_create_within(w->arena);
  share_needs(p, &(part_uses){.defined = id_set_create(scratch), .touched = id_set_create(scratch)}, &p->whole);
  arena_destroy(scratch);
  frame(p);
  write_parts(p, &p->whole);
  p->written = 0;
  return p;
}

/* A branch's condition in the function that calls the parts. */
static const char *test_text(c_parts *p, ir_operand test) {
  c_writer *w = p->w;
  if (test.kind != IR_VARIABLE || test.variable->storage == IR_INPUT) return c_expression(w, test);
  if (test.variable->storage == IR_MODEL) return arena_printf(w->arena, "model->%s", w->fields[test.variable->id]);
  return arena_printf(w->arena, "sl_frame.%s", member(p, test.variable->id));
}

static void call_parts(c_parts *p, const c_cut *cut) {
  c_writer *w = p->w;
  for (int i = 0; i < cut->count; i++) {
    const struct c_cut_item *item = &cut->items[i];
    if (item->part) {
      c_line(w, p->shape->call, p->name, ++p->written, p->shape->arguments);
      continue;
    }
    c_line(w, "if (%s) {", test_text(p, item->test->value));
    w->indent += 2;
    call_parts(p, item->body);
    w->indent -= 2;
    if (item->other) {
      c_line(w, "} else {");
      w->indent += 2;
      call_parts(p, item->other);
      w->indent -= 2;
    }
    c_line(w, "}");
  }
}

void c_body(c_writer *w, c_parts *p, const ir_block *block) {
  if (!p) {
    c_block(w, block);
    return;
  }
  const char *running = p->shape->running;
  c_line(w, "struct %s_frame sl_frame;", p->name);
  if (running) c_line(w, "sl_frame.%s = %s;", running, running);
  call_parts(p, &p->whole);
  if (running) c_line(w, "%s = sl_frame.%s;", running, running);
}
