/* print.c: see print.h. Parentheses are nodes of the tree, so text comes out as it was written but for white space. */
#include "parser/print.h"
#include <stdlib.h>
#include <string.h>

static void print_list(FILE *out, const expressions *list) {
  for (int i = 0; i < list->count; i++) {
    if (i) fputs(", ", out);
    print_expression(out, list->items[i]);
  }
}

static void print_index(FILE *out, const index_item *index) {
  if (index->first) print_expression(out, index->first);
  if (index->kind == INDEX_RANGE || index->kind == INDEX_ALL) fputc(':', out);
  if (index->last) print_expression(out, index->last);
}

static void print_call(FILE *out, const expression *call) {
  fprintf(out, "%s(", call->call.name);
  for (int i = 0; i < call->call.arguments.count; i++) {
    if (i) fputs(i == 1 && call->call.has_bar ? " | " : ", ", out);
    print_expression(out, call->call.arguments.items[i]);
  }
  if (call->call.has_bar && call->call.arguments.count == 1) fputs(" | ", out);
  fputc(')', out);
}

static void print_indexed(FILE *out, const expression *indexed) {
  print_expression(out, indexed->index.base);
  fputc('[', out);
  for (int i = 0; i < indexed->index.indices.count; i++) {
    if (i) fputs(", ", out);
    print_index(out, &indexed->index.indices.items[i]);
  }
  fputc(']', out);
}

static void print_items(FILE *out, const char *brackets, const expressions *items, bool is_tuple) {
  fputc(brackets[0], out);
  print_list(out, items);
  if (is_tuple && items->count == 1) fputc(',', out);
  fputc(brackets[1], out);
}

void print_expression(FILE *out, const expression *printed) {
  switch (printed->kind) {
  case EXPRESSION_INT: fprintf(out, "%ld", printed->int_value); break;
  case EXPRESSION_REAL:
  case EXPRESSION_IMAGINARY:
    if (printed->real.text)
      fputs(printed->real.text, out);
    else
      fprintf(out, "%.17g%s", printed->real.value, printed->kind == EXPRESSION_IMAGINARY ? "i" : "");
    break;
  case EXPRESSION_STRING: fprintf(out, "\"%s\"", printed->string); break;
  case EXPRESSION_VARIABLE: fputs(printed->variable.name, out); break;
  case EXPRESSION_UNARY:
    if (printed->operation.op != OP_TRANSPOSE) fputs(operator_text(printed->operation.op), out);
    print_expression(out, printed->operation.left);
    if (printed->operation.op == OP_TRANSPOSE) fputs(operator_text(printed->operation.op), out);
    break;
  case EXPRESSION_BINARY:
    print_expression(out, printed->operation.left);
    fprintf(out, " %s ", operator_text(printed->operation.op));
    print_expression(out, printed->operation.right);
    break;
  case EXPRESSION_TERNARY:
    print_expression(out, printed->ternary.condition);
    fputs(" ? ", out);
    print_expression(out, printed->ternary.then_value);
    fputs(" : ", out);
    print_expression(out, printed->ternary.else_value);
    break;
  case EXPRESSION_CALL: print_call(out, printed); break;
  case EXPRESSION_INDEX: print_indexed(out, printed); break;
  case EXPRESSION_ARRAY: print_items(out, "{}", &printed->items, false); break;
  case EXPRESSION_ROW_VECTOR: print_items(out, "[]", &printed->items, false); break;
  case EXPRESSION_TUPLE: print_items(out, "()", &printed->items, true); break;
  case EXPRESSION_MEMBER:
    print_expression(out, printed->member.base);
    fprintf(out, ".%d", printed->member.number);
    break;
  case EXPRESSION_PARENTHESES:
    fputc('(', out);
    print_expression(out, printed->inner);
    fputc(')', out);
    break;
  case EXPRESSION_PROMOTION: print_expression(out, printed->inner); break;
  }
}

const char *expression_text(arena *arena, const expression *printed, int limit) {
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) return "...";
  print_expression(out, printed);
  fclose(out);
  const char *copy = (int)length <= limit ? arena_text(arena, text, length)
                                          : arena_printf(arena, "%.*s...", limit > 3 ? limit - 3 : 0, text);
  free(text);
  return copy;
}

static void print_constraint(FILE *out, const char *word, const expression *value, int *printed) {
  if (!value) return;
  fprintf(out, "%s%s=", (*printed)++ ? ", " : "<", word);
  print_expression(out, value);
}

void print_declaration(FILE *out, const sized_type *written, const char *name) {
  if (written->array_sizes.count > 0) {
    fputs("array", out);
    print_items(out, "[]", &written->array_sizes, false);
    fputc(' ', out);
  }
  fputs(type_form_name(written->form), out);
  if (written->form == FORM_TUPLE) {
    fputc('(', out);
    for (int i = 0; i < written->member_count; i++) {
      if (i) fputs(", ", out);
      print_declaration(out, written->members[i], NULL);
    }
    fputs(written->member_count == 1 ? ",)" : ")", out);
  }
  int printed = 0;
  print_constraint(out, "lower", written->lower, &printed);
  print_constraint(out, "upper", written->upper, &printed);
  print_constraint(out, "offset", written->offset, &printed);
  print_constraint(out, "multiplier", written->multiplier, &printed);
  if (printed) fputc('>', out);
  if (written->sizes.count > 0) print_items(out, "[]", &written->sizes, false);
  if (name) fprintf(out, " %s", name);
}
