/* c_call.c: the program's functions that are called rather than inlined (ir_function), and their calls.
 *
 * Each becomes up to three C functions: `name` computes, `name_forward` computes and leaves on the arena's stack what
 * `name_adjoint` takes from there. All of them take the outputs, the inputs and the workspace; the adjoint takes behind each
 * buffer the buffer of its adjoints, NULL for none. A result, whose size only the function knows, is left right above the
 * arena's top. */
#include "codegen/c_writer.h"

static const char *c_type(ir_type type) { return type == IR_INT ? "long" : "double"; }

const char *c_called_name(c_writer *w, const ir_function *f, const char *sweep) {
  return arena_printf(w->arena, "sl_%s_%d%s", f->name, f->id, sweep);
}

/* ---- definitions ---- */

static const char *parameter(c_writer *w, const ir_buffer *buffer, bool is_const) {
  return arena_printf(w->arena, "%s%s *restrict %s, ", is_const ? "const " : "", c_type(buffer->type),
                      c_buffer(w, buffer));
}

static const char *adjoint_parameter(c_writer *w, const ir_buffer *adjoints, int number) {
  if (adjoints) return arena_printf(w->arena, "double *restrict %s, ", c_buffer(w, adjoints));
  return arena_printf(w->arena, "double *restrict sl_unused_%d, ", number);
}

/* The head of one of the three; named: for a definition. */
static const char *head(c_writer *w, const ir_function *f, const char *sweep, bool is_adjoint) {
  char *text = arena_printf(w->arena, "static sl_status %s(", c_called_name(w, f, sweep));
  for (int i = 0; i < f->output_count; i++) {
    bool is_result = f->outputs[i] == f->result;
    if (!is_result) text = arena_printf(w->arena, "%s%s", text, parameter(w, f->outputs[i], false));
    if (is_adjoint)
      text =
          arena_printf(w->arena, "%s%s", text,
                       is_result ? "double *restrict sl_given_adj, " : adjoint_parameter(w, f->output_adjoints[i], i));
  }
  for (int i = 0; i < f->input_count; i++) {
    text = arena_printf(w->arena, "%s%s", text, parameter(w, f->inputs[i], true));
    if (is_adjoint) text = arena_printf(w->arena, "%s%s", text, adjoint_parameter(w, f->input_adjoints[i], 10 + i));
  }
  return arena_printf(w->arena, "%ssl_rng *rng, sl_workspace *workspace)", text);
}

static bool result_is_active(const ir_function *f) { return f->result && f->output_adjoints[f->output_count - 1]; }

static void start(c_writer *w, const ir_function *f) {
  c_line(w, "(void)rng;");
  c_line(w,
         "if (sl_stack_is_full(workspace)) return sl_reject(workspace, %s, \"%s: it calls itself too deeply: only %%d "
         "MB of the "
         "stack are there for it\", SL_STACK_LIMIT >> 20);",
         c_place(w, f->location), f->name);
}

static void plain(c_writer *w, const ir_function *f) {
  c_start_function(w, C_CALLED, f->body);
  fprintf(w->out, "%s {\n", head(w, f, "", false));
  start(w, f);
  c_line(w, "char *const sl_base = workspace->top;");
  if (f->result) {
    c_line(w, "const %s *sl_result = NULL;", c_type(f->result->type));
    c_line(w, "long sl_count = 0;");
  }
  c_block(w, f->body);
  c_line(w, "workspace->top = sl_base;");
  if (f->result) c_line(w, "sl_leave_result(workspace, sl_result, sl_count);");
  c_line(w, "return SL_EVALUATED;");
  fputs("}\n\n", w->out);
}

static void forward(c_writer *w, const ir_function *f) {
  c_start_function(w, C_CALLED, f->forward);
  fprintf(w->out, "%s {\n", head(w, f, "_forward", false));
  start(w, f);
  if (f->result) {
    c_line(w, "const %s *sl_result = NULL;", c_type(f->result->type));
    c_line(w, "long sl_count = 0;");
  }
  if (result_is_active(f)) c_line(w, "double *sl_result_adj = NULL;");
  c_block(w, f->forward);
  if (result_is_active(f)) {
    c_line(w, "sl_push_int(workspace, (long)sl_result_adj);");
    c_line(w, "sl_push_int(workspace, sl_count);");
  }
  if (f->result) c_line(w, "sl_leave_result(workspace, sl_result, sl_count);");
  c_line(w, "return SL_EVALUATED;");
  fputs("}\n\n", w->out);
}

static void reverse(c_writer *w, const ir_function *f) {
  c_start_function(w, C_CALLED, f->reverse);
  fprintf(w->out, "%s {\n", head(w, f, "_adjoint", true));
  c_line(w, "(void)rng;");
  if (result_is_active(f))
    c_line(w, "sl_take_result_adjoint(workspace, sl_given_adj);");
  else if (f->result)
    c_line(w, "(void)sl_given_adj;");
  c_block(w, f->reverse);
  c_line(w, "return SL_EVALUATED;");
  fputs("}\n\n", w->out);
}

void c_called_functions(c_writer *w) {
  const ir_program *program = w->program;
  for (int i = 0; i < program->functions.count; i++) {
    const ir_function *f = program->functions.items[i];
    c_start_function(w, C_CALLED, f->body);
    fprintf(w->out, "%s;\n", head(w, f, "", false));
    if (!f->forward) continue;
    fprintf(w->out, "%s;\n", head(w, f, "_forward", false));
    fprintf(w->out, "%s;\n", head(w, f, "_adjoint", true));
  }
  if (program->functions.count) fputc('\n', w->out);
  w->indent = 2;
  for (int i = 0; i < program->functions.count; i++) {
    const ir_function *f = program->functions.items[i];
    plain(w, f);
    if (f->forward) forward(w, f);
    if (f->forward) reverse(w, f);
  }
}

void c_return(c_writer *w, const ir_statement *s) {
  c_line(w, "sl_result = %s;", c_buffer(w, s->buffer));
  c_line(w, "sl_count = %s;", c_expression(w, s->buffer->size));
  if (s->call->output_adjoints[0]) c_line(w, "sl_result_adj = %s;", c_buffer(w, s->call->output_adjoints[0]));
}

/* ---- calls ---- */

void c_leave_after(c_writer *w, const char *call) {
  c_line(w, "{");
  c_line(w, "  const sl_status status = %s;", call);
  if (w->function == C_CONSTRUCT || w->function == C_UNCONSTRAIN) {
    c_line(w, "  if (status != SL_EVALUATED) {");
    c_line(w, "    sl_error_set(error, SL_BAD_DATA, \"%%s\", workspace->message);");
    c_line(w, w->function == C_CONSTRUCT ? "    goto failed;" : "    return false;");
    c_line(w, "  }");
  } else {
    c_line(w, "  if (status != SL_EVALUATED) return status;");
  }
  c_line(w, "}");
}

static const char *buffers(c_writer *w, const ir_statement *s) {
  const ir_buffer *result =
      s->kernel == IR_KERNEL_FUNCTION && s->function->result ? s->call->outputs[s->function->output_count - 1] : NULL;
  char *text = "";
  int outputs = ir_output_count(s), inputs = ir_input_count(s);
  for (int i = 0; i < outputs + inputs; i++) {
    bool is_output = i < outputs;
    int k = is_output ? i : i - outputs;
    const ir_buffer *buffer = is_output ? s->call->outputs[k] : s->call->inputs[k];
    const ir_buffer *adjoints = is_output ? s->call->output_adjoints[k] : s->call->input_adjoints[k];
    if (buffer != result) text = arena_printf(w->arena, "%s%s, ", text, c_buffer(w, buffer));
    if (s->is_adjoint) text = arena_printf(w->arena, "%s%s, ", text, adjoints ? c_buffer(w, adjoints) : "NULL");
  }
  return text;
}

/* A kernel that calls back: the callback, then buffers and sizes as for every kernel. */
static const char *callback_call(c_writer *w, const ir_statement *s, const char *sweep) {
  const ir_function *f = s->function;
  char *callbacks = arena_printf(w->arena, ".name = \"%s\", .place = %s, .value = %s", s->text, c_place(w, s->location),
                                 c_called_name(w, f, ""));
  if (f->forward)
    callbacks = arena_printf(w->arena, "%s, .forward = %s, .adjoint = %s", callbacks, c_called_name(w, f, "_forward"),
                             c_called_name(w, f, "_adjoint"));
  callbacks = arena_printf(w->arena, "%s, .state_is_active = %s, .theta_is_active = %s", callbacks,
                           s->call->inputs[0]->is_active || s->call->inputs[1]->is_active ? "true" : "false",
                           s->call->inputs[2]->is_active ? "true" : "false");
  char *dims = "";
  for (int i = 0; i < s->call->dim_count; i++)
    dims = arena_printf(w->arena, "%s%s, ", dims, c_expression(w, s->call->dims[i]));
  return arena_printf(w->arena, "sl_%s%s((sl_callbacks){%s}, %s%sworkspace)", ir_kernels[s->kernel].name, sweep,
                      callbacks, buffers(w, s), dims);
}

void c_call(c_writer *w, const ir_statement *s) {
  const char *sweep = s->is_forward ? "_forward" : s->is_adjoint ? "_adjoint" : "";
  bool has_rng =
      (w->function == C_CONSTRUCT && !w->is_prepare) || w->function == C_CONSTRAIN || w->function == C_CALLED;
  const char *call = s->kernel != IR_KERNEL_FUNCTION
                         ? callback_call(w, s, sweep)
                         : arena_printf(w->arena, "%s(%s%s, workspace)", c_called_name(w, s->function, sweep),
                                        buffers(w, s), has_rng ? "rng" : "NULL");
  if (s->is_adjoint)
    c_line(w, "%s;", call);
  else
    c_leave_after(w, call);
}
