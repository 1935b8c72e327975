/* lower.c: a typed program to the functions of a model: construct, log_density, constrain, unconstrain.
 *
 * The declared variables' sizes are worked out once, in construct, and kept in fields of the model; so is the place of each
 * parameter in the unconstrained vector. log_density and constrain then lower the program's blocks each for itself. */
#include "ir/lower.h"
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include "ir/lower_internal.h"

void refuse(lowering *l, location location, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  message_error(l->messages, location.file ? location : l->b->location, "%s",
                arena_vprintf(l->arena, format, arguments));
  va_end(arguments);
  longjmp(l->refused, 1);
}

/* ---- fields ---- */

static value *field_variable(lowering *l, const variable *variable, bool is_mutable) {
  ir_variable *field = ir_variable_create(l->out, variable->name, ir_type_of(variable->type), IR_MODEL, is_mutable);
  if (is_mutable) mark_assignable(l, field);
  return value_scalar(l, variable->type, ir_use(field));
}

static bool same_operation(const ir_statement *a, const ir_statement *b) {
  if (!a || !b || a->kind != IR_LET || b->kind != IR_LET || a->op != b->op) return false;
  for (int i = 0; i < a->argument_count; i++)
    if (!ir_same(a->arguments[i], b->arguments[i])) return false;
  return true;
}

ir_operand as_field(lowering *l, const char *name, ir_operand x) {
  if (x.kind != IR_VARIABLE || (x.variable->storage == IR_MODEL && !x.variable->is_mutable)) return x;
  /* The field's note is the operation that it holds: K - 1 written twice is one size, known to be equal. */
  const ir_statement *definition = x.variable->is_mutable ? NULL : x.variable->note;
  for (int i = 0; i < l->out->fields.count; i++) {
    ir_variable *field = l->out->fields.items[i];
    if (!field->is_mutable && field->note && same_operation(field->note, definition)) return ir_use(field);
  }
  ir_variable *field = ir_variable_create(l->out, name, IR_INT, IR_MODEL, false);
  ir_set(l->b, field, x);
  field->note = (void *)definition;
  return ir_use(field);
}

static value *field_buffer(lowering *l, const variable *variable, const ir_operand *dims) {
  int count = type_total_dimensions(variable->type);
  ir_operand size = count == 1 ? dims[0] : product_of(l, dims, count);
  size = as_field(l, arena_printf(l->arena, "%s_length", variable->name), size);
  ir_buffer *buffer = ir_buffer_create(l->out, variable->name, ir_type_of(variable->type), IR_MODEL, size);
  ir_append(l->b, IR_ALLOC)->buffer = buffer;
  return value_view(l, variable->type, buffer, ir_int(0), dims);
}

/* ---- declarations ---- */

/* "a.#:2.#": the names of a part's columns as CmdStan has them. */
static const char *column_text(arena *arena, const variable *v, int dim_count) {
  const variable *whole = v->whole;
  int outer = whole ? type_total_dimensions(whole->type) : 0;
  const char *text = v->name;
  if (whole) {
    const char *own = v->name + strlen(whole->name) + 1; /* "2" or "real" */
    text =
        arena_printf(arena, "%s%c%s", column_text(arena, whole, outer), type_is_complex(whole->type) ? '.' : ':', own);
  }
  for (int d = outer; d < dim_count; d++) text = arena_printf(arena, "%s.#", text);
  return text;
}

/* The type of what v is a part of, when v is the first one. */
static const char *whole_text(arena *arena, const variable *v) {
  for (; v->whole; v = v->whole)
    if (v->whole->parts[0] != v) return "";
  return declared_type_text(arena, v->declared);
}

static void declare(lowering *l, const global *g) {
  const variable *variable = g->variable;
  ir_declared declared = {.name = variable->name, .block = variable->block};
  declared.type_text = declared_type_text(l->arena, variable->declared);
  declared.is_int = ir_type_of(variable->type) == IR_INT;
  declared.is_matrix = type_has_matrix(variable->type);
  declared.dim_count = g->dim_count;
  memcpy(declared.dims, g->dims, sizeof g->dims);
  if (variable->whole) {
    declared.column = column_text(l->arena, variable, g->dim_count);
    declared.whole = whole_text(l->arena, variable);
  }
  arena_push(l->arena, &l->out->declared, declared);
}

/* Sizes as fields; not negative. */
static global *measure(lowering *l, variable *variable) {
  global g = {.variable = variable};
  l->b->location = variable->declared->location;
  g.dim_count = declared_dims(l, variable->declared, g.dims);
  for (int d = 0; d < g.dim_count; d++) {
    g.dims[d] = as_field(l, arena_printf(l->arena, "%s_size%d", variable->name, d + 1), g.dims[d]);
    check_size(l, g.dims[d], variable->name);
    arena_push(l->arena, &l->sizes_known, g.dims[d]);
  }
  if (g.dim_count > 1) check_count(l, g.dims, g.dim_count, variable->name);
  check_form_sizes(l, variable, g.dims);
  arena_push(l->arena, &l->globals, g);
  name_map_entry(l->global_places, variable->name)->value = (void *)(intptr_t)l->globals.count;
  return &l->globals.items[l->globals.count - 1];
}

value *read_value(lowering *l, const variable *variable, const ir_operand *dims, value *into) {
  if (!into && type_total_dimensions(variable->type) > 0)
    into = value_allocate(l, variable->name, variable->type, dims, false);
  ir_statement *read = ir_append(l->b, IR_READ);
  read->text = variable->name;
  read->items = arena_new(l->arena, ir_item);
  *read->items = (ir_item){.text = declaration_words(l, variable)};
  read->item_count = 1;
  if (type_total_dimensions(variable->type) == 0) {
    if (!into)
      into =
          value_scalar(l, variable->type,
                       ir_use(ir_variable_create(l->out, variable->name, ir_type_of(variable->type), IR_LOCAL, false)));
    read->variable = into->scalar.variable;
    return into;
  }
  read->buffer = into->buffer;
  memcpy(read->call->dims, into->dims, sizeof into->dims);
  read->call->dim_count = into->dim_count;
  read->is_matrix = type_has_matrix(variable->type);
  return into;
}

/* ---- construct ---- */

static void read_data(lowering *l, variable *variable) {
  if (type_has_parts(variable->type)) {
    for (int i = 0; i < type_part_count(variable->type); i++) read_data(l, part_variable(l->arena, variable, i));
    bind_parts(l, variable);
    return;
  }
  global *g = measure(l, variable);
  l->b->location = variable->location;
  value *v = g->dim_count == 0 ? field_variable(l, variable, false) : field_buffer(l, variable, g->dims);
  read_value(l, variable, g->dims, v);
  bind(l, variable, v);
  declare(l, g);
  check_constraints(l, variable, v);
}

/* Either a definition, or what is already worked out of one. */
static void define_field(lowering *l, variable *variable, const expression *definition, value *part) {
  if (type_has_parts(variable->type)) {
    value *whole = definition ? prepare(l, definition) : part;
    for (int i = 0; i < type_part_count(variable->type); i++)
      define_field(l, part_variable(l->arena, variable, i), NULL, whole ? whole->parts[i] : NULL);
    bind_parts(l, variable);
    return;
  }
  bool is_defined = definition || part;
  global *g = measure(l, variable);
  ir_operand dims[IR_MAX_DIMS];
  int dim_count = g->dim_count;
  memcpy(dims, g->dims, sizeof dims);
  l->b->location = variable->location;
  if (dim_count == 0) {
    value *v = field_variable(l, variable, variable->is_assigned || !is_defined);
    ir_operand x = definition ? lower_scalar(l, definition) : part ? part->scalar : ir_none();
    bool is_real = ir_type_of(variable->type) == IR_REAL;
    if (!is_defined) x = is_real ? ir_real(NAN) : ir_int(INT_MIN); /* as what is not yet assigned to elsewhere */
    ir_set(l->b, v->scalar.variable, is_real ? as_real(l, x) : x);
    bind(l, variable, v);
    return;
  }
  value *defined = definition ? prepare(l, definition) : part;
  value *v = field_buffer(l, variable, dims);
  if (defined) {
    check_same_shape(l, v, defined, arena_printf(l->arena, "%s and its definition", variable->name));
    v->buffer->is_written_once = !variable->is_assigned;
    value_copy(l, v, defined);
  } else {
    l->b->block->items[l->b->block->count - 1]->is_filled = true;
  }
  bind(l, variable, v);
}

static void define_transformed_data(lowering *l, variable *variable, const expression *definition) {
  define_field(l, variable, definition, NULL);
}

/* The statements of a block; its own declarations go to `define`. */
static void lower_block(lowering *l, block_kind block,
                        void (*define)(lowering *l, variable *variable, const expression *definition)) {
  l->block = block;
  for (const statement *s = l->program->blocks[block]; s; s = s->next) {
    l->b->location = s->location;
    if (s->kind == STATEMENT_DECLARATION) {
      lower_defined(l, s, define);
      continue;
    }
    statement one = *s;
    one.next = NULL;
    lower_statements(l, &one, false);
  }
}

static void check_variable(lowering *l, variable *variable) {
  for (int i = 0; i < type_part_count(variable->type); i++) check_variable(l, part_variable(l->arena, variable, i));
  l->b->location = variable->location;
  if (!type_has_parts(variable->type)) check_constraints(l, variable, variable->lowered);
}

static void check_block(lowering *l, block_kind block) {
  for (const statement *s = l->program->blocks[block]; s; s = s->next)
    if (s->kind == STATEMENT_DECLARATION) check_variable(l, s->declaration.variable);
}

/* Sizes, and for a parameter its place in the unconstrained vector: from *offset on, which moves behind it. */
static void measure_later(lowering *l, variable *variable, ir_operand *offset) {
  if (type_has_parts(variable->type)) {
    for (int i = 0; i < type_part_count(variable->type); i++)
      measure_later(l, part_variable(l->arena, variable, i), offset);
    if (variable->block == BLOCK_PARAMETERS && !variable->whole) *offset = lay_out_parts(l, variable, *offset);
    return;
  }
  global *g = measure(l, variable);
  declare(l, g);
  if (variable->block != BLOCK_PARAMETERS) return;
  measure_parameter(l, g);
  if (variable->whole) return;
  g->offset = as_field(l, arena_printf(l->arena, "%s_offset", variable->name), *offset);
  *offset = int_add(l, g->offset, g->size);
}

static void construct(lowering *l) {
  const program *program = l->program;
  l->block = BLOCK_DATA;
  for (const statement *s = program->blocks[BLOCK_DATA]; s; s = s->next)
    if (s->kind == STATEMENT_DECLARATION) read_data(l, s->declaration.variable);
  lower_block(l, BLOCK_TRANSFORMED_DATA, define_transformed_data);
  check_block(l, BLOCK_TRANSFORMED_DATA);
  ir_operand offset = ir_int(0);
  static const block_kind later[] = {BLOCK_PARAMETERS, BLOCK_TRANSFORMED_PARAMETERS, BLOCK_GENERATED_QUANTITIES};
  for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
    for (const statement *s = program->blocks[later[i]]; s; s = s->next)
      if (s->kind == STATEMENT_DECLARATION) measure_later(l, s->declaration.variable, &offset);
  }
  l->out->unconstrained_size = as_field(l, "unconstrained_size", offset);
  l->out->unconstrained->size = l->out->gradient->size = l->out->unconstrained_size;
}

/* ---- log_density and constrain ---- */

const global *global_of(const lowering *l, const variable *variable) {
  int place = (int)(intptr_t)name_map_get(l->global_places, variable->name);
  const global *found = place ? &l->globals.items[place - 1] : NULL;
  return found && found->variable == variable ? found : NULL; /* a function's argument may have the same name */
}

static void parameter_or_parts(lowering *l, variable *variable) {
  if (!type_has_parts(variable->type)) {
    lower_parameter(l, global_of(l, variable));
    return;
  }
  for (int i = 0; i < type_part_count(variable->type); i++) parameter_or_parts(l, part_variable(l->arena, variable, i));
  bind_parts(l, variable);
}

static void lower_parameters(lowering *l) {
  l->block = BLOCK_PARAMETERS;
  for (const statement *s = l->program->blocks[BLOCK_PARAMETERS]; s; s = s->next)
    if (s->kind == STATEMENT_DECLARATION) parameter_or_parts(l, s->declaration.variable);
}

/* A transformed parameter or generated quantity: like a local variable, but its sizes are fields. */
static void define_output(lowering *l, variable *variable, const expression *definition) {
  if (type_has_parts(variable->type)) {
    declare_parts(l, variable, definition ? prepare(l, definition) : NULL);
    return;
  }
  ir_operand dims[IR_MAX_DIMS];
  memcpy(dims, global_of(l, variable)->dims, sizeof dims);
  lower_declaration_of(l, variable, definition ? prepare(l, definition) : NULL, dims);
}

static void log_density(lowering *l) {
  l->counts_target = true;
  if (l->program->reads_target) l->target_part = ir_declare(l->b, "target", IR_REAL, ir_real(0));
  lower_parameters(l);
  lower_block(l, BLOCK_TRANSFORMED_PARAMETERS, define_output);
  check_block(l, BLOCK_TRANSFORMED_PARAMETERS);
  lower_block(l, BLOCK_MODEL, lower_declaration);
  if (l->target_part) ir_target(l->b, ir_use(l->target_part), false, false);
  l->target_part = NULL;
  l->counts_target = false;
}

static void write_value(lowering *l, const char *name, value *v);

/* The parts of each element beside each other, the elements with the first index fastest. */
static void write_elements(lowering *l, const char *name, value *v, int dims_left, ir_operand *indices) {
  if (dims_left > 0) {
    loops loops;
    indices[dims_left - 1] = loop_open(l, &loops, "i", v->dims[dims_left - 1], false);
    write_elements(l, name, v, dims_left - 1, indices);
    loops_close(l, &loops);
    return;
  }
  const type *element = type_is_complex(v->type) ? &type_complex : type_innermost(v->type);
  if (v->dim_count > 0) v = value_slice(l, v, element, indices, v->dim_count);
  for (int i = 0; i < v->part_count; i++) write_value(l, name, v->parts[i]);
}

static void write_value(lowering *l, const char *name, value *v) {
  ir_operand indices[IR_MAX_DIMS];
  if (v->parts) {
    write_elements(l, name, v, v->dim_count, indices);
    return;
  }
  if (v->dim_count > 0 && !value_is_whole(l, v)) v = value_materialise(l, v, name);
  ir_statement *write = ir_append(l->b, IR_WRITE);
  write->buffer = v->buffer;
  write->value = v->scalar;
  write->call->dim_count = v->dim_count;
  memcpy(write->call->dims, v->dims, sizeof v->dims);
  write->is_matrix = type_has_matrix(v->type);
}

static void write_block(lowering *l, block_kind block) {
  for (const statement *s = l->program->blocks[block]; s; s = s->next) {
    if (s->kind != STATEMENT_DECLARATION) continue;
    const variable *variable = s->declaration.variable;
    l->b->location = variable->location;
    write_value(l, variable->name, variable->lowered);
  }
}

static void constrain(lowering *l) {
  lower_parameters(l);
  write_block(l, BLOCK_PARAMETERS);
  ir_builder transformed, written, generated, none, *outer = l->b;
  bool has_transformed = l->program->has_block[BLOCK_TRANSFORMED_PARAMETERS];
  bool has_generated = l->program->has_block[BLOCK_GENERATED_QUANTITIES];
  if (!has_transformed && !has_generated) return;
  ir_operand with_transformed = ir_use(l->out->with_transformed), with_generated = ir_use(l->out->with_generated);
  if (has_transformed) {
    ir_if(l->b, ir_let2(l->b, IR_OP_OR, with_transformed, with_generated), &transformed, &none);
    l->b = &transformed;
    if (l->program->reads_target) { /* nobody asks for its value, but the block may read it */
      l->target_part = l->jacobian_part = ir_declare(l->b, "target", IR_REAL, ir_real(0));
      l->counts_target = true;
    }
    lower_block(l, BLOCK_TRANSFORMED_PARAMETERS, define_output);
    l->target_part = l->jacobian_part = NULL;
    l->counts_target = false;
    check_block(l, BLOCK_TRANSFORMED_PARAMETERS);
    ir_if(l->b, with_transformed, &written, &none);
    l->b = &written;
    write_block(l, BLOCK_TRANSFORMED_PARAMETERS);
    l->b = &transformed;
  }
  if (has_generated) {
    ir_if(l->b, with_generated, &generated, &none);
    l->b = &generated;
    lower_block(l, BLOCK_GENERATED_QUANTITIES, define_output);
    check_block(l, BLOCK_GENERATED_QUANTITIES);
    write_block(l, BLOCK_GENERATED_QUANTITIES);
  }
  l->b = outer;
}

/* ---- all of it ---- */

static void clear_notes(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->variable) s->variable->note = NULL;
    ir_block *nested[3];
    int count = ir_nested_blocks(s, nested);
    for (int j = 0; j < count; j++) clear_notes(nested[j]);
  }
}

static void clear_block(ir_program *program, ir_block **block, void *context) {
  (void)program, (void)context;
  clear_notes(*block);
}

static void promote_block(ir_program *program, ir_block **block, void *context) {
  (void)context;
  *block = lower_promote(program, *block);
  clear_notes(*block);
}

static const char *model_name(arena *arena, const char *path) {
  const char *name = strrchr(path, '/'), *end;
  name = name ? name + 1 : path;
  end = strrchr(name, '.');
  return arena_text(arena, name, end && end > name ? (size_t)(end - name) : strlen(name));
}

ir_program *lower_program(arena *arena, const program *program, const library *library, messages *messages) {
  const char *path = program->file ? program->file->path : "model";
  lowering *l = arena_new(arena, lowering);
  l->out = ir_program_create(arena, model_name(arena, path), path);
  l->arena = l->out->arena;
  l->program = program;
  l->library = library;
  l->messages = messages;
  l->global_places = name_map_create(l->arena);
  l->frame = arena_new(l->arena, frame);
  l->frame->may_drop = true;
  if (setjmp(l->refused)) return NULL;
  const struct {
    ir_block *block;
    void (*lower)(lowering *l);
  } functions[] = {{l->out->construct, construct},
                   {l->out->log_density, log_density},
                   {l->out->constrain, constrain},
                   {l->out->unconstrain, lower_unconstrain}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    ir_builder builder = {.program = l->out, .block = functions[i].block};
    l->b = &builder;
    functions[i].lower(l);
  }
  settle_called_functions(l);
  ir_each_function_block(l->out, clear_block, NULL);
  for (int i = 0; i < l->out->fields.count; i++) l->out->fields.items[i]->note = NULL;
  ir_each_function_block(l->out, promote_block, NULL);
  return l->out;
}
