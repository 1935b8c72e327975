/* check_internal.h: what the parts of the type checker share. Its face is ir/check.h.
 *
 *   check.c               programs: blocks, scopes, the order of things
 *   check_functions.c     function definitions, returns on all paths, recursion
 *   check_statements.c    statements and assignments
 *   check_declarations.c  declarations: sizes, bounds, which constraints stand where
 *   check_density.c       y ~ density(...), truncation
 *   check_expressions.c   expressions
 *   check_operators.c     the typing table of the operators
 *   check_calls.c         calls, and where they may stand
 *   check_higher_order.c  calls of functions that take a function
 *   check_mismatch.c      messages about calls that fit no signature
 *   check_unknown.c       messages about names that are not known
 *   check_flow.c          afterwards: what depends on parameters */
#ifndef STANLITE_IR_CHECK_INTERNAL_H
#define STANLITE_IR_CHECK_INTERNAL_H
#include "ir/check.h"
#include "ir/promotion.h"
#include "ir/signatures.h"

typedef struct binding { /* a name that a scope has covered, to be brought back at its end */
  name_entry *entry;
  void *before;
} binding;

typedef struct call_edge {
  function *caller, *callee;
} call_edge;

typedef struct functions {
  function **items;
  int count, capacity;
} functions;

typedef struct checker {
  arena *arena;
  messages *messages;
  program *program; /* NULL when only library functions are checked */
  const library *library;
  name_map *functions; /* the program's: name to overload */
  name_map *variables; /* in scope: name to variable */
  name_map *reported;  /* unknown functions that have had their message */
  struct {
    binding *items;
    int count, capacity;
  } covered;
  functions library_calls; /* library functions that are called; bodies up to checked_count are checked */
  int checked_count;
  struct {
    call_edge *items;
    int count, capacity;
  } calls;
  /* where we are: */
  block_kind block;
  function *function; /* NULL outside of functions */
  int loop_depth;
  bool in_global_size;             /* in a size of a declaration at the top of a block */
  const sized_type *last_declared; /* `vector[N] a, b;` is two declarations that may share this one */
  const type *last_declared_type;
} checker;

/* check.c */
void declare_variable(checker *c, variable *variable); /* reports a name that is taken or may not be used */
void declare_unknown(checker *c, const char *name);    /* so that one unknown name gives one message in its scope */
int open_scope(checker *c);
void close_scope(checker *c, int mark);
bool in_function_with(const checker *c, const char *suffix);
void check_name(checker *c, const char *name, location location);

/* check_functions.c */
void declare_functions(checker *c);
void check_function_bodies(checker *c);
void check_function_body(checker *c, function *function);
void check_called_library_functions(checker *c);
void mark_recursive_functions(checker *c);

/* check_statements.c */
void check_statements(checker *c, statement *list);
void check_global_statements(checker *c, statement *list); /* whose declarations later blocks see */

/* "`x` is vector and cannot hold array[] int", with what makes one of the other. */
void report_unfit_value(checker *c, const char *what, const type *wanted, const expression *value);

/* check_declarations.c */
void check_declaration(checker *c, statement *statement, bool is_global);

/* check_density.c */
void check_tilde(checker *c, statement *statement);

/* check_expressions.c: each sets the expression's type, TYPE_ERROR after a message. */
const type *check_expression(checker *c, expression *e);
void check_int(checker *c, expression *e, const char *what);
void check_truth(checker *c, expression *e, const char *what);
/* True, or a message "<what> must be <wanted>, found <found>" at the place of e. */
bool expect(checker *c, const expression *e, bool fits, const char *what, const char *wanted);
/* Holds nothing that depends on parameters, by Stan's rule: it looks at names, types and blocks alone, and lets every int
 * variable pass. */
bool is_data_only(const checker *c, const expression *e);
expression *without_parentheses(expression *e);

/* check_operators.c */
typedef struct operator_typing {
  const type *result, *left, *right; /* what the operands are promoted to; result NULL: no such operator */
} operator_typing;
operator_typing operator_type(arena *arena, operator_kind op, const type *left, const type *right);
const type *unary_operator_type(operator_kind op, const type *operand);
/* add(a, b) is a + b: the functions that Stan has for its operators. */
bool is_named_operator(const char *name, int operands, operator_kind *op);

/* check_calls.c */
const type *check_call(checker *c, expression *e); /* void results included */
void check_argument_promotions(checker *c, const signature_match *match, expression **arguments, int count,
                               const char *name);
callee use_overload(checker *c, const signature_match *match); /* notes that it is called */
bool is_function_name(const checker *c, const char *name);
const char *defined_name(checker *c, const char *name); /* foo_lpdf for foo_lupdf; the same pointer for other names */
const overload *own_overloads(const checker *c, const char *name);
const overload *shared_overloads(const checker *c, const char *name);

void check_place(checker *c, const char *name, location place); /* whether a function of this name may be called here */

/* check_higher_order.c: a call of an entry of ir/higher_order.def */
const type *check_higher_order(checker *c, expression *e, int id);

/* check_mismatch.c. `name` is what the program wrote; `first_is_left` for y ~ name(...): argument 0 stands left of ~. */
void report_mismatch(checker *c, location location, const char *name, const resolution *resolution,
                     expression *const *arguments, int count, bool first_is_left);
void report_ambiguity(checker *c, location location, const char *name, const resolution *resolution);
void report_no_cumulative(checker *c, location location, const char *density, const char *name);

/* check_unknown.c */
void report_unknown_function(checker *c, location location, const char *name);
void report_unknown_density(checker *c, location location, const char *name);
void report_unknown_variable(checker *c, location location, const char *name);

/* check_flow.c */
void mark_parameter_dependence(checker *c);

#endif
