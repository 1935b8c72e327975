/* lower_internal.h: what the files of the lowering share (lower.c and lower_*.c).
 *
 * An expression is lowered in two steps. `prepare` emits what is computed once (scalars, kernel calls, checks of shapes) and
 * returns a `value`: a shape, and a way to get an element. Elements are asked for inside loops, so that elementwise
 * arithmetic, gathers, slices and transposes need no memory of their own. */
#ifndef STANLITE_IR_LOWER_INTERNAL_H
#define STANLITE_IR_LOWER_INTERNAL_H
#include <setjmp.h>
#include "ir/builtins.h"
#include "ir/check.h"
#include "ir/ir.h"
#include "ir/names.h"
#include "ir/parts.h"
#include "ir/promotion.h"

typedef struct lowering lowering;
typedef struct value value;

/* Which element: an index from 0 for each dimension; or, is_flat, at[0] counts all elements in the order of storage. */
typedef struct place {
  ir_operand at[IR_MAX_DIMS];
  bool is_flat;
} place;

typedef ir_operand element_function(lowering *l, const value *v, const place *at);

typedef enum selection_kind { SELECT_ALL, SELECT_ONE, SELECT_FROM, SELECT_MANY } selection_kind;

typedef struct selection { /* of one dimension of an indexed value */
  selection_kind kind;
  ir_operand first;    /* ONE: the index, FROM: of the first element; from 0 */
  ir_operand count;    /* FROM */
  value *indices;      /* MANY: ints from 1 */
  const char *subject; /* for the message about an index out of range */
} selection;

struct value {
  const type *type;
  int dim_count; /* 0: a scalar, in `scalar` */
  ir_operand dims[IR_MAX_DIMS];
  ir_operand scalar;
  /* A view of a buffer (element NULL): dense from `offset` on in the order of storage, or with strides. */
  ir_buffer *buffer;
  ir_operand offset;
  bool is_dense;
  bool is_fresh; /* nothing else names the buffer: a definition may take it over */
  ir_operand strides[IR_MAX_DIMS];
  const char *name;          /* of the elements that are loaded; NULL: the buffer's. The text of a checked node */
  const struct frame *owner; /* the inlined call whose local variable this is */
  /* A tuple or complex number: its parts, and nothing but them. dims are those of the whole. */
  value **parts;
  int part_count;
  /* Otherwise a node: `element` works over the children. */
  element_function *element;
  value **children;
  int child_count;
  bool is_elementwise; /* an element needs only the same element of each child */
  bool is_flat;        /* `element` takes flat places */
  bool is_impure;      /* draws random numbers: each element is asked for once, in order */
  ir_op op;
  const function *function;
  location location;
  selection *selections; /* of an indexed value: one for each dimension of children[0] */
  ir_operand extra[3];
};

/* Where the results of `return` go. */
typedef enum sink_kind {
  SINK_VALUE,  /* to the caller */
  SINK_TARGET, /* summand by summand into target */
  SINK_SIZES   /* nowhere: only the sizes of the container are wanted */
} sink_kind;

typedef struct binding { /* what a variable meant before */
  variable *variable;
  void *lowered;
  struct binding *next;
} binding;

/* One inlined call; the outermost stands for the program's own statements. */
typedef struct frame {
  const function *function; /* NULL for the outermost */
  struct frame *parent;
  bool is_library;
  bool may_drop; /* constants of densities may be dropped under `~` and _lupdf */
  sink_kind sink;
  bool is_negative;             /* SINK_TARGET: what comes is subtracted */
  bool is_plain;                /* its only return is its last statement */
  ir_variable *result_variable; /* scalar, unless plain */
  ir_variable *sizes[IR_MAX_DIMS];
  value *part_sizes; /* of a result with parts */
  value *result;
  bool is_called;                    /* not inlined: the body of an ir_function */
  ir_variable **back;                /* of a called function: what it returns, sizes for containers */
  int return_label;                  /* -1: no return needs one */
  const struct profiling *profiling; /* those open where it was called */
  binding *bindings;
} frame;

/* A profile block that is being lowered, and those around it. */
typedef struct profiling {
  const char *name;
  const struct profiling *outer;
} profiling;

typedef struct global { /* a variable declared at the top of a block */
  variable *variable;
  int dim_count;
  ir_operand dims[IR_MAX_DIMS]; /* constants or model fields */
  /* of a parameter: */
  ir_operand offset, size;  /* in the unconstrained vector */
  ir_operand element_count; /* of the array of vectors or matrices; 1 without array */
  ir_operand element_size;  /* unconstrained, of each */
  bool is_strided;          /* a part of what stands in an array: */
  ir_operand strides[IR_MAX_DIMS];
} global;

/* A function of the program and what it is called as. */
typedef struct called_entry {
  const function *function;
  ir_function *ir;
} called_entry;

/* Values that are handed to an ir_function (lower_function.c). Of each kind there is one buffer: the scalars, in PACK_INTS
 * also the sizes of containers, and behind them the containers that have no buffer of their own. */
typedef enum pack_kind { PACK_INTS, PACK_REALS, PACK_DATA /* reals that carry no derivative */, PACK_KINDS } pack_kind;

typedef struct packed {
  value **values;
  const bool *is_data;  /* by value; NULL: none is set apart */
  bool knows_constants; /* the function is for this call alone: constant sizes and numbers are constants in it */
  int count;
  bool *is_direct; /* by value: a container with a buffer of its own */
  bool has[PACK_KINDS];
  int scalars[PACK_KINDS];
  /* set by pack: */
  ir_operand sizes[PACK_KINDS];
  ir_buffer *packs[PACK_KINDS];
  ir_buffer **buffers; /* by value, of direct containers */
} packed;

/* What a callback is given first: scalar number `place` of t, or the state, which y holds in this place. */
typedef struct callback_given {
  const type *type;
  bool is_state;
  int place;
} callback_given;

typedef struct callback {
  ir_function *function;
  packed arguments; /* what it is given then */
} callback;

typedef struct callback_entry {
  const expression *call;
  value **passed; /* whose constants the function knows */
  ir_function *ir;
} callback_entry;

struct lowering {
  arena *arena;
  const program *program;
  const library *library;
  messages *messages;
  ir_program *out;
  jmp_buf refused;
  ir_builder *b;
  frame *frame;
  block_kind block; /* whose statements are being lowered */
  bool counts_target;
  ir_variable *target_part;   /* where target is a variable: in functions that are called, and where it is read */
  ir_variable *jacobian_part; /* in functions in _jacobian that are called */
  ir_operand target_before;   /* target when the called function began; IR_NONE: 0 */
  struct {
    called_entry *items;
    int count, capacity;
  } called;
  struct {
    callback_entry *items;
    int count, capacity;
  } callbacks;
  bool leaves_out_jacobian; /* what functions add to it */
  bool is_sample;           /* arguments stand for others of the same sizes: what elements must be is not checked */
  bool is_sizing;           /* effects are left out: the statements run again */
  bool is_given;            /* the values at hand are parameters that a user gives */
  int break_label, continue_label;
  const profiling *profiling, *loop_profiling; /* the innermost that is open; that of the innermost loop's beginning */
  struct {
    global *items;
    int count, capacity;
  } globals;
  name_map *global_places; /* by name: 1 + the place among globals */
  struct {
    ir_operand *items;
    int count, capacity;
  } sizes_known; /* checked not to be negative while the data were read */
};

/* Ends the lowering with this message. */
_Noreturn void refuse(lowering *l, location location, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- lower.c ---- */

const global *global_of(const lowering *l, const variable *variable); /* NULL: it is local */
/* An int as a field of the model, or a constant; while in construct. */
ir_operand as_field(lowering *l, const char *name, ir_operand x);
/* Reads the variable from data or inits, into `into` or, when that is NULL, something local. */
value *read_value(lowering *l, const variable *variable, const ir_operand *dims, value *into);

/* ---- lower_value.c ---- */

ir_type ir_type_of(const type *t); /* of its scalars */
bool type_has_matrix(const type *t);
ir_operand int_add(lowering *l, ir_operand a, ir_operand b);
ir_operand int_subtract(lowering *l, ir_operand a, ir_operand b);
ir_operand int_multiply(lowering *l, ir_operand a, ir_operand b);
ir_operand as_real(lowering *l, ir_operand x);
ir_operand product_of(lowering *l, const ir_operand *dims, int count);

value *value_scalar(lowering *l, const type *t, ir_operand operand);
value *value_real(lowering *l, ir_operand operand);
value *value_int(lowering *l, ir_operand operand);
value *value_view(lowering *l, const type *t, ir_buffer *buffer, ir_operand offset, const ir_operand *dims);
value *value_node(lowering *l, const type *t, const ir_operand *dims, element_function *element, int child_count, ...);
/* Elementwise over children of the shape of `shape`, or scalars. */
value *value_map(lowering *l, const type *t, ir_op op, const value *shape, int child_count, value *const *children);
value *value_retyped(lowering *l, const value *v, const type *t);
/* The same elements in the order of storage under other dimensions. */
value *value_reshaped(lowering *l, value *v, const type *t, const ir_operand *dims);
ir_operand value_size(lowering *l, const value *v);
ir_operand value_element(lowering *l, const value *v, const place *at);
ir_operand value_at(lowering *l, const value *v, ir_operand index); /* of one dimension */
ir_operand value_at2(lowering *l, const value *v, ir_operand i, ir_operand j);
bool value_takes_flat(const value *v);
bool value_is_whole(const lowering *l, const value *v); /* a dense view from its buffer's first element on */
/* The first `count` dimensions fixed at these indices; t is what is left. */
value *value_slice(lowering *l, value *v, const type *t, const ir_operand *indices, int count);
/* New memory; not yet written. */
value *value_allocate(lowering *l, const char *name, const type *t, const ir_operand *dims, bool is_filled);
value *value_materialise(lowering *l, value *v, const char *name);
value *value_settled(lowering *l, value *v); /* a scalar or a view: cheap to ask twice */
value *value_whole(lowering *l, value *v);   /* what a kernel can be given */
void value_store(lowering *l, const value *target, const place *at, ir_operand element);
void value_copy(lowering *l, const value *target, value *source); /* also when source reads target */
bool value_reads(const value *v, const value *of);                /* the memory of `of`, anywhere */
/* One element of a view, to be written: a value without dimensions that has a buffer and an offset. */
value *value_element_place(lowering *l, const value *v, const type *t, const place *at);

/* Loops over all elements in the order of storage. Between open and close, l->b is the body. */
typedef struct loops {
  ir_builder *outer;
  ir_builder bodies[IR_MAX_DIMS];
  place place;
} loops;
void loops_open(lowering *l, loops *loops, const type *t, const ir_operand *dims, bool is_flat, bool is_parallel);
/* The same for the elements of a value. */
void loops_over(lowering *l, loops *loops, const value *v, bool is_parallel);
void loops_close(lowering *l, loops *loops);
/* One loop from 0 to count - 1. */
ir_operand loop_open(lowering *l, loops *loops, const char *name, ir_operand count, bool is_parallel);

/* ---- lower_parts.c: tuples and complex numbers ---- */

/* The dimensions of the whole are those of the first part. */
value *value_of_parts(lowering *l, const type *t, value *const *parts);
value *each_part(lowering *l, const value *v, value *(*make)(lowering *l, value *part));
value *parts_slice(lowering *l, const value *v, const type *t, const ir_operand *indices, int count);
value *parts_selected(lowering *l, const value *v, const type *t, selection *selections, int count);
value *parts_promoted(lowering *l, const value *v, const type *t);
value *parts_handed_over(lowering *l, value *v, const struct frame *frame);
/* The plain values that a value is made of, in order, and back. */
typedef struct leaves {
  value **items;
  int count, capacity;
} leaves;
typedef struct leaf_types {
  const type **items;
  int count, capacity;
} leaf_types;
void collect_leaves(lowering *l, value *v, leaves *all);
void collect_leaf_types(lowering *l, const type *t, leaf_types *all);
value *value_of_leaves(lowering *l, const type *t, value ***next);
/* Into variables or memory, part by part; source may read what is written. */
void store_parts(lowering *l, value *target, value *source);
bool is_part_of_tuple(const expression *target); /* t.1, a[2].1[3] */
void assign_parts(lowering *l, const statement *s);
void lower_unpack(lowering *l, const statement *s);
/* Declares the parts of a variable and binds it to them; defined may be NULL. */
void declare_parts(lowering *l, variable *whole, value *defined);
void bind_parts(lowering *l, variable *whole); /* whose parts are bound */
/* A result of type t whose sizes are not known: variables for the sizes of its containers, which set_sizes sets; then the
 * memory and the variables that it is stored in. */
bool has_containers(const type *t);
value *declare_sizes(lowering *l, const type *t);
void set_sizes(lowering *l, const value *sizes, const value *v);
value *declare_result(lowering *l, const char *name, const value *sizes);

/* ---- lower_complex.c ---- */

value *complex_value(lowering *l, value *real, value *imaginary); /* of one shape */
value *complex_of_real(lowering *l, value *v, const type *t);
value *complex_element(lowering *l, const value *v, const place *at);
value *complex_operation(lowering *l, operator_kind op, const type *t, value *x, value *y);
value *prepare_complex(lowering *l, const expression *e, int id, value **x, int count); /* NULL: not of these */

/* ---- lower_check.c ---- */

/* Appends a check unless the condition is known to hold. Text is a printf format. */
void check(lowering *l, ir_operand condition, const char *text, ir_operand a1, ir_operand a2, ir_operand a3);
ir_operand both(lowering *l, ir_operand a, ir_operand b);
const char *format_safe(arena *arena, const char *text); /* % doubled */
void check_same_shape(lowering *l, const value *a, const value *b, const char *what);
void check_same_size(lowering *l, ir_operand a, ir_operand b, const char *what);
void check_size(lowering *l, ir_operand size, const char *name); /* not negative */
/* The elements can be counted: after this neither the product of the sizes nor a sum of many such products overflows. */
void check_count(lowering *l, const ir_operand *dims, int count, const char *name);
/* index counts from 1. */
void check_index(lowering *l, ir_operand index, ir_operand size, const char *subject);
/* first..last of a range index; nothing is checked when it is empty. */
void check_range(lowering *l, ir_operand first, ir_operand last, ir_operand size, const char *subject);
/* Remembers the statement just appended as what defines x. */
/* A variable that the program may assign to again: its value has to be kept by a copy. Others that are mutable are the
 * lowering's own, and do not change once an expression is done. */
void mark_assignable(lowering *l, ir_variable *variable);
bool may_change(const lowering *l, ir_operand x);
ir_operand note_definition(lowering *l, ir_operand x);
ir_operand split_offset(ir_operand x, long *offset); /* x = result + *offset */
bool is_at_least(ir_operand x, long low);
bool is_at_most(ir_operand x, ir_operand high);
bool is_element_check(int id); /* of a builtin */
/* The library's __check_... builtins. */
void lower_library_check(lowering *l, const expression *call, value **arguments);

/* ---- lower_constraint.c ---- */

const char *source_words(arena *arena, location location);
const char *declared_type_text(arena *arena, const sized_type *declared); /* without sizes */
/* For messages, and safe in a format: "data block, `array[] simplex p`". */
const char *declaration_words(lowering *l, const variable *variable);
/* What a message is about: text is a printf format that shows the indices; `where` follows what is wrong. */
typedef struct checked_value {
  const char *text, *where;
  ir_operand indices[IR_MAX_DIMS];
  int index_count;
} checked_value;
/* Checks that a vector or matrix is a simplex, ordered ... */
void check_form(lowering *l, type_form form, const checked_value *subject, value *v);
void check_symmetric(lowering *l, const checked_value *subject, value *v);
/* Checks that the value obeys the constraints with which the variable is declared. */
void check_constraints(lowering *l, const variable *variable, value *v);
/* That there can be such a vector or matrix: a simplex has an element. */
void check_form_sizes(lowering *l, const variable *variable, const ir_operand *dims);

/* ---- lower_layout.c ---- */

/* In construct: gives each part its place from offset on; what comes behind. */
ir_operand lay_out_parts(lowering *l, variable *whole, ir_operand offset);

/* ---- lower_parameter.c ---- */

void measure_parameter(lowering *l, global *parameter); /* in construct: sizes */
void lower_parameter(lowering *l, const global *parameter);
void lower_unconstrain(lowering *l);

/* ---- lower_expression.c, lower_operator.c ---- */

value *prepare(lowering *l, const expression *e);
ir_operand lower_scalar(lowering *l, const expression *e);
const expression *strip(const expression *e); /* of parentheses */
value *prepare_unary(lowering *l, const expression *e);
value *prepare_binary(lowering *l, const expression *e);
/* Of values already prepared; what `e` is for places and messages. */
value *apply_binary(lowering *l, operator_kind op, const type *t, value *left, value *right);
value *value_promoted(lowering *l, value *v, const type *t);
/* Without checks, calls and loads, and harmless where it is not wanted: may be computed on either side of a branch. */
bool is_total(const lowering *l, const expression *e);

/* ---- lower_index.c ---- */

value *prepare_index(lowering *l, const expression *e);
selection *prepare_selections(lowering *l, const expression *e, const value *base);
value *select_from(lowering *l, value *base, const type *t, selection *selections, int count);
value *value_range(lowering *l, value *v, ir_operand first, ir_operand count); /* of one dimension's first */
const char *subject_of(const lowering *l, const expression *e);
place selected_place(lowering *l, const value *v, const place *at);

/* ---- lower_call.c ---- */

value *prepare_call(lowering *l, const expression *e);
void lower_void_call(lowering *l, const expression *e);
value *call_function(lowering *l, const function *f, value **arguments, sink_kind sink, bool is_negative,
                     bool may_drop);
typedef struct rows { /* what a call is applied to, one after the other */
  const value *shape; /* the argument that says how many there are; NULL: the call takes its arguments whole */
  int dim_count;
  const type *type; /* of an array with the rows' dimensions */
} rows;
rows rows_of(lowering *l, const function *f, value **arguments, int count);
/* The argument for one row: what is left of it after its first dimensions are fixed. */
value *row_argument(lowering *l, value *argument, const type *parameter, const place *at);
value *call_density(lowering *l, const callee *callee, value **arguments, int count, sink_kind sink, bool is_negative);
value *apply_elementwise(lowering *l, const callee *callee, const type *t, value **arguments, int count);
void lower_target(lowering *l, const expression *e, bool is_negative, bool is_jacobian);
void lower_return(lowering *l, const expression *e, bool is_tail);
void bind(lowering *l, variable *variable, value *v);
void unbind(const frame *frame);
void run_function_body(lowering *l, const function *f);
function *require_library(lowering *l, location location, const char *name, const type *const *arguments, int count);

/* ---- lower_truncation.c ---- */

/* What y ~ name(...) T[lower, upper] adds beside the density; arguments[0] is y. */
void lower_truncation(lowering *l, const statement *s, value **arguments, int count);

/* ---- lower_function.c ---- */

/* How the values are packed, with buffers of their own for as many containers as there is room. Only shapes and types
 * of the values are looked at. */
packed pack_layout(lowering *l, value **values, int count, int room);
/* No container has a buffer of its own, every kind has one, and data lie apart. */
packed pack_layout_apart(lowering *l, value **values, const bool *is_data, int count);
void pack(lowering *l, packed *p); /* emits the packing, in the caller */
/* Whether constants stand in the same places of both, and are the same. */
bool same_constants(value *const *a, value *const *b, int count);
/* The values as the function finds them; direct: the inputs of containers that have their own. */
void unpack(lowering *l, const packed *p, ir_buffer *const *packs, ir_buffer *const *direct, value **values,
            const type *const *types, const char *const *names);
/* Between the two, what is lowered is the body of `called`. The caller of enter_called owns outer, body and inner. */
void enter_called(lowering *l, lowering *outer, ir_builder *body, frame *inner, const function *f,
                  const ir_function *called);
void leave_called(lowering *l, const lowering *outer);
/* The plain values that the parameters from `first` on are made of, each with its parameter's name. */
typedef struct plain_parameters {
  leaf_types types;
  struct {
    const char **items;
    int count, capacity;
  } names;
} plain_parameters;
void collect_parameters(lowering *l, const function *f, int first, plain_parameters *all);
/* Calls the function instead of inlining it. NULL for a void function. */
value *call_called_function(lowering *l, const function *f, value **arguments, sink_kind sink, bool is_negative);
void return_from_called(lowering *l, value *v);
void settle_called_functions(lowering *l); /* when everything is lowered */
void add_target(lowering *l, ir_operand x, bool is_droppable, bool is_jacobian);
ir_operand target_so_far(lowering *l);

/* ---- lower_callback.c, lower_ode.c, lower_solver.c ---- */

/* The callback of the call e as a function that a solver can call, and, packed in the caller, the arguments that are passed on
 * to it: those of the call from number `first_trailing` on, as many as the callback has parameters for. */
callback lower_callback(lowering *l, const expression *e, const callback_given *given, int given_count,
                        ir_operand state_size, int first_trailing);
/* A buffer of these reals. */
ir_buffer *reals_of(lowering *l, const char *name, const ir_operand *values, int count);
bool is_ode_solver(int id); /* of ir/higher_order.def */
value *lower_ode(lowering *l, const expression *e);
bool is_root_solver(int id);
value *lower_root(lowering *l, const expression *e);
value *lower_integral(lowering *l, const expression *e);

/* ---- lower_higher_order.c ---- */

value *prepare_higher_order(lowering *l, const expression *e);
bool is_partial_sum(
    const expression *e); /* a call of reduce_sum, whose callback's summands may go into target one by one */
void lower_partial_sum_into_target(lowering *l, const expression *e, bool is_negative);

/* ---- builtins: lower_builtin.c, lower_shape.c, lower_reduce.c, lower_matrix.c ---- */

value *prepare_builtin(lowering *l, const expression *e, int id, value **arguments, int count);
value *prepare_shape(lowering *l, const expression *e, int id, value **x, int count);     /* NULL: not of these */
value *prepare_reduction(lowering *l, const expression *e, int id, value **x, int count); /* NULL: not of these */
value *prepare_matrix(lowering *l, const expression *e, int id, value **x, int count);    /* NULL: not of these */
value *call_kernel(lowering *l, ir_kernel kernel, const type *t, const ir_operand *result_dims, const ir_operand *dims,
                   value *x, value *y);
value *value_transposed(lowering *l, value *v, const type *t);
value *matrix_product(lowering *l, const type *t, value *x, value *y);
value *dot_product(lowering *l, value *x, value *y);
value *products_of(lowering *l, value *x, value *y); /* whose sum is the dot product */
/* Adds every element into an accumulator, or into target. */
value *sum_of(lowering *l, value *v);
value *literal(lowering *l, const expression *e);
/* The child for each index of the dimensions before its own. */
value *value_replicated(lowering *l, const type *t, const ir_operand *dims, value *child);

/* ---- lower_sizing.c ---- */

/* Between open and close statements are lowered without their effects, for the sizes that they set. */
typedef struct sizing {
  ir_builder trial, *outer;
  bool was_sizing;
} sizing;
void sizing_open(lowering *l, sizing *sizing);
void sizing_close(lowering *l, sizing *sizing);

/* ---- lower_statement.c ---- */

/* True when control does not come to the end. is_tail: nothing follows in the function. */
bool lower_statements(lowering *l, const statement *list, bool is_tail);
/* Stops the clocks of the profile blocks inside of this one (NULL: all), which are left. */
void stop_profiles(lowering *l, const profiling *outermost);
void lower_declaration(lowering *l, variable *variable, const expression *definition);
/* A declaration statement; `define` makes the variable. */
void lower_defined(lowering *l, const statement *s,
                   void (*define)(lowering *l, variable *variable, const expression *definition));
/* dims: the sizes, evaluated; they may be changed. */
void lower_declaration_of(lowering *l, variable *variable, value *defined, ir_operand *dims);
/* The sizes are those of the declaration, or of the block's when it is global. */
void declare_value(lowering *l, variable *variable, value *defined);
int declared_dims(lowering *l, const sized_type *declared, ir_operand *dims);

/* ---- lower_promote.c ---- */

/* Variables that are set once become plain values. Returns the block without them. */
ir_block *lower_promote(ir_program *program, ir_block *block);

/* ---- lower_walk.c ---- */

int count_returns(const statement *list);
bool always_returns(const statement *list);
bool has_early_return(const statement *list, bool is_tail);
bool has_break(const statement *body), has_continue(const statement *body);
/* How often elements of the variable are asked for; once within a loop counts as often. */
int count_uses(const statement *list, const variable *variable);
bool assigns(const statement *list, const variable *variable);

#endif
