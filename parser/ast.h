/* ast.h: the syntax tree of a Stan program, and what the type checker writes on it.
 *
 * Everything lives in the compilation's arena. The parser fills the nodes; fields under "checker:" are set by the
 * type checker, after which the tree is called typed. Old syntax is turned into today's by the parser (with a warning). */
#ifndef STANLITE_PARSER_AST_H
#define STANLITE_PARSER_AST_H
#include <stdbool.h>
#include "parser/type.h"
#include "support/message.h"

typedef struct expression expression;
typedef struct statement statement;
typedef struct function function;
typedef struct variable variable;

typedef struct expressions {
  expression **items;
  int count, capacity;
} expressions;

/* ---- types as written, with sizes and constraints ---- */

typedef enum type_form { /* beyond type_kind: what the program wrote */
                         FORM_INT,
                         FORM_REAL,
                         FORM_COMPLEX,
                         FORM_VECTOR,
                         FORM_ROW_VECTOR,
                         FORM_MATRIX,
                         FORM_COMPLEX_VECTOR,
                         FORM_COMPLEX_ROW_VECTOR,
                         FORM_COMPLEX_MATRIX,
                         FORM_SIMPLEX,
                         FORM_UNIT_VECTOR,
                         FORM_ORDERED,
                         FORM_POSITIVE_ORDERED,
                         FORM_SUM_TO_ZERO_VECTOR,
                         FORM_SUM_TO_ZERO_MATRIX,
                         FORM_CHOLESKY_FACTOR_CORR,
                         FORM_CHOLESKY_FACTOR_COV,
                         FORM_CORR_MATRIX,
                         FORM_COV_MATRIX,
                         FORM_COLUMN_STOCHASTIC_MATRIX,
                         FORM_ROW_STOCHASTIC_MATRIX,
                         FORM_TUPLE,
                         FORM_COUNT
} type_form;

typedef struct sized_type {
  location location;
  type_form form;
  expression *lower, *upper, *offset, *multiplier; /* NULL where absent */
  expressions array_sizes;                         /* outermost first; empty for no array */
  expressions sizes;                               /* of the vector or matrix; cov_matrix[K] has one */
  struct sized_type **members;                     /* tuple */
  int member_count;
} sized_type;

const char *type_form_name(type_form form); /* "cholesky_factor_corr" */

/* ---- variables ---- */

typedef enum block_kind {
  BLOCK_FUNCTIONS,
  BLOCK_DATA,
  BLOCK_TRANSFORMED_DATA,
  BLOCK_PARAMETERS,
  BLOCK_TRANSFORMED_PARAMETERS,
  BLOCK_MODEL,
  BLOCK_GENERATED_QUANTITIES,
  BLOCK_COUNT
} block_kind;

const char *block_name(block_kind block); /* "transformed data" */

/* One declared thing that an identifier can mean: a program variable, a local, a loop variable, a parameter of a function.
 * Made by the parser for declarations, loops and function parameters; the checker links uses to it. */
struct variable {
  const char *name;
  location location;
  const sized_type *declared; /* NULL for loop variables and function parameters */
  const type *type;           /* parser: function parameters; checker: all */
  bool is_loop_variable;
  bool is_function_parameter;
  bool is_data_only; /* function parameter qualified `data` */
  /* checker: */
  block_kind block;           /* the block it is declared in */
  bool is_global;             /* declared at the top of a block, so that later blocks see it */
  bool is_assigned;           /* somewhere on the left of an assignment after its declaration */
  bool depends_on_parameters; /* may hold values that depend on parameters */
  unsigned marks;             /* bits of whoever walks the tree, who clears them before */
  void *lowered;              /* belongs to the lowering */
  struct variable **parts;    /* likewise: of a tuple or a complex number, see ir/parts.h */
  struct variable *whole;     /* what it is a part of */
};

/* ---- expressions ---- */

typedef enum expression_kind {
  EXPRESSION_INT,
  EXPRESSION_REAL,
  EXPRESSION_IMAGINARY,
  EXPRESSION_STRING,
  EXPRESSION_VARIABLE,
  EXPRESSION_UNARY,
  EXPRESSION_BINARY,
  EXPRESSION_TERNARY,
  EXPRESSION_CALL,
  EXPRESSION_INDEX,
  EXPRESSION_ARRAY,      /* { a, b } */
  EXPRESSION_ROW_VECTOR, /* [ a, b ]: a row_vector, or a matrix when the items are row vectors */
  EXPRESSION_TUPLE,      /* ( a, b ) */
  EXPRESSION_MEMBER,     /* t.1 */
  EXPRESSION_PARENTHESES,
  EXPRESSION_PROMOTION /* put in by the checker: int to real, real to complex, and containers of these */
} expression_kind;

typedef enum operator_kind {
  OP_OR,               /* || */
  OP_AND,              /* && */
  OP_EQUAL,            /* == */
  OP_NOT_EQUAL,        /* != */
  OP_LESS,             /* <  */
  OP_LESS_EQUAL,       /* <= */
  OP_GREATER,          /* >  */
  OP_GREATER_EQUAL,    /* >= */
  OP_ADD,              /* +  */
  OP_SUBTRACT,         /* -  */
  OP_MULTIPLY,         /* *  */
  OP_DIVIDE,           /* /  */
  OP_MODULO,           /* %  */
  OP_INTEGER_DIVIDE,   /* %/% */
  OP_LEFT_DIVIDE,      /* \  */
  OP_ELEMENT_MULTIPLY, /* .* */
  OP_ELEMENT_DIVIDE,   /* ./ */
  OP_POWER,            /* ^  */
  OP_ELEMENT_POWER,    /* .^ */
  OP_NOT,              /* ! prefix */
  OP_NEGATE,           /* - prefix */
  OP_PLUS,             /* + prefix */
  OP_TRANSPOSE,        /* ' postfix */
  OP_COUNT
} operator_kind;

const char *operator_text(operator_kind op); /* "%/%" */

typedef enum index_kind {
  INDEX_ALL,      /* `:` or nothing */
  INDEX_SINGLE,   /* an int expression */
  INDEX_MULTIPLE, /* checker: an array of ints; the parser writes INDEX_SINGLE */
  INDEX_RANGE     /* first:last; either may be NULL */
} index_kind;

typedef struct index_item {
  index_kind kind;
  location location;
  expression *first; /* the value of SINGLE and MULTIPLE */
  expression *last;
} index_item;

typedef struct indices {
  index_item *items;
  int count, capacity;
} indices;

/* What a call means: set by the checker. */
typedef enum callee_kind {
  CALLEE_UNRESOLVED,
  CALLEE_FUNCTION,    /* a function in stanlite: the user's, or of runtime/library */
  CALLEE_BUILTIN,     /* an entry of ir/builtins.def, a case of the lowering */
  CALLEE_INTRINSIC,   /* a scalar intrinsic of ir/intrinsics.def, possibly applied to each element of containers */
  CALLEE_HIGHER_ORDER /* an entry of ir/higher_order.def; the first argument names `function` */
} callee_kind;

typedef struct callee {
  callee_kind kind;
  function *function;
  int id; /* builtin, intrinsic or higher-order function */
  bool
      vectorised; /* arguments have more dimensions than the function's parameters: it is applied over them. For densities
                        the results are summed; for _rng, transforms and elementwise functions they form a container of the call's type */
  bool unnormalised;        /* _lupdf, _lupmf, or the density of a `~`: constants may be dropped */
  bool leaves_out_jacobian; /* f_constrain: the function is f_jacobian */
} callee;

/* Trees are walked by recursion: the parser refuses what is nested deeper than this. Brackets and statements nest as people
 * nest them; a sum is as deep as it has terms, and programs write sums, too: cli/main.c sees to a stack for them. */
enum { MAXIMUM_DEPTH = 1000, MAXIMUM_TREE_DEPTH = 120000 };

struct expression {
  expression_kind kind;
  int depth; /* of the tree below, at most MAXIMUM_TREE_DEPTH; what the checker puts in need not count */
  location location;
  /* checker: */
  const type *type;
  bool depends_on_parameters; /* reverse-mode derivatives may be needed through it */
  union {
    long int_value;
    struct {
      double value;
      const char *text; /* as written */
    } real;             /* EXPRESSION_REAL, EXPRESSION_IMAGINARY */
    const char *string;
    struct {
      const char *name;
      variable *variable; /* checker; NULL when it names a function passed to a higher-order function */
      function *function; /* checker */
    } variable;
    struct {
      operator_kind op;
      expression *left; /* the only operand of UNARY (OP_TRANSPOSE too) */
      expression *right;
    } operation; /* EXPRESSION_UNARY, EXPRESSION_BINARY */
    struct {
      expression *condition, *then_value, *else_value;
    } ternary;
    struct {
      const char *name;
      location name_location;
      expressions arguments;
      bool has_bar;  /* f(y | x) */
      callee callee; /* checker */
    } call;
    struct {
      expression *base;
      indices indices;
    } index;
    expressions items; /* ARRAY, ROW_VECTOR, TUPLE */
    struct {
      expression *base;
      int number; /* from 1 */
    } member;
    expression *inner; /* PARENTHESES, PROMOTION */
  };
};

/* ---- statements ---- */

typedef enum statement_kind {
  STATEMENT_DECLARATION,
  STATEMENT_ASSIGNMENT,
  STATEMENT_UNPACK, /* (a, b) = t */
  STATEMENT_TILDE,
  STATEMENT_TARGET,   /* target += e */
  STATEMENT_JACOBIAN, /* jacobian += e */
  STATEMENT_CALL,     /* of a void function */
  STATEMENT_FOR,      /* over a range */
  STATEMENT_FOR_EACH, /* over a container */
  STATEMENT_WHILE,
  STATEMENT_IF,
  STATEMENT_BREAK,
  STATEMENT_CONTINUE,
  STATEMENT_RETURN,
  STATEMENT_PRINT,
  STATEMENT_REJECT,
  STATEMENT_FATAL_ERROR,
  STATEMENT_PROFILE,
  STATEMENT_BLOCK,
  STATEMENT_EMPTY
} statement_kind;

struct statement {
  statement_kind kind;
  int depth; /* of the statements within */
  location location;
  statement *next; /* in the same list */
  union {
    struct {
      variable *variable;
      expression *value; /* NULL without definition */
    } declaration;
    struct {
      expression *target; /* VARIABLE, INDEX or MEMBER chain */
      bool is_compound;
      operator_kind op; /* of a compound assignment, OP_ADD for += */
      expression *value;
    } assignment;
    struct {
      expression *targets; /* an EXPRESSION_TUPLE of assignable expressions, may nest */
      expression *value;
    } unpack;
    struct {
      expression *left;
      expression *call; /* EXPRESSION_CALL named as written ("normal"); the checker sets callee to the density whose
                           first argument is `left`, which is not among call.arguments */
      expression *lower, *upper; /* truncation T[lower, upper] */
      bool is_truncated;
      callee log_cdf, log_ccdf; /* checker, when truncated; CALLEE_UNRESOLVED where not needed */
    } tilde;
    expression *value; /* TARGET, JACOBIAN, RETURN (NULL without value), CALL (an EXPRESSION_CALL) */
    struct {
      variable *variable;
      expression *first, *last; /* FOR_EACH: first is the container */
      statement *body;
    } loop; /* FOR, FOR_EACH */
    struct {
      expression *condition;
      statement *then_body; /* the body of a WHILE */
      statement *else_body;
    } branch;          /* IF, WHILE */
    expressions items; /* PRINT, REJECT, FATAL_ERROR */
    struct {
      statement *body;  /* list */
      const char *name; /* PROFILE */
    } block;            /* BLOCK, PROFILE */
  };
};

/* ---- functions and programs ---- */

struct function {
  const char *name;
  location location; /* of the name */
  const type *result;
  variable **parameters;
  int parameter_count;
  statement *body; /* a STATEMENT_BLOCK; NULL for a forward declaration */
  function *next;
  /* checker: */
  bool is_library; /* from runtime/library */
  bool is_checked; /* library bodies are checked when first used */
  bool is_recursive;
  bool is_called; /* set by the pedantic warnings */
};

typedef struct program {
  const source_file *file;
  const source_file *const *includes;
  int include_count;
  const struct comments *comments; /* and #includes; see lexer/token.h */
  bool reads_target;               /* checker: target() is called somewhere */
  bool is_whole; /* nothing was left out for a syntax error: worth checking, even if there were mistakes */
  function *functions;
  bool has_block[BLOCK_COUNT];
  location block_location[BLOCK_COUNT]; /* of its word */
  location block_end[BLOCK_COUNT];      /* of its `}` */
  statement *blocks[BLOCK_COUNT];       /* lists; BLOCK_FUNCTIONS unused */
} program;

/* Prints the tree, one node a line, indented (--emit=ast; with types after checking: --emit=typed). */
void ast_print(const program *program, bool with_types, FILE *out);

#endif
