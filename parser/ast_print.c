/* ast_print.c: the tree, one node a line, children indented below: --emit=ast and --emit=typed. */
#include <stdarg.h>
#include "parser/print.h"

typedef struct tree_printer {
  FILE *out;
  arena *arena; /* for the names of types */
  bool with_types;
} tree_printer;

static void print_statements(tree_printer *printer, int depth, const statement *list);

__attribute__((format(printf, 3, 4))) static void line(tree_printer *printer, int depth, const char *format, ...) {
  fprintf(printer->out, "%*s", 2 * depth, "");
  va_list arguments;
  va_start(arguments, format);
  vfprintf(printer->out, format, arguments);
  va_end(arguments);
  fputc('\n', printer->out);
}

/* ---- expressions ---- */

static void print_children(tree_printer *printer, int depth, const expressions *list);

/* "name : type" after checking, "name" before. `+` marks what depends on parameters. */
static void node(tree_printer *printer, int depth, const expression *node, const char *kind, const char *detail) {
  fprintf(printer->out, "%*s%s%s%s", 2 * depth, "", kind, *detail ? " " : "", detail);
  if (printer->with_types && node->type)
    fprintf(printer->out, " : %s%s", type_name(printer->arena, node->type), node->depends_on_parameters ? " +" : "");
  fputc('\n', printer->out);
}

static void print_tree(tree_printer *printer, int depth, const expression *tree);

/* A child with a heading of its own, when there is one. */
static void print_named(tree_printer *printer, int depth, const char *name, const expression *tree) {
  if (!tree) return;
  line(printer, depth, "%s", name);
  print_tree(printer, depth + 1, tree);
}

static void print_indices(tree_printer *printer, int depth, const indices *indices) {
  for (int i = 0; i < indices->count; i++) {
    const index_item *index = &indices->items[i];
    switch (index->kind) {
    case INDEX_ALL: line(printer, depth, "all"); break;
    case INDEX_SINGLE: print_named(printer, depth, "at", index->first); break;
    case INDEX_MULTIPLE: print_named(printer, depth, "at each", index->first); break;
    case INDEX_RANGE:
      line(printer, depth, "range");
      print_named(printer, depth + 1, "first", index->first);
      print_named(printer, depth + 1, "last", index->last);
      break;
    }
  }
}

static void print_tree(tree_printer *printer, int depth, const expression *tree) {
  switch (tree->kind) {
  case EXPRESSION_INT: node(printer, depth, tree, "int", expression_text(printer->arena, tree, 100)); break;
  case EXPRESSION_REAL: node(printer, depth, tree, "real", expression_text(printer->arena, tree, 100)); break;
  case EXPRESSION_IMAGINARY: node(printer, depth, tree, "imaginary", expression_text(printer->arena, tree, 100)); break;
  case EXPRESSION_STRING: line(printer, depth, "string \"%s\"", tree->string); break;
  case EXPRESSION_VARIABLE: node(printer, depth, tree, "variable", tree->variable.name); break;
  case EXPRESSION_UNARY:
    node(printer, depth, tree, tree->operation.op == OP_TRANSPOSE ? "postfix" : "prefix",
         operator_text(tree->operation.op));
    print_tree(printer, depth + 1, tree->operation.left);
    break;
  case EXPRESSION_BINARY:
    node(printer, depth, tree, "binary", operator_text(tree->operation.op));
    print_tree(printer, depth + 1, tree->operation.left);
    print_tree(printer, depth + 1, tree->operation.right);
    break;
  case EXPRESSION_TERNARY:
    node(printer, depth, tree, "ternary", "");
    print_tree(printer, depth + 1, tree->ternary.condition);
    print_tree(printer, depth + 1, tree->ternary.then_value);
    print_tree(printer, depth + 1, tree->ternary.else_value);
    break;
  case EXPRESSION_CALL:
    node(printer, depth, tree, tree->call.has_bar ? "density" : "call", tree->call.name);
    print_children(printer, depth + 1, &tree->call.arguments);
    break;
  case EXPRESSION_INDEX:
    node(printer, depth, tree, "index", "");
    print_tree(printer, depth + 1, tree->index.base);
    print_indices(printer, depth + 1, &tree->index.indices);
    break;
  case EXPRESSION_ARRAY:
    node(printer, depth, tree, "array", "");
    print_children(printer, depth + 1, &tree->items);
    break;
  case EXPRESSION_ROW_VECTOR:
    node(printer, depth, tree, "row_vector", "");
    print_children(printer, depth + 1, &tree->items);
    break;
  case EXPRESSION_TUPLE:
    node(printer, depth, tree, "tuple", "");
    print_children(printer, depth + 1, &tree->items);
    break;
  case EXPRESSION_MEMBER:
    node(printer, depth, tree, "member", arena_printf(printer->arena, "%d", tree->member.number));
    print_tree(printer, depth + 1, tree->member.base);
    break;
  case EXPRESSION_PARENTHESES:
    node(printer, depth, tree, "parentheses", "");
    print_tree(printer, depth + 1, tree->inner);
    break;
  case EXPRESSION_PROMOTION:
    node(printer, depth, tree, "promotion", "");
    print_tree(printer, depth + 1, tree->inner);
    break;
  }
}

static void print_children(tree_printer *printer, int depth, const expressions *list) {
  for (int i = 0; i < list->count; i++) print_tree(printer, depth, list->items[i]);
}

/* ---- declarations ---- */

static void print_declared(tree_printer *printer, int depth, const statement *printed) {
  const variable *variable = printed->declaration.variable;
  fprintf(printer->out, "%*sdeclaration ", 2 * depth, "");
  print_declaration(printer->out, variable->declared, variable->name);
  if (printer->with_types && variable->type)
    fprintf(printer->out, " : %s%s", type_name(printer->arena, variable->type),
            variable->depends_on_parameters ? " +" : "");
  fputc('\n', printer->out);
  if (printed->declaration.value) print_tree(printer, depth + 1, printed->declaration.value);
}

/* ---- statements ---- */

static void print_branch(tree_printer *printer, int depth, const char *name, const statement *body) {
  if (!body) return;
  line(printer, depth, "%s", name);
  print_statements(printer, depth + 1, body);
}

static void print_tilde(tree_printer *printer, int depth, const statement *tilde) {
  line(printer, depth, "tilde %s", tilde->tilde.call->call.name);
  print_tree(printer, depth + 1, tilde->tilde.left);
  print_children(printer, depth + 1, &tilde->tilde.call->call.arguments);
  if (!tilde->tilde.is_truncated) return;
  line(printer, depth + 1, "truncated");
  print_named(printer, depth + 2, "lower", tilde->tilde.lower);
  print_named(printer, depth + 2, "upper", tilde->tilde.upper);
}

static void print_loop(tree_printer *printer, int depth, const statement *loop) {
  line(printer, depth, "%s %s", loop->kind == STATEMENT_FOR ? "for" : "for each", loop->loop.variable->name);
  print_tree(printer, depth + 1, loop->loop.first);
  if (loop->loop.last) print_tree(printer, depth + 1, loop->loop.last);
  print_statements(printer, depth + 1, loop->loop.body);
}

static void print_with_items(tree_printer *printer, int depth, const char *name, const expressions *items) {
  line(printer, depth, "%s", name);
  print_children(printer, depth + 1, items);
}

static void print_with_value(tree_printer *printer, int depth, const char *name, const expression *value) {
  line(printer, depth, "%s", name);
  if (value) print_tree(printer, depth + 1, value);
}

static void print_statement(tree_printer *printer, int depth, const statement *printed) {
  switch (printed->kind) {
  case STATEMENT_DECLARATION: print_declared(printer, depth, printed); break;
  case STATEMENT_ASSIGNMENT:
    line(printer, depth, "assign%s%s", printed->assignment.is_compound ? " " : "",
         printed->assignment.is_compound ? operator_text(printed->assignment.op) : "");
    print_tree(printer, depth + 1, printed->assignment.target);
    print_tree(printer, depth + 1, printed->assignment.value);
    break;
  case STATEMENT_UNPACK:
    line(printer, depth, "unpack");
    print_tree(printer, depth + 1, printed->unpack.targets);
    print_tree(printer, depth + 1, printed->unpack.value);
    break;
  case STATEMENT_TILDE: print_tilde(printer, depth, printed); break;
  case STATEMENT_TARGET: print_with_value(printer, depth, "target", printed->value); break;
  case STATEMENT_JACOBIAN: print_with_value(printer, depth, "jacobian", printed->value); break;
  case STATEMENT_CALL: print_tree(printer, depth, printed->value); break;
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH: print_loop(printer, depth, printed); break;
  case STATEMENT_WHILE:
    line(printer, depth, "while");
    print_tree(printer, depth + 1, printed->branch.condition);
    print_statements(printer, depth + 1, printed->branch.then_body);
    break;
  case STATEMENT_IF:
    line(printer, depth, "if");
    print_tree(printer, depth + 1, printed->branch.condition);
    print_branch(printer, depth + 1, "then", printed->branch.then_body);
    print_branch(printer, depth + 1, "else", printed->branch.else_body);
    break;
  case STATEMENT_BREAK: line(printer, depth, "break"); break;
  case STATEMENT_CONTINUE: line(printer, depth, "continue"); break;
  case STATEMENT_RETURN: print_with_value(printer, depth, "return", printed->value); break;
  case STATEMENT_PRINT: print_with_items(printer, depth, "print", &printed->items); break;
  case STATEMENT_REJECT: print_with_items(printer, depth, "reject", &printed->items); break;
  case STATEMENT_FATAL_ERROR: print_with_items(printer, depth, "fatal_error", &printed->items); break;
  case STATEMENT_PROFILE:
    line(printer, depth, "profile \"%s\"", printed->block.name);
    print_statements(printer, depth + 1, printed->block.body);
    break;
  case STATEMENT_BLOCK:
    line(printer, depth, "block");
    print_statements(printer, depth + 1, printed->block.body);
    break;
  case STATEMENT_EMPTY: line(printer, depth, "empty"); break;
  }
}

static void print_statements(tree_printer *printer, int depth, const statement *list) {
  for (; list; list = list->next) print_statement(printer, depth, list);
}

/* ---- functions and programs ---- */

static void print_function(tree_printer *printer, int depth, const function *printed) {
  fprintf(printer->out, "%*sfunction %s(", 2 * depth, "", printed->name);
  for (int i = 0; i < printed->parameter_count; i++) {
    const variable *parameter = printed->parameters[i];
    fprintf(printer->out, "%s%s%s %s", i ? ", " : "", parameter->is_data_only ? "data " : "",
            type_name(printer->arena, parameter->type), parameter->name);
  }
  fprintf(printer->out, ") => %s%s\n", type_name(printer->arena, printed->result), printed->body ? "" : " (declared)");
  if (printed->body) print_statements(printer, depth + 1, printed->body->block.body);
}

void ast_print(const program *program, bool with_types, FILE *out) {
  tree_printer printer = {.out = out, .arena = arena_create(), .with_types = with_types};
  if (program->functions) line(&printer, 0, "%s", block_name(BLOCK_FUNCTIONS));
  for (const function *f = program->functions; f; f = f->next) {
    if (!f->is_library) print_function(&printer, 1, f);
  }
  for (int block = BLOCK_DATA; block < BLOCK_COUNT; block++) {
    if (!program->has_block[block]) continue;
    line(&printer, 0, "%s", block_name((block_kind)block));
    print_statements(&printer, 1, program->blocks[block]);
  }
  arena_destroy(printer.arena);
}
