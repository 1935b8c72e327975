/* print.c: the core IR as text, one statement a line (--emit=ir, --emit=PASS). Variables print as name.id, so that two
 * of the same name stay apart; docs/ir.md explains the notation. */
#include <math.h>
#include "ir/ir.h"

static void print_variable(const ir_variable *v, FILE *out) {
  if (v->storage != IR_LOCAL)
    fprintf(out, "@%s", v->name);
  else
    fprintf(out, "%s.%d", v->name ? v->name : "t", v->id);
}

static void print_operand(ir_operand x, FILE *out) {
  switch (x.kind) {
  case IR_NONE: fputs("none", out); break;
  case IR_CONSTANT_INT: fprintf(out, "%ld", x.int_value); break;
  case IR_CONSTANT_REAL:
    fprintf(out, x.real_value == floor(x.real_value) && fabs(x.real_value) < 1e15 ? "%.1f" : "%.17g", x.real_value);
    break;
  case IR_VARIABLE: print_variable(x.variable, out); break;
  }
}

static void print_buffer(const ir_buffer *buffer, FILE *out) {
  if (!buffer)
    fputs("-", out);
  else if (buffer->storage != IR_LOCAL)
    fprintf(out, "@%s", buffer->name);
  else
    fprintf(out, "%s.%d", buffer->name ? buffer->name : "b", buffer->id);
}

static void print_element(const ir_statement *s, FILE *out) {
  print_buffer(s->buffer, out);
  fputc('[', out);
  print_operand(s->index, out);
  fputc(']', out);
}

static void print_list(const ir_operand *operands, int count, FILE *out) {
  for (int i = 0; i < count; i++) {
    if (i) fputs(", ", out);
    print_operand(operands[i], out);
  }
}

static void print_text(const char *text, FILE *out) {
  fputc('"', out);
  for (; text && *text; text++) {
    if (*text == '\n')
      fputs("\\n", out);
    else {
      if (*text == '"' || *text == '\\') fputc('\\', out);
      fputc(*text, out);
    }
  }
  fputc('"', out);
}

static void print_shape(const ir_statement *s, FILE *out) {
  fputs(" [", out);
  print_list(s->call->dims, s->call->dim_count, out);
  fputs(s->is_matrix ? "] matrix" : "]", out);
}

static void print_kernel(const ir_statement *s, FILE *out) {
  int outputs = ir_output_count(s), inputs = ir_input_count(s);
  for (int i = 0; i < outputs; i++) {
    if (i) fputs(", ", out);
    print_buffer(s->call->outputs[i], out);
    if (s->is_adjoint) fputs(" ~ ", out), print_buffer(s->call->output_adjoints[i], out);
  }
  bool is_call = s->kernel == IR_KERNEL_FUNCTION;
  fprintf(out, " %s %s%s(", s->is_adjoint ? "->" : "=", is_call ? s->function->name : ir_kernels[s->kernel].name,
          s->is_adjoint   ? "_adjoint"
          : s->is_forward ? "_forward"
                          : "");
  if (s->function && !is_call) fprintf(out, "%s, ", s->function->name);
  for (int i = 0; i < inputs; i++) {
    if (i) fputs(", ", out);
    print_buffer(s->call->inputs[i], out);
    if (s->is_adjoint) fputs(" ~ ", out), print_buffer(s->call->input_adjoints[i], out);
  }
  if (!is_call) fputs("; ", out);
  print_list(s->call->dims, s->call->dim_count, out);
  fputc(')', out);
}

static void print_items(const ir_statement *s, FILE *out) {
  for (int i = 0; i < s->item_count; i++) {
    fputs(i ? ", " : " ", out);
    const ir_item *item = &s->items[i];
    if (item->text)
      print_text(item->text, out);
    else if (item->buffer)
      print_buffer(item->buffer, out);
    else
      print_operand(item->value, out);
  }
}

static void print_statement(const ir_statement *s, int indent, FILE *out) {
  fprintf(out, "%*s", indent, "");
  switch (s->kind) {
  case IR_LET:
    print_variable(s->variable, out);
    fprintf(out, " = %s(", ir_ops[s->op].name);
    print_list(s->arguments, s->argument_count, out);
    fputc(')', out);
    break;
  case IR_LOAD:
    print_variable(s->variable, out);
    fputs(" = ", out);
    print_element(s, out);
    break;
  case IR_DECLARE:
    fputs("var ", out);
    print_variable(s->variable, out);
    if (s->value.kind != IR_NONE) fputs(" = ", out), print_operand(s->value, out);
    break;
  case IR_SET:
  case IR_ADD:
    print_variable(s->variable, out);
    fputs(s->kind == IR_SET ? " := " : s->is_product ? " *+= " : " += ", out);
    print_operand(s->value, out);
    break;
  case IR_ALLOC:
    fprintf(out, "alloc %s ", s->buffer->type == IR_INT ? "int" : "real");
    print_buffer(s->buffer, out);
    fputc('[', out);
    print_operand(s->buffer->size, out);
    fputs(s->is_filled ? "] filled" : "]", out);
    if (s->buffer->is_written_once) fputs(" once", out);
    if (s->is_result) fputs(" result", out);
    break;
  case IR_ZERO:
    fputs("zero ", out);
    print_buffer(s->buffer, out);
    break;
  case IR_STORE:
  case IR_ACCUMULATE:
    print_element(s, out);
    fputs(s->kind == IR_STORE ? " = " : " += ", out);
    print_operand(s->value, out);
    break;
  case IR_TARGET:
    fputs("target += ", out);
    print_operand(s->value, out);
    if (s->is_droppable) fputs(" droppable", out);
    if (s->is_jacobian) fputs(" jacobian", out);
    break;
  case IR_FOR:
    fputs(s->is_threaded ? "threads for " : s->is_parallel ? "parallel for " : "for ", out);
    print_variable(s->variable, out);
    fputs(" in ", out);
    print_operand(s->first, out);
    fputs(" .. ", out);
    print_operand(s->last, out);
    if (s->value.kind != IR_NONE) fputs(", about ", out), print_operand(s->value, out);
    fputc('\n', out);
    ir_print_block(s->body, indent + 2, out);
    return;
  case IR_WHILE:
    fputs("while\n", out);
    ir_print_block(s->test, indent + 4, out);
    fprintf(out, "%*sholds ", indent + 2, "");
    print_operand(s->value, out);
    fputc('\n', out);
    ir_print_block(s->body, indent + 2, out);
    return;
  case IR_IF:
    fputs("if ", out);
    print_operand(s->value, out);
    fputc('\n', out);
    ir_print_block(s->body, indent + 2, out);
    if (s->other && s->other->count) {
      fprintf(out, "%*selse\n", indent, "");
      ir_print_block(s->other, indent + 2, out);
    }
    return;
  case IR_SCOPE:
    fprintf(out, "scope %d\n", s->label);
    ir_print_block(s->body, indent + 2, out);
    return;
  case IR_EXIT: fprintf(out, "exit %d", s->label); break;
  case IR_KERNEL_CALL: print_kernel(s, out); break;
  case IR_CHECK:
    fputs("check ", out);
    print_operand(s->value, out);
    fputc(' ', out);
    print_text(s->text, out);
    for (int i = 0; i < s->argument_count; i++) fputs(", ", out), print_operand(s->arguments[i], out);
    break;
  case IR_REJECT:
    fputs(s->is_fatal ? "fatal_error" : "reject", out);
    print_items(s, out);
    break;
  case IR_PRINT:
    fputs("print", out);
    print_items(s, out);
    break;
  case IR_PROFILE:
    fprintf(out, "profile %s%s ",
            s->is_adjoint   ? "reverse "
            : s->is_forward ? "forward "
                            : "",
            s->is_stop ? "stop" : "start");
    print_text(s->text, out);
    break;
  case IR_READ:
    fputs("read ", out);
    s->buffer ? print_buffer(s->buffer, out) : print_variable(s->variable, out);
    print_shape(s, out);
    break;
  case IR_PRESENT:
    print_variable(s->variable, out);
    fprintf(out, " = present %s", s->text);
    break;
  case IR_WRITE:
    fputs("write ", out);
    s->buffer ? print_buffer(s->buffer, out) : print_operand(s->value, out);
    print_shape(s, out);
    break;
  case IR_PUSH:
    fputs("push ", out);
    if (s->value.kind == IR_NONE) {
      fputs("place of ", out);
      print_buffer(s->buffer, out);
    } else {
      print_operand(s->value, out);
    }
    break;
  case IR_POP:
    if (s->buffer) {
      fputs("place of ", out);
      print_buffer(s->buffer, out);
    } else {
      print_variable(s->variable, out);
    }
    fputs(" = pop", out);
    break;
  case IR_POP_ELEMENT:
    print_element(s, out);
    fputs(" = pop", out);
    break;
  case IR_RETURN:
    fputs("return ", out);
    print_buffer(s->buffer, out);
    break;
  case IR_RELEASE:
    fputs("release ", out);
    print_buffer(s->buffer, out);
    break;
  }
  fputc('\n', out);
}

void ir_print_block(const ir_block *block, int indent, FILE *out) {
  for (int i = 0; i < block->count; i++) print_statement(block->items[i], indent, out);
}

static void print_function(const ir_function *f, const char *suffix, const ir_block *body, FILE *out) {
  if (!body) return;
  fprintf(out, "\nfunction %s%s(", f->name, suffix);
  for (int i = 0; i < f->input_count; i++) {
    if (i) fputs(", ", out);
    print_buffer(f->inputs[i], out);
  }
  fputs(f->output_count ? " -> " : "", out);
  for (int i = 0; i < f->output_count; i++) {
    if (i) fputs(", ", out);
    print_buffer(f->outputs[i], out);
  }
  fputs(")\n", out);
  ir_print_block(body, 2, out);
}

void ir_print(const ir_program *program, FILE *out) {
  const struct {
    const char *name;
    const ir_block *block;
  } functions[] = {{"construct", program->construct},     {"prepare", program->prepare},
                   {"log_density", program->log_density}, {"gradient", program->gradient_body},
                   {"constrain", program->constrain},     {"unconstrain", program->unconstrain}};
  fprintf(out, "model %s\n", program->name);
  for (int i = 0; i < program->fields.count; i++) {
    const ir_variable *field = program->fields.items[i];
    fprintf(out, "  field %s ", field->type == IR_INT ? "int" : "real");
    print_variable(field, out);
    fputc('\n', out);
  }
  for (int i = 0; i < program->field_buffers.count; i++) {
    const ir_buffer *field = program->field_buffers.items[i];
    fprintf(out, "  field %s ", field->type == IR_INT ? "int" : "real");
    print_buffer(field, out);
    fputc('[', out);
    print_operand(field->size, out);
    fputs("]\n", out);
  }
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    if (!functions[i].block) continue;
    fprintf(out, "\n%s\n", functions[i].name);
    ir_print_block(functions[i].block, 2, out);
  }
  for (int i = 0; i < program->functions.count; i++) {
    const ir_function *f = program->functions.items[i];
    print_function(f, "", f->body, out);
    print_function(f, "_forward", f->forward, out);
    print_function(f, "_adjoint", f->reverse, out);
  }
}
