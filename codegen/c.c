/* c.c: the frame of the generated C file: the model's fields, its tables, and the functions of runtime/model.h around the
 * blocks of the core IR. The gradient comes last and can be compiled apart from the rest: it takes gcc about as long. */
#include "codegen/c.h"
#include <stdlib.h>
#include <string.h>
#include "codegen/c_writer.h"
#include "ir/id_set.h"
#include "parser/ast.h"

static const char *c_type(ir_type type) { return type == IR_INT ? "long" : "double"; }

static void fields(c_writer *w) {
  const ir_program *program = w->program;
  fputs("/* Data, transformed data, and what is computed from them once. */\nstruct sl_model {\n", w->out);
  for (int i = 0; i < program->fields.count; i++)
    fprintf(w->out, "  %s %s;\n", c_type(program->fields.items[i]->type), w->fields[program->fields.items[i]->id]);
  for (int i = 0; i < program->field_buffers.count; i++)
    fprintf(w->out, "  %s *%s;\n", c_type(program->field_buffers.items[i]->type),
            w->fields[program->field_buffers.items[i]->id]);
  if (program->prepare) fputs("  sl_error sl_failure; /* why no draw can have generated quantities */\n", w->out);
  if (!program->prepare && !program->fields.count && !program->field_buffers.count) fputs("  char nothing;\n", w->out);
  fputs("};\n\n", w->out);
}

static const char *field_value(c_writer *w, ir_operand x) {
  if (x.kind == IR_VARIABLE) return arena_printf(w->arena, "model->%s", w->fields[x.variable->id]);
  return c_expression(w, x);
}

static void tables(c_writer *w, const char *compiler_version) {
  static const char *const blocks[] = {[BLOCK_DATA] = "SL_DATA",
                                       [BLOCK_PARAMETERS] = "SL_PARAMETERS",
                                       [BLOCK_TRANSFORMED_PARAMETERS] = "SL_TRANSFORMED_PARAMETERS",
                                       [BLOCK_GENERATED_QUANTITIES] = "SL_GENERATED_QUANTITIES"};
  const ir_program *program = w->program;
  fprintf(w->out, "const char sl_model_name[] = %s;\n", c_string(w->arena, program->name));
  fprintf(w->out, "const char sl_model_source[] = %s;\n", c_string(w->arena, program->path));
  fprintf(w->out, "const char sl_compiler_version[] = %s;\n\n", c_string(w->arena, compiler_version));
  fputs("const sl_variable sl_variables[] = {\n", w->out);
  for (int i = 0; i < program->declared.count; i++) {
    const ir_declared *d = &program->declared.items[i];
    fprintf(w->out, "    {%s, %s, %s, %d, %s, %s", c_string(w->arena, d->name), c_string(w->arena, d->type_text),
            blocks[d->block], d->dim_count, d->is_int ? "true" : "false", d->is_matrix ? "true" : "false");
    if (d->column) fprintf(w->out, ", %s, %s", c_string(w->arena, d->column), c_string(w->arena, d->whole));
    fputs("},\n", w->out);
  }
  if (!program->declared.count) fputs("    {\"\", \"\", SL_DATA, 0, false, false},\n", w->out);
  fprintf(w->out, "};\nconst int sl_variable_count = %d;\n\n", program->declared.count);

  fputs("void sl_variable_dims(const sl_model *model, int variable, long *dims) {\n  switch (variable) {\n", w->out);
  for (int i = 0; i < program->declared.count; i++) {
    const ir_declared *d = &program->declared.items[i];
    if (!d->dim_count) continue;
    fprintf(w->out, "  case %d:", i);
    for (int k = 0; k < d->dim_count; k++) fprintf(w->out, " dims[%d] = %s;", k, field_value(w, d->dims[k]));
    fputs(" break;\n", w->out);
  }
  fputs("  default: break;\n  }\n  (void)model, (void)dims;\n}\n\n", w->out);
  fprintf(w->out, "size_t sl_unconstrained_size(const sl_model *model) {\n  (void)model;\n  return (size_t)%s;\n}\n\n",
          field_value(w, program->unconstrained_size));
}

static void profiles(c_writer *w) {
  const ir_program *program = w->program;
  if (!program->profiles.count) return;
  fputs("static const sl_profile_names sl_profiles = {", w->out);
  fprintf(w->out, "%d, (const char *const[]){", program->profiles.count);
  for (int i = 0; i < program->profiles.count; i++)
    fprintf(w->out, "%s%s", i ? ", " : "", c_string(w->arena, program->profiles.items[i]));
  fputs("}};\n\n", w->out);
}

/* ---- the functions ---- */

typedef struct used_fields {
  c_writer *w;
  id_set seen;
} used_fields;

static void use_buffer(used_fields *u, const ir_buffer *buffer) {
  if (!buffer || buffer->storage != IR_MODEL || id_set_has(&u->seen, buffer->id)) return;
  id_set_add(&u->seen, buffer->id);
  c_line(u->w, "%s *restrict %s = model->%s;", buffer->type == IR_INT ? "const long" : "const double",
         c_buffer(u->w, buffer), u->w->fields[buffer->id]);
}

static void use_variable(ir_operand *x, void *context) {
  used_fields *u = context;
  if (x->kind != IR_VARIABLE || x->variable->storage != IR_MODEL || id_set_has(&u->seen, x->variable->id)) return;
  id_set_add(&u->seen, x->variable->id);
  c_line(u->w, "const %s %s = model->%s;", c_type(x->variable->type), c_variable(u->w, x->variable),
         u->w->fields[x->variable->id]);
}

static void use_block(used_fields *u, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_each_operand(s, use_variable, u);
    if (s->kind == IR_ZERO) use_variable(&s->buffer->size, u);
    use_buffer(u, s->buffer);
    for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++) use_buffer(u, s->call->inputs[j]);
    for (int j = 0; j < s->item_count; j++) {
      use_buffer(u, s->items[j].buffer);
      use_buffer(u, s->items[j].imaginary);
    }
    ir_block *nested[3];
    int count = ir_nested_blocks(s, nested);
    for (int j = 0; j < count; j++) use_block(u, nested[j]);
  }
}

void c_load_fields(c_writer *w, const ir_block *block) {
  used_fields u = {w, id_set_create(w->arena)};
  if (w->function != C_CONSTRUCT) use_block(&u, block);
}

/* The function in parts where it is too long for the C compiler (NULL: it is not); then as what calls them. */
static c_parts *start_function(c_writer *w, c_function function, const ir_block *block, const char *name,
                               const c_shape *shape) {
  static const ir_block nothing;
  w->function = function;
  c_parts *parts = c_write_parts(w, name, shape, block);
  c_start_function(w, function, parts ? &nothing : block);
  return parts;
}

/* From here on called functions may go so deep, and no deeper. */
static void c_enter(c_writer *w) {
  if (w->program->functions.count) c_line(w, "sl_start_stack(workspace);");
}

#define RETURN_STATUS "{ const sl_status status = %s_%d(%s, &sl_frame); if (status != SL_EVALUATED) return status; }"

/* What construct calls in the end. Its failure is kept for constrain. */
static void prepare(c_writer *w) {
  if (!w->program->prepare) return;
  static const c_shape shape = {.is_once = true,
                                .result = "bool",
                                .success = "true",
                                .parameters = "sl_model *model, sl_workspace *workspace, sl_error *error",
                                .arguments = "model, workspace, error",
                                .call = "if (!%s_%d(%s, &sl_frame)) goto failed;"};
  w->is_prepare = true;
  c_parts *parts = start_function(w, C_CONSTRUCT, w->program->prepare, "sl_prepare", &shape);
  fputs("SL_ONCE static void prepare(sl_model *model, sl_workspace *workspace, sl_error *error) {\n", w->out);
  w->indent = 2;
  c_line(w, "workspace->top = workspace->base;");
  c_enter(w);
  c_line(w, "{");
  w->indent = 4;
  c_body(w, parts, w->program->prepare);
  fputs("  }\nfailed: __attribute__((unused));\n}\n\n", w->out);
  w->is_prepare = false;
}

static void construct(c_writer *w) {
  const ir_program *program = w->program;
  static const c_shape shape = {
      .is_once = true,
      .result = "bool",
      .success = "true",
      .parameters = "sl_model *model, sl_workspace *workspace, const sl_values *data, sl_rng *rng, sl_error *error",
      .arguments = "model, workspace, data, rng, error",
      .call = "if (!%s_%d(%s, &sl_frame)) goto failed;"};
  c_parts *parts = start_function(w, C_CONSTRUCT, program->construct, "sl_construct", &shape);
  fputs("SL_ONCE sl_model *sl_model_construct(const sl_values *data, uint64_t seed, sl_error *error) {\n"
        "  sl_model *model = sl_field(1, sizeof *model, error);\n"
        "  sl_workspace *workspace = sl_workspace_create();\n"
        "  sl_rng generator, *rng = &generator;\n"
        "  sl_rng_seed(rng, seed, 0);\n"
        "  (void)data, (void)rng;\n"
        "  if (!model || !workspace) goto failed;\n"
        "  {\n",
        w->out);
  w->indent = 4;
  c_enter(w);
  c_body(w, parts, program->construct);
  w->indent = 2;
  fputs("  }\n", w->out);
  if (program->prepare) c_line(w, "prepare(model, workspace, &model->sl_failure);");
  fputs("  sl_workspace_destroy(workspace);\n"
        "  return model;\n\n"
        "failed:\n"
        "  sl_error_set(error, SL_DEFECT, \"out of memory\");\n"
        "  sl_workspace_destroy(workspace);\n"
        "  sl_model_destroy(model);\n"
        "  return NULL;\n"
        "}\n\n"
        "void sl_model_destroy(sl_model *model) {\n"
        "  if (!model) return;\n",
        w->out);
  for (int i = 0; i < program->field_buffers.count; i++)
    fprintf(w->out, "  free(model->%s);\n", w->fields[program->field_buffers.items[i]->id]);
  fputs("  free(model);\n}\n\n", w->out);
}

static void density(c_writer *w, c_function function, const ir_block *block) {
  bool gradient = function == C_GRADIENT;
  const c_shape shape = {
      .result = "sl_status",
      .success = "SL_EVALUATED",
      .parameters = gradient ? "const sl_model *model, sl_workspace *workspace, const double *restrict unconstrained, "
                               "const long jacobian, double *restrict gradient"
                             : "const sl_model *model, sl_workspace *workspace, const double *restrict unconstrained, "
                               "const long jacobian",
      .arguments = gradient ? "model, workspace, unconstrained, jacobian, gradient"
                            : "model, workspace, unconstrained, jacobian",
      .call = RETURN_STATUS,
      .running_type = "double",
      .running = "target"};
  c_parts *parts = start_function(w, function, block, gradient ? "sl_gradient" : "sl_density", &shape);
  char *text =
      NULL; /* chunks of loops are functions ahead of it; one that is written in parts runs its loops in one piece */
  size_t size;
  w->ahead = w->out;
  w->out = open_memstream(&text, &size);
  fprintf(w->out,
          "sl_status sl_log_density%s(const sl_model *model, sl_workspace *workspace,\n"
          "                         const double *restrict unconstrained, int flags, double *value%s) {\n",
          gradient ? "_gradient" : "", gradient ? ",\n                         double *restrict gradient" : "");
  w->indent = 2;
  if (!parts) c_load_fields(w, block);
  c_line(w, "const long jacobian = (flags & SL_JACOBIAN) != 0;");
  if (w->program->dropped) { /* data outside a support: -inf is no constant that may be left out */
    const char *dropped = w->fields[w->program->dropped->id];
    c_line(w, "double target = flags & SL_KEEP_CONSTANTS || model->%s == -INFINITY ? model->%s : 0;", dropped, dropped);
  } else {
    c_line(w, "double target = 0;");
  }
  c_line(w, "workspace->top = workspace->base;");
  c_enter(w);
  c_line(w, "(void)model, (void)unconstrained, (void)jacobian;");
  c_body(w, parts, block);
  c_line(w, "*value = target;");
  c_line(w, "return SL_EVALUATED;");
  fputs("}\n\n", w->out);
  fclose(w->out);
  w->out = w->ahead;
  w->ahead = NULL;
  fputs(text, w->out);
  free(text);
}

static void constrain(c_writer *w) {
  const ir_block *block = w->program->constrain;
  static const c_shape shape = {
      .is_once = true,
      .result = "sl_status",
      .success = "SL_EVALUATED",
      .parameters =
          "const sl_model *model, sl_workspace *workspace, const double *restrict unconstrained, sl_rng *rng, "
          "bool with_transformed, bool with_generated",
      .arguments = "model, workspace, unconstrained, rng, with_transformed, with_generated",
      .call = RETURN_STATUS,
      .running_type = "double *",
      .running = "out"};
  c_parts *parts = start_function(w, C_CONSTRAIN, block, "sl_constrain", &shape);
  fputs("sl_status sl_constrain(const sl_model *model, sl_workspace *workspace, const double *restrict "
        "unconstrained,\n"
        "                       sl_rng *rng, bool with_transformed, bool with_generated, double *restrict constrained) "
        "{\n",
        w->out);
  w->indent = 2;
  if (!parts) c_load_fields(w, block);
  c_line(w, "double *out = constrained;");
  c_line(w, "workspace->top = workspace->base;");
  c_enter(w);
  c_line(w, "sl_fill_real(constrained, (long)sl_constrained_size(model, with_transformed, with_generated));");
  c_line(w, "(void)rng, (void)unconstrained, (void)out;");
  c_body(w, parts, block);
  c_line(w, "return SL_EVALUATED;");
  fputs("}\n\n", w->out);
}

static void unconstrain(c_writer *w) {
  const ir_block *block = w->program->unconstrain;
  static const c_shape shape = {
      .is_once = true,
      .result = "bool",
      .success = "true",
      .parameters = "const sl_model *model, sl_workspace *workspace, const sl_values *inits, double *restrict "
                    "unconstrained, sl_error *error",
      .arguments = "model, workspace, inits, unconstrained, error",
      .call = "if (!%s_%d(%s, &sl_frame)) return false;"};
  c_parts *parts = start_function(w, C_UNCONSTRAIN, block, "sl_unconstrain", &shape);
  fputs("SL_ONCE bool sl_unconstrain(const sl_model *model, sl_workspace *workspace, const sl_values *inits,\n"
        "                    double *restrict unconstrained, sl_error *error) {\n",
        w->out);
  w->indent = 2;
  if (!parts) c_load_fields(w, block);
  c_line(w, "workspace->top = workspace->base;");
  c_enter(w);
  c_line(w, "(void)model, (void)inits, (void)unconstrained, (void)error;");
  c_body(w, parts, block);
  c_line(w, "return true;");
  fputs("}\n\n", w->out);
}

typedef struct kernel_search {
  int flag;
  bool found;
} kernel_search;

static void find_kernel(ir_program *program, ir_block **block, void *context) {
  kernel_search *search = context;
  for (int i = 0; i < (*block)->count && !search->found; i++) {
    const ir_statement *s = (*block)->items[i];
    if (s->kind == IR_KERNEL_CALL && (ir_kernels[s->kernel].flags & search->flag)) search->found = true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) find_kernel(program, &nested[j], context);
  }
}

static bool has_kernel(const ir_program *program, int flag) {
  kernel_search search = {.flag = flag};
  ir_each_function_block((ir_program *)program, find_kernel, &search);
  return search.found;
}

void codegen_c(const ir_program *program, const char *compiler_version, FILE *out) {
  arena *arena = program->arena;
  c_writer w = {.program = program, .arena = arena, .out = out, .size = program->next_id + 1};
  w.fields = arena_array(arena, const char *, w.size);
  w.entries = arena_array(arena, c_entry, w.size);
  w.reserved = name_map_create(arena);
  fprintf(out, "/* %s: made by %s from %s. */\n#include \"runtime/generated.h\"\n", program->name, compiler_version,
          program->path);
  if (has_kernel(program, IR_KERNEL_CALLBACK)) fputs("#include \"runtime/solvers.h\"\n", out);
  if (program->profiles.count) fputs("#include \"runtime/profile.h\"\n", out);
  fputc('\n', out);
  c_name_fields(&w);
  fields(&w);
  profiles(&w);
  c_called_functions(&w);
  fputs("/* The C compiler may take this file whole, or in two halves at once: one with SL_GRADIENT_APART defined, "
        "which leaves the\n"
        " * gradient out, and one with SL_GRADIENT_ALONE, which has nothing else. */\n"
        "#ifndef SL_GRADIENT_ALONE\n\n",
        out);
  tables(&w, compiler_version);
  prepare(&w);
  construct(&w);
  constrain(&w);
  unconstrain(&w);
  density(&w, C_LOG_DENSITY, program->log_density);
  fputs("#endif\n#ifndef SL_GRADIENT_APART\n\n", out);
  density(&w, C_GRADIENT, program->gradient_body);
  fputs("#endif\n", out);
}

int codegen_libraries(const ir_program *program) {
  return (has_kernel(program, IR_KERNEL_LAPACK) ? LIBRARY_LAPACK : 0) |
         (has_kernel(program, IR_KERNEL_CVODES) ? LIBRARY_CVODES : 0);
}
