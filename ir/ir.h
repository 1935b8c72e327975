/* ir.h: the core intermediate language: structured, typed, small enough to print and read.
 *
 * A compiled model is these functions over a set of model fields (docs/ir.md shows an example):
 *   construct    reads the data, checks it, runs transformed data, fills the fields
 *   prepare      fills fields with what generated quantities compute from data alone; made by the pass `hoist`. Where it fails,
 *                every draw's generated quantities fail, and there is nothing else to say
 *   log_density  parameters, transformed parameters and model block; adds to `target`
 *   gradient     log_density and its reverse sweep; made by the pass `adjoint`
 *   constrain    parameters, transformed parameters and generated quantities, written out as one draw
 *   unconstrain  initial values to the unconstrained scale
 *
 * The form is A-normal: every operation is a statement `let v = op(operands)` whose operands are constants or variables.
 * A `let` variable has one definition and keeps its value for as long as its block lives. Mutable variables come from
 * `declare` and change by `set` and `add`. Arrays, vectors and matrices are flat buffers: arrays outermost, a matrix
 * column-major; indices are ints from 0. Nothing aliases: two buffers never share memory.
 *
 * Everything lives in the program's arena, which ir_compact changes between passes (ir/compact.h). A pass builds new blocks;
 * it may share statements that it does not change. */
#ifndef STANLITE_IR_IR_H
#define STANLITE_IR_IR_H
#include <stdbool.h>
#include <stdio.h>
#include "support/arena.h"
#include "support/source.h"

typedef enum { IR_INT, IR_REAL } ir_type;

typedef enum ir_storage {
  IR_LOCAL, /* of a function: a C variable, or memory of the arena */
  IR_MODEL, /* a field of the model: written in construct, read everywhere */
  IR_INPUT, /* handed to the function: `unconstrained`, `jacobian`, `with_transformed`, `with_generated` */
  IR_RESULT /* handed to the function to be written: `gradient`, `constrained` */
} ir_storage;

typedef struct ir_variable {
  int id;           /* unique in the program */
  const char *name; /* need not be unique: the printer adds the id where it must */
  ir_type type;
  ir_storage storage;
  bool is_mutable;
  /* set by ir_analyse: */
  bool is_parameter_level; /* changes with the unconstrained parameters */
  bool is_useful;          /* target may depend on it differentiably */
  bool is_active;          /* useful, real, and derivatives flow to it from the parameters */
  void *note;              /* scratch of the running pass */
} ir_variable;

typedef enum { IR_NONE, IR_CONSTANT_INT, IR_CONSTANT_REAL, IR_VARIABLE } ir_operand_kind;

typedef struct ir_operand {
  ir_operand_kind kind;
  union {
    long int_value;
    double real_value;
    ir_variable *variable;
  };
} ir_operand;

typedef struct ir_buffer {
  int id;
  const char *name;
  ir_type type;
  ir_storage storage;
  ir_operand size; /* number of elements; known where the buffer is allocated */
  bool
      is_written_once; /* every element is stored at most once between `alloc` and the end of its block, and before it is read */
  /* set by ir_analyse, as for variables: */
  bool is_parameter; /* of an ir_function: the caller's buffer stands for it, so its size is not known here */
  bool is_parameter_level;
  bool is_useful;
  bool is_active;
  void *note;
} ir_buffer;

/* Scalar operations: ir/intrinsics.def. */
typedef enum ir_op {
#define INTRINSIC(id, ...) IR_OP_##id,
#include "ir/intrinsics.def"
#undef INTRINSIC
  IR_OP_COUNT
} ir_op;

enum { IR_MAX_ARGUMENTS = 4, IR_MAX_SHOWN = 12 };

/* Matrix operations and others that run as a call of a runtime function: ir/kernels.def. */
typedef enum ir_kernel {
#define KERNEL(id, ...) IR_KERNEL_##id,
#include "ir/kernels.def"
#undef KERNEL
  IR_KERNEL_COUNT
} ir_kernel;

enum { IR_MAX_KERNEL_BUFFERS = 6, IR_MAX_KERNEL_DIMS = 6, IR_MAX_DIMS = 8 };

typedef struct ir_statement ir_statement;

typedef struct ir_block {
  ir_statement **items;
  int count, capacity;
} ir_block;

/* A function that is called, not inlined: one that calls itself, or one that a solver calls. It sees nothing but its buffers.
 * The caller allocates the outputs, except `result`, whose size only the function knows: it lies right above the arena's top
 * when the call is over, where the caller's next allocation (is_result) finds it.
 *
 * The pass `adjoint` makes `forward`, which leaves on the arena's stack what `reverse` takes from there. */
typedef struct ir_function {
  int id;
  const char *name;
  location location;
  ir_buffer *outputs[IR_MAX_KERNEL_BUFFERS], *inputs[IR_MAX_KERNEL_BUFFERS];
  int output_count, input_count; /* `result` is the last of the outputs */
  ir_buffer *result;             /* NULL: none */
  bool is_impure;                /* prints or draws random numbers */
  bool needs_jacobian;           /* a solver asks for derivatives by the state even where the program does not */
  ir_block *body, *forward, *reverse;
  ir_buffer *output_adjoints[IR_MAX_KERNEL_BUFFERS], *input_adjoints[IR_MAX_KERNEL_BUFFERS]; /* NULL: not active */
} ir_function;

typedef struct ir_item { /* of print, reject, fatal_error */
  const char *text;      /* NULL when it is a value */
  ir_operand value;      /* a scalar, or */
  ir_buffer *buffer;     /* a container: */
  ir_buffer *imaginary;  /* of complex numbers; buffer has the real parts */
  ir_operand dims[IR_MAX_DIMS];
  int dim_count;
  bool is_matrix; /* the last two dimensions are a matrix */
  /* An array of tuples is printed element by element: the items from one that opens a loop, over its only dimension, to the one
   * that closes it come again and again. Of a container in them the first dimensions are those of the loops around. */
  bool opens_loop, closes_loop;
  int loop_count;
} ir_item;

typedef enum ir_kind {
  IR_LET,         /* let variable = op(arguments) */
  IR_LOAD,        /* let variable = buffer[index] */
  IR_DECLARE,     /* var variable = value, or NaN / INT_MIN without value */
  IR_SET,         /* variable = value */
  IR_ADD,         /* variable += value: an accumulator; in a parallel loop, a reduction */
  IR_ALLOC,       /* buffer of buffer->size elements, local to the block; is_filled: with NaN or INT_MIN */
  IR_ZERO,        /* buffer[...] = 0 */
  IR_STORE,       /* buffer[index] = value */
  IR_ACCUMULATE,  /* buffer[index] += value */
  IR_TARGET,      /* target += value */
  IR_FOR,         /* for variable in first..last (both included; none when last < first) body */
  IR_WHILE,       /* loop { test; if not condition: leave; body } */
  IR_IF,          /* if condition body else other */
  IR_SCOPE,       /* body, which `exit` of the same label leaves; gone after pass `structure` */
  IR_EXIT,        /* leave the enclosing scope with this label */
  IR_KERNEL_CALL, /* outputs = kernel(inputs, dims); outputs are allocated before and wholly overwritten */
  IR_CHECK,       /* if not condition: reject, with text formatted from arguments */
  IR_REJECT,      /* reject(items), or fatal_error(items) */
  IR_PRINT,
  IR_PROFILE,     /* the clock of the profile block called `text` starts, or stops (is_stop) */
  IR_READ,        /* read the variable or buffer called `text` from the data (construct) or the inits (unconstrain) */
  IR_PRESENT,     /* let variable = the inits hold a value called `text` */
  IR_WRITE,       /* append a value or buffer to the draw, column-major over its dims (constrain) */
  IR_PUSH,        /* save value on the arena's stack */
  IR_POP,         /* variable = what was pushed last; defines a let, or sets a mutable variable */
  IR_POP_ELEMENT, /* buffer[index] = what was pushed last */
  IR_RELEASE,     /* give back buffer and everything taken after it */
  IR_RETURN,      /* buffer is the result of the function; nothing that takes memory runs after it */
} ir_kind;

/* What a KERNEL_CALL takes; READ and WRITE have dims, RETURN an adjoint. Other statements point to ir_no_call. */
typedef struct ir_call {
  ir_buffer *outputs[IR_MAX_KERNEL_BUFFERS], *inputs[IR_MAX_KERNEL_BUFFERS];
  ir_buffer *output_adjoints[IR_MAX_KERNEL_BUFFERS], *input_adjoints[IR_MAX_KERNEL_BUFFERS]; /* NULL: not active */
  ir_operand dims[IR_MAX_DIMS]; /* READ and WRITE: the shape */
  int dim_count;
} ir_call;

extern const ir_call ir_no_call;

struct ir_statement {
  ir_kind kind : 8;
  ir_op op : 16;           /* LET */
  ir_kernel kernel : 16;   /* KERNEL_CALL */
  int argument_count : 8;  /* see arguments */
  bool is_parallel : 1;    /* FOR: iterations are independent but for `add`, `accumulate`, `target` */
  bool is_over_blocks : 1; /* FOR: an iteration runs a block of the iterations of another loop (ir/blocks.h) */
  bool is_threaded : 1;    /* FOR: over the chunks of a large loop, which threads may run (pass `threads`) */
  bool is_cheap : 1;       /* FOR, threaded: where there is one chunk a call would cost too much */
  bool is_reduced : 1;     /* FOR: over the rows that pass `collapse` left */
  bool is_filled : 1;      /* ALLOC */
  bool is_result : 1;      /* ALLOC: the result of the call just before it */
  bool is_product : 1;     /* ADD: variable += value + variable * value: 1 + variable is a product */
  bool is_droppable : 1;   /* TARGET: under `~` or _lupdf, a summand without parameters may be dropped */
  bool is_jacobian : 1;    /* TARGET: counts only when `jacobian` is set */
  bool is_fatal : 1;       /* REJECT */
  bool is_adjoint : 1; /* KERNEL_CALL: the kernel's adjoint, buffers as kernels.h says; PROFILE: of the reverse sweep */
  bool
      is_forward : 1; /* KERNEL_CALL with function: leaves on the stack what its adjoint needs; PROFILE: of the forward sweep */
  bool is_stop : 1;   /* PROFILE */
  bool is_matrix : 1; /* READ, WRITE: the last two dimensions are a matrix */
  /* What most passes look at comes first, on the same lines of the processor's cache. */
  int item_count;
  ir_variable *variable;
  ir_buffer *buffer;
  ir_call *call;         /* never NULL; of a statement of its own where there is one */
  ir_operand *arguments; /* LET: IR_MAX_ARGUMENTS of them; CHECK: up to IR_MAX_SHOWN values that its text shows */
  ir_block *body;        /* FOR, WHILE, SCOPE, IF; without one there is no other and no test */
  ir_operand index;      /* LOAD, STORE, ACCUMULATE, POP_ELEMENT */
  /* DECLARE, SET, ADD, STORE, ACCUMULATE, TARGET, WRITE, PUSH; the condition of WHILE, IF, CHECK; of a FOR in another loop how
   * often it turns on average, where its bounds do not tell (pass `group`) */
  ir_operand value;
  ir_block *other;        /* IF */
  ir_block *test;         /* WHILE */
  ir_operand first, last; /* FOR */
  ir_function *function;  /* KERNEL_CALL: what kernel FUNCTION calls; for others, the callback */
  const char
      *text; /* CHECK: a printf format, %s never, one %g or %ld for each argument; READ, PRESENT, PROFILE: the name */
  ir_item *items;  /* PRINT, REJECT; READ: one text, the declaration, for messages */
  ir_buffer **own; /* FOR, threaded: what each chunk needs a copy of, own_count of them */
  int own_count;
  int label;         /* SCOPE, EXIT; PUSH and POP of an old value, the same in both: 0 for others */
  location location; /* of the program's words that it comes from; file NULL for none */
};

typedef struct ir_declared { /* a program variable as model.h's sl_variable shows it */
  const char *name, *type_text;
  const char *column, *whole; /* of a part of a tuple or complex number; else NULL */
  int block;                  /* block_kind */
  bool is_int, is_matrix;
  ir_operand dims[IR_MAX_DIMS]; /* level data: constants or model fields */
  int dim_count;
} ir_declared;

typedef struct ir_program {
  arena *arena;   /* of what is below; its own, so that ir_compact can take all to another: it must know each member */
  arena *lasting; /* the compilation's, in which are the program itself, and texts that it only points to */
  const char *name, *path;
  int next_id, next_label;
  struct {
    ir_function **items;
    int count, capacity;
  } functions;
  struct {
    ir_variable **items;
    int count, capacity;
  } fields; /* scalar fields of the model */
  struct {
    ir_buffer **items;
    int count, capacity;
  } field_buffers; /* allocated in construct, freed with the model */
  struct {
    ir_declared *items;
    int count, capacity;
  } declared;
  struct {
    const char **items; /* each name once; IR_PROFILE's texts are these */
    int count, capacity;
  } profiles;
  ir_operand unconstrained_size; /* a model field or a constant */
  ir_variable *jacobian;         /* input: 1 or 0 */
  ir_variable *with_transformed, *with_generated;
  ir_variable *dropped;     /* real field: the sum of all summands that pass `drop` took out of target; NULL before */
  ir_buffer *unconstrained; /* input of log_density, gradient, constrain; result of unconstrain */
  ir_buffer *gradient;      /* result of gradient */
  ir_block *construct, *prepare; /* prepare: NULL when there is nothing */
  ir_block *log_density, *gradient_body, *constrain, *unconstrain;
} ir_program;

/* ---- tables ---- */

typedef struct ir_op_info {
  const char *id;        /* "EXP" */
  const char *name;      /* as the IR prints it and, where Stan has it, as Stan calls it: "exp" */
  const char *signature; /* result, colon, arguments: "r:rr"; i int, r real */
  const char *c;         /* C with $1 $2 … for the arguments */
  int cost;              /* in additions, roughly */
  int flags;
  const char *derivatives[IR_MAX_ARGUMENTS]; /* by each argument, over a b c d (arguments) and r (result); NULL: none */
} ir_op_info;

enum {
  IR_STAN = 1,     /* callable by a program under its name, on scalars and, elementwise, on containers */
  IR_LIBRARY = 2,  /* callable in runtime/library under `__name` */
  IR_IMPURE = 4,   /* draws random numbers: never moved, merged or dropped */
  IR_MAY_FAIL = 8, /* may trap (integer division): never moved to where it did not run before */
  IR_COMMUTATIVE = 16
};

extern const ir_op_info ir_ops[IR_OP_COUNT];

typedef struct ir_kernel_info {
  const char *id, *name; /* C function sl_<name> and sl_<name>_adjoint, arguments as runtime/kernels.h says */
  int outputs, inputs, dims;
  int flags;
} ir_kernel_info;

enum {
  IR_KERNEL_LAPACK = 1,             /* links LAPACK and BLAS */
  IR_KERNEL_NOT_DIFFERENTIABLE = 2, /* ints out, or no adjoint */
  IR_KERNEL_INT_OUTPUT = 4,
  IR_KERNEL_INT_INPUT = 8,
  IR_KERNEL_CALLBACK = 16, /* calls back a function: runtime/callback.h */
  IR_KERNEL_CVODES = 32    /* links CVODES */
};

extern const ir_kernel_info ir_kernels[IR_KERNEL_COUNT];

/* ---- building ---- */

static inline ir_operand ir_none(void) { return (ir_operand){.kind = IR_NONE}; }
static inline ir_operand ir_int(long value) { return (ir_operand){.kind = IR_CONSTANT_INT, .int_value = value}; }
static inline ir_operand ir_real(double value) { return (ir_operand){.kind = IR_CONSTANT_REAL, .real_value = value}; }
static inline ir_operand ir_use(ir_variable *variable) {
  return (ir_operand){.kind = IR_VARIABLE, .variable = variable};
}
ir_type ir_operand_type(ir_operand operand);
bool ir_same(ir_operand a, ir_operand b);

/* Where statements are being added. Copy it to build a nested block: `ir_builder inner = ir_nested(&b);` */
typedef struct ir_builder {
  ir_program *program;
  ir_block *block;
  location location;    /* given to each statement */
  const char *function; /* of the library, whose body this is: named by kernels that fail. NULL: none */
} ir_builder;

ir_program *ir_program_create(arena *arena, const char *name, const char *path);
ir_block *ir_block_create(arena *arena);
ir_builder ir_nested(const ir_builder *outer); /* a new empty block */
ir_variable *ir_variable_create(ir_program *program, const char *name, ir_type type, ir_storage storage,
                                bool is_mutable);
ir_buffer *ir_buffer_create(ir_program *program, const char *name, ir_type type, ir_storage storage, ir_operand size);
ir_statement *ir_statement_create(arena *arena, ir_kind kind);
ir_statement *ir_append(ir_builder *b, ir_kind kind); /* a blank statement of this kind at the builder's location */

/* Each appends one statement. Constant operands are folded, and x+0, x*1, x/1, x-0, select of constants simplified, so the
 * result may be a constant or one of the arguments and then nothing is appended. `name` may be NULL. */
ir_operand ir_let(ir_builder *b, const char *name, ir_op op, ir_operand a1, ir_operand a2, ir_operand a3,
                  ir_operand a4);
static inline ir_operand ir_let1(ir_builder *b, ir_op op, ir_operand x) {
  return ir_let(b, NULL, op, x, ir_none(), ir_none(), ir_none());
}
static inline ir_operand ir_let2(ir_builder *b, ir_op op, ir_operand x, ir_operand y) {
  return ir_let(b, NULL, op, x, y, ir_none(), ir_none());
}
static inline ir_operand ir_let3(ir_builder *b, ir_op op, ir_operand x, ir_operand y, ir_operand z) {
  return ir_let(b, NULL, op, x, y, z, ir_none());
}
ir_operand ir_load(ir_builder *b, const char *name, ir_buffer *buffer, ir_operand index);
void ir_store(ir_builder *b, ir_buffer *buffer, ir_operand index, ir_operand value);
void ir_accumulate(ir_builder *b, ir_buffer *buffer, ir_operand index, ir_operand value);
ir_variable *ir_declare(ir_builder *b, const char *name, ir_type type, ir_operand initial);
void ir_set(ir_builder *b, ir_variable *variable, ir_operand value);
void ir_add(ir_builder *b, ir_variable *variable, ir_operand value);
void ir_target(ir_builder *b, ir_operand value, bool is_droppable, bool is_jacobian);
ir_buffer *ir_alloc(ir_builder *b, const char *name, ir_type type, ir_operand size, bool is_filled);
/* The loop's statement; its body is built with `*body`, its index is statement->variable. */
ir_statement *ir_for(ir_builder *b, const char *name, ir_operand first, ir_operand last, bool is_parallel,
                     ir_builder *body);
ir_statement *ir_if(ir_builder *b, ir_operand condition, ir_builder *then_body, ir_builder *else_body);
ir_statement *ir_while(ir_builder *b, ir_builder *test, ir_builder *body); /* set ->value to the condition afterwards */
ir_statement *ir_scope(ir_builder *b, ir_builder *body);                   /* ->label is new */
void ir_exit(ir_builder *b, int label);
void ir_profile(ir_builder *b, const char *name, bool is_stop);
ir_statement *ir_kernel_call(ir_builder *b, ir_kernel kernel); /* outputs, inputs, dims are set by the caller */
ir_function *ir_function_create(ir_program *program, const char *name, location location);
ir_buffer *ir_function_input(ir_program *program, ir_function *function, const char *name, ir_type type);
ir_buffer *ir_function_output(ir_program *program, ir_function *function, const char *name, ir_type type);
/* A call without buffers: outputs and inputs are set by the caller. */
ir_statement *ir_function_call(ir_builder *b, ir_function *function);
ir_statement *ir_check(ir_builder *b, ir_operand condition, const char *format, ir_operand a1, ir_operand a2,
                       ir_operand a3);

/* ---- reading ---- */

/* Calls visit for every operand that the statement itself reads (not those of nested blocks). Here, so that visit is inlined:
 * passes spend much of their time in it. */
static inline void ir_each_operand(ir_statement *s, void (*visit)(ir_operand *operand, void *context), void *context) {
  if (s->kind == IR_LET || s->kind == IR_LOAD) { /* most statements; they have no others */
    if (s->kind == IR_LOAD) visit(&s->index, context);
    for (int i = 0; i < s->argument_count; i++) visit(&s->arguments[i], context);
    return;
  }
  if (s->index.kind != IR_NONE) visit(&s->index, context);
  if (s->value.kind != IR_NONE) visit(&s->value, context);
  if (s->first.kind != IR_NONE) visit(&s->first, context);
  if (s->last.kind != IR_NONE) visit(&s->last, context);
  for (int i = 0; i < s->argument_count; i++) visit(&s->arguments[i], context);
  for (int i = 0; i < s->call->dim_count; i++) visit(&s->call->dims[i], context);
  for (int i = 0; i < s->item_count; i++) {
    if (s->items[i].value.kind != IR_NONE) visit(&s->items[i].value, context);
    for (int d = 0; d < s->items[i].dim_count; d++) visit(&s->items[i].dims[d], context);
  }
  if (s->kind == IR_ALLOC) visit(&s->buffer->size, context);
}

/* The nested blocks of a statement: up to 3, in order of execution; returns how many. */
static inline int ir_nested_blocks(const ir_statement *s, ir_block **blocks) {
  int count = 0;
  if (!s->body) return 0;
  if (s->test) blocks[count++] = s->test;
  blocks[count++] = s->body;
  if (s->other) blocks[count++] = s->other;
  return count;
}
/* How many buffers a KERNEL_CALL writes and reads. */
int ir_output_count(const ir_statement *call);
int ir_input_count(const ir_statement *call);
/* Every block of the program: its functions of model.h, as far as they are there, and those of ir_function. */
void ir_each_function_block(ir_program *program, void (*visit)(ir_program *program, ir_block **block, void *context),
                            void *context);
ir_statement *ir_copy(arena *arena, const ir_statement *statement); /* shallow: nested blocks and items are shared */
/* Of a statement with nested blocks a copy, which may be given others; any other statement itself, which may not be changed. */
ir_statement *ir_with_own_blocks(arena *arena, const ir_statement *statement);

void ir_print_block(const ir_block *block, int indent, FILE *out);
void ir_print(const ir_program *program, FILE *out);

#endif
