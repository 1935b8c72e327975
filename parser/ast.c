/* ast.c: the words of the syntax tree, all taken from the table of tokens; see ast.h. */
#include "parser/ast.h"
#include "lexer/token.h"

const char *type_form_name(type_form form) {
  return token_text((token_kind)(TOKEN_INT + (int)form)); /* build_type.c asserts the order */
}

_Static_assert(TOKEN_TUPLE - TOKEN_INT == FORM_TUPLE, "the type words of tokens.def stand in the order of type_form");

const char *block_name(block_kind block) { return token_text((token_kind)(TOKEN_FUNCTIONS + (int)block)); }

static const unsigned char operator_tokens[OP_COUNT] = {
    [OP_OR] = TOKEN_OR,
    [OP_AND] = TOKEN_AND,
    [OP_EQUAL] = TOKEN_EQUAL,
    [OP_NOT_EQUAL] = TOKEN_NOT_EQUAL,
    [OP_LESS] = TOKEN_LESS,
    [OP_LESS_EQUAL] = TOKEN_LESS_EQUAL,
    [OP_GREATER] = TOKEN_GREATER,
    [OP_GREATER_EQUAL] = TOKEN_GREATER_EQUAL,
    [OP_ADD] = TOKEN_PLUS,
    [OP_SUBTRACT] = TOKEN_MINUS,
    [OP_MULTIPLY] = TOKEN_TIMES,
    [OP_DIVIDE] = TOKEN_DIVIDE,
    [OP_MODULO] = TOKEN_MODULO,
    [OP_INTEGER_DIVIDE] = TOKEN_INTEGER_DIVIDE,
    [OP_LEFT_DIVIDE] = TOKEN_LEFT_DIVIDE,
    [OP_ELEMENT_MULTIPLY] = TOKEN_ELEMENT_TIMES,
    [OP_ELEMENT_DIVIDE] = TOKEN_ELEMENT_DIVIDE,
    [OP_POWER] = TOKEN_POWER,
    [OP_ELEMENT_POWER] = TOKEN_ELEMENT_POWER,
    [OP_NOT] = TOKEN_NOT,
    [OP_NEGATE] = TOKEN_MINUS,
    [OP_PLUS] = TOKEN_PLUS,
    [OP_TRANSPOSE] = TOKEN_TRANSPOSE,
};

const char *operator_text(operator_kind op) { return token_text((token_kind)operator_tokens[op]); }
