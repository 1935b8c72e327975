/* pedantic_values.c: values that are never used, and variables that are read before they have one.
 *
 * The order is that of the text: a variable that a loop assigns anywhere counts as assigned in all of the loop. So whatever is
 * warned about has no value on any road; what has none on some roads only is not found. */
#include <string.h>
#include "ir/pedantic_internal.h"

enum { READ = 1, ASSIGNED = 2, TOLD = 4 };

/* Marks belong to the walker, who sees the tree as constant otherwise. */
static void mark(const variable *v, unsigned bits) { ((variable *)v)->marks |= bits; }

/* ---- never read ---- */

static void clear_declared(const statement *s, void *context) {
  (void)context;
  if (s->kind == STATEMENT_DECLARATION) s->declaration.variable->marks = 0;
  if (s->kind == STATEMENT_FOR || s->kind == STATEMENT_FOR_EACH) s->loop.variable->marks = 0;
}

static void note_read(const expression *e, void *context) {
  (void)context;
  if (e->kind == EXPRESSION_VARIABLE && e->variable.variable) mark(e->variable.variable, READ);
}

static void note_indices(const expression *target) {
  ast_visitor reads = {.expression = note_read};
  for (const expression *e = target; e;) {
    if (e->kind == EXPRESSION_INDEX) {
      for (int i = 0; i < e->index.indices.count; i++) {
        walk_expression(e->index.indices.items[i].first, &reads);
        walk_expression(e->index.indices.items[i].last, &reads);
      }
      e = e->index.base;
    } else {
      e = e->kind == EXPRESSION_MEMBER ? e->member.base : NULL;
    }
  }
}

static void note_all_reads(const statement *list);

/* What stands left of an assignment is not read, but its indices are. */
static void note_reads(const statement *s) {
  ast_visitor reads = {.expression = note_read};
  switch (s->kind) {
  case STATEMENT_ASSIGNMENT:
    note_indices(s->assignment.target);
    walk_expression(s->assignment.value, &reads);
    break;
  case STATEMENT_UNPACK:
    for (int i = 0; i < s->unpack.targets->items.count; i++) note_indices(s->unpack.targets->items.items[i]);
    walk_expression(s->unpack.value, &reads);
    break;
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH:
    walk_expression(s->loop.first, &reads);
    walk_expression(s->loop.last, &reads);
    note_all_reads(s->loop.body);
    break;
  case STATEMENT_IF:
  case STATEMENT_WHILE:
    walk_expression(s->branch.condition, &reads);
    note_all_reads(s->branch.then_body);
    note_all_reads(s->branch.else_body);
    break;
  case STATEMENT_BLOCK:
  case STATEMENT_PROFILE: note_all_reads(s->block.body); break;
  default: {
    statement alone = *s;
    alone.next = NULL;
    walk_statements(&alone, &reads);
  }
  }
}

static void note_all_reads(const statement *list) {
  for (const statement *s = list; s; s = s->next) note_reads(s);
}

/* Results are not read by the program, and parameters are pedantic_flow.c's. */
static bool is_output(const variable *v) {
  return v->is_global && v->block != BLOCK_DATA && v->block != BLOCK_TRANSFORMED_DATA;
}

static void tell_unused(const statement *s, void *context) {
  const pedantic *p = context;
  if (s->kind != STATEMENT_DECLARATION) return;
  const variable *v = s->declaration.variable;
  if (is_output(v) || v->marks & READ) return;
  message_warning(p->messages, v->location,
                  v->is_global && v->block == BLOCK_DATA ? "the data `%s` are never used" : "`%s` is never used",
                  v->name);
}

static void note_call(const expression *e, void *context) {
  const function *f = context;
  if (e->kind == EXPRESSION_CALL && e->call.callee.function == f) ((function *)f)->is_called = true;
  if (e->kind == EXPRESSION_VARIABLE && e->variable.function == f) ((function *)f)->is_called = true;
}

static void warn_about_functions(pedantic *p) {
  for (function *f = p->program->functions; f; f = f->next) {
    if (!f->body || f->location.file != p->program->file) continue; /* an included file is for other programs too */
    f->is_called = false;
    walk_program(p->program, &(ast_visitor){.expression = note_call, .context = f});
    if (!f->is_called) message_warning(p->messages, f->location, "the function `%s` is never called", f->name);
  }
}

/* ---- read before ---- */

/* array[0] real x_r; */
static bool has_no_elements(const sized_type *declared) {
  double size;
  for (int i = 0; i < declared->array_sizes.count; i++)
    if (literal_value(declared->array_sizes.items[i], &size) && size == 0) return true;
  for (int i = 0; i < declared->sizes.count; i++)
    if (literal_value(declared->sizes.items[i], &size) && size == 0) return true;
  return false;
}

/* Data, parameters and what a function or a loop gives have a value from the beginning. */
static bool begins_without(const statement *declaration) {
  const variable *v = declaration->declaration.variable;
  bool is_given = v->is_global && (v->block == BLOCK_DATA || v->block == BLOCK_PARAMETERS);
  return !is_given && !declaration->declaration.value && !has_no_elements(v->declared);
}

static void tell_unassigned(const expression *e, void *context) {
  const pedantic *p = context;
  if (e->kind != EXPRESSION_VARIABLE) return;
  const variable *v = e->variable.variable;
  if (!v || !v->declared || v->marks & (ASSIGNED | TOLD)) return;
  mark(v, TOLD);
  message *m = message_warning(p->messages, e->location, "`%s` has no value here yet", v->name);
  message_hint(p->messages, m,
               "it is declared in line %d without one; what is never assigned is NaN, or a large negative int",
               v->location.line);
}

static void note_assigned(const statement *s, void *context) {
  (void)context;
  const variable *v = NULL;
  if (s->kind == STATEMENT_ASSIGNMENT && !s->assignment.is_compound) v = base_variable(s->assignment.target);
  if (v) mark(v, ASSIGNED);
  if (s->kind != STATEMENT_UNPACK) return;
  for (int i = 0; i < s->unpack.targets->items.count; i++) {
    const variable *place = base_variable(s->unpack.targets->items.items[i]);
    if (place) mark(place, ASSIGNED);
  }
}

static void follow(pedantic *p, const statement *list);

static void follow_one(pedantic *p, const statement *s) {
  ast_visitor reads = {.expression = tell_unassigned, .context = p}, assigns = {.statement = note_assigned};
  switch (s->kind) {
  case STATEMENT_DECLARATION:
    walk_expression(s->declaration.value, &reads);
    if (!begins_without(s)) mark(s->declaration.variable, ASSIGNED);
    break;
  case STATEMENT_ASSIGNMENT:
    walk_expression(s->assignment.value, &reads);
    if (s->assignment.is_compound) walk_expression(s->assignment.target, &reads);
    note_assigned(s, NULL);
    break;
  case STATEMENT_UNPACK:
    walk_expression(s->unpack.value, &reads);
    note_assigned(s, NULL);
    break;
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH:
    walk_expression(s->loop.first, &reads);
    walk_expression(s->loop.last, &reads);
    walk_statements(s->loop.body, &assigns);
    follow(p, s->loop.body);
    break;
  case STATEMENT_WHILE:
  case STATEMENT_IF:
    walk_expression(s->branch.condition, &reads);
    if (s->kind == STATEMENT_WHILE) walk_statements(s->branch.then_body, &assigns);
    follow(p, s->branch.then_body);
    follow(p, s->branch.else_body);
    break;
  case STATEMENT_BLOCK:
  case STATEMENT_PROFILE: follow(p, s->block.body); break;
  default: {
    statement alone = *s;
    alone.next = NULL;
    walk_statements(&alone, &reads);
  }
  }
}

static void follow(pedantic *p, const statement *list) {
  for (const statement *s = list; s; s = s->next) follow_one(p, s);
}

void warn_about_values(pedantic *p) {
  const program *program = p->program;
  walk_program(program, &(ast_visitor){.statement = clear_declared});
  for (const function *f = program->functions; f; f = f->next) note_all_reads(f->body);
  for (int block = BLOCK_DATA; block < BLOCK_COUNT; block++) note_all_reads(program->blocks[block]);
  walk_program(program, &(ast_visitor){.statement = tell_unused, .context = p});
  warn_about_functions(p);
  for (const function *f = program->functions; f; f = f->next) follow(p, f->body);
  for (int block = BLOCK_DATA; block < BLOCK_COUNT; block++) follow(p, program->blocks[block]);
}
