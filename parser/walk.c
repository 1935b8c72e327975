/* walk.c: see walk.h. The one place that knows what each kind of node holds. */
#include "parser/walk.h"

static void walk_all(const expressions *list, const ast_visitor *visitor) {
  for (int i = 0; i < list->count; i++) walk_expression(list->items[i], visitor);
}

void walk_expression(const expression *e, const ast_visitor *visitor) {
  if (!e) return;
  if (visitor->expression) visitor->expression(e, visitor->context);
  switch (e->kind) {
  case EXPRESSION_INT:
  case EXPRESSION_REAL:
  case EXPRESSION_IMAGINARY:
  case EXPRESSION_STRING:
  case EXPRESSION_VARIABLE: break;
  case EXPRESSION_UNARY: walk_expression(e->operation.left, visitor); break;
  case EXPRESSION_BINARY:
    walk_expression(e->operation.left, visitor);
    walk_expression(e->operation.right, visitor);
    break;
  case EXPRESSION_TERNARY:
    walk_expression(e->ternary.condition, visitor);
    walk_expression(e->ternary.then_value, visitor);
    walk_expression(e->ternary.else_value, visitor);
    break;
  case EXPRESSION_CALL: walk_all(&e->call.arguments, visitor); break;
  case EXPRESSION_INDEX:
    walk_expression(e->index.base, visitor);
    for (int i = 0; i < e->index.indices.count; i++) {
      walk_expression(e->index.indices.items[i].first, visitor);
      walk_expression(e->index.indices.items[i].last, visitor);
    }
    break;
  case EXPRESSION_ARRAY:
  case EXPRESSION_ROW_VECTOR:
  case EXPRESSION_TUPLE: walk_all(&e->items, visitor); break;
  case EXPRESSION_MEMBER: walk_expression(e->member.base, visitor); break;
  case EXPRESSION_PARENTHESES:
  case EXPRESSION_PROMOTION: walk_expression(e->inner, visitor); break;
  }
}

static void walk_sized_type(const sized_type *type, const ast_visitor *visitor) {
  walk_all(&type->array_sizes, visitor);
  walk_all(&type->sizes, visitor);
  walk_expression(type->lower, visitor);
  walk_expression(type->upper, visitor);
  walk_expression(type->offset, visitor);
  walk_expression(type->multiplier, visitor);
  for (int i = 0; i < type->member_count; i++) walk_sized_type(type->members[i], visitor);
}

static void walk_statement(const statement *s, const ast_visitor *visitor) {
  if (visitor->statement) visitor->statement(s, visitor->context);
  switch (s->kind) {
  case STATEMENT_DECLARATION:
    if (s->declaration.variable->declared) walk_sized_type(s->declaration.variable->declared, visitor);
    walk_expression(s->declaration.value, visitor);
    break;
  case STATEMENT_ASSIGNMENT:
    walk_expression(s->assignment.target, visitor);
    walk_expression(s->assignment.value, visitor);
    break;
  case STATEMENT_UNPACK:
    walk_expression(s->unpack.targets, visitor);
    walk_expression(s->unpack.value, visitor);
    break;
  case STATEMENT_TILDE:
    walk_expression(s->tilde.left, visitor);
    walk_all(&s->tilde.call->call.arguments, visitor);
    walk_expression(s->tilde.lower, visitor);
    walk_expression(s->tilde.upper, visitor);
    break;
  case STATEMENT_TARGET:
  case STATEMENT_JACOBIAN:
  case STATEMENT_CALL:
  case STATEMENT_RETURN: walk_expression(s->value, visitor); break;
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH:
    walk_expression(s->loop.first, visitor);
    walk_expression(s->loop.last, visitor);
    walk_statements(s->loop.body, visitor);
    break;
  case STATEMENT_WHILE:
  case STATEMENT_IF:
    walk_expression(s->branch.condition, visitor);
    walk_statements(s->branch.then_body, visitor);
    walk_statements(s->branch.else_body, visitor);
    break;
  case STATEMENT_PRINT:
  case STATEMENT_REJECT:
  case STATEMENT_FATAL_ERROR: walk_all(&s->items, visitor); break;
  case STATEMENT_PROFILE:
  case STATEMENT_BLOCK: walk_statements(s->block.body, visitor); break;
  case STATEMENT_BREAK:
  case STATEMENT_CONTINUE:
  case STATEMENT_EMPTY: break;
  }
}

void walk_statements(const statement *list, const ast_visitor *visitor) {
  for (const statement *s = list; s; s = s->next) walk_statement(s, visitor);
}

void walk_program(const program *program, const ast_visitor *visitor) {
  for (const function *f = program->functions; f; f = f->next) walk_statements(f->body, visitor);
  for (int block = BLOCK_DATA; block < BLOCK_COUNT; block++) walk_statements(program->blocks[block], visitor);
}
