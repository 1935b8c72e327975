/* small.c: matrix operations whose sizes are known and small are written out instead of called.
 *
 *   C = matrix_times_matrix(A, B; 2, 2, 2)          a0 = A[0] … b3 = B[3]
 *                                                   t = a0 * b0;  u = a2 * b1;  v = t + u;  C[0] = v …
 *
 *   C = matrix_times_matrix(A, B; 2, 2, @J)         a0 = A[0] …
 *                                                   parallel for j in 0 .. @J - 1: the same for one column of B and of C
 *
 * Then the elements are plain values: pass `common` reads each from where it was computed, the small arrays vanish, the loop
 * over the columns fuses with those that make and read them, and the adjoint has neither a call nor its memory.
 *
 * The table at the end says for each kernel how it is written out. All sizes must be known and at most MOST, but the number of
 * columns (rows) on which the kernel does the same to each: over these a loop is left. Of a matrix times a vector the columns
 * may be MOST_TERMS: the sum over them then stands in the loop over the rows, in which the likelihood is. What fails, fails at
 * the same values and in the same words as in the runtime (runtime/kernel_texts.h). Of general matrices only those of two rows
 * are factored: exchanging rows is a choice, and beyond one exchange the choices cost more than the call.
 *
 * Calls on data alone stay, for `hoist` takes them away as a whole. The program grows by MOST_ADDED statements at most, and
 * what comes to MOST_FIRST goes first: a product of 3 by 3 has 72 statements, one of 4 by 4 has 160.
 *
 * Microseconds for a gradient, --without=small and with it: gcse_correlated 1.94, 0.65; group_predictor 0.65, 0.26;
 * trolley_varying 62, 40; trolley_simple 0.74, 0.54; wells_dae_inter 8.8, 6.5; multi_occupancy 28.1, 27.5. No other program of
 * bench/models changes; the executables of these become 5 to 32 kB smaller and take as long to build. A Kalman filter of 200
 * steps with two states 85, 7.9; with three states and two observations, 100 steps, 146, 21; 300 times multi_normal with a
 * matrix of two rows for each 33, 2.8, with one for all 5.2, 1.6; a linear differential equation 101, 20.
 *
 * Of log_density and the functions it calls; runs after `unroll`, which has put constants where sizes are known. */
#include <math.h>
#include "ir/passes.h"
#include "runtime/kernel_texts.h"

enum { MOST = 4, MOST_TERMS = 8, MOST_FIRST = 100, MOST_ADDED = 1500 };

typedef struct small {
  ir_program *program;
  int most;  /* statements of one call */
  int added; /* statements of all */
} small;

/* ---- matrices in memory and as values ---- */

typedef struct view { /* a matrix in a buffer, column after column */
  ir_buffer *buffer;
  ir_operand rows;
  bool is_transposed; /* the matrix is the transpose of that */
} view;

typedef struct values {
  int rows, columns;
  ir_operand at[MOST][MOST_TERMS]; /* row, column */
} values;

static ir_operand add(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_ADD, x, y); }
static ir_operand subtract(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_SUBTRACT, x, y); }
static ir_operand multiply(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_MULTIPLY, x, y); }
static ir_operand divide(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_DIVIDE, x, y); }

static view transposed(view v) {
  v.is_transposed = !v.is_transposed;
  return v;
}

static ir_operand index_of(ir_builder *b, view v, ir_operand row, ir_operand column) {
  ir_operand i = v.is_transposed ? column : row, j = v.is_transposed ? row : column;
  return ir_let2(b, IR_OP_INT_ADD, i, ir_let2(b, IR_OP_INT_MULTIPLY, j, v.rows));
}

static ir_operand element(ir_builder *b, view v, ir_operand row, ir_operand column) {
  return ir_load(b, v.buffer->name, v.buffer, index_of(b, v, row, column));
}

static values load(ir_builder *b, view v, int rows, int columns) {
  values x = {rows, columns, {{{0}}}};
  for (int j = 0; j < columns; j++)
    for (int i = 0; i < rows; i++) x.at[i][j] = element(b, v, ir_int(i), ir_int(j));
  return x;
}

/* What is done to each column of a matrix alike: straight-line code for few columns, and a loop for others. */
typedef struct columns {
  view from, to;
  int rows, from_rows; /* of a column of `to`, and of `from` */
  values matrix;       /* by which it is multiplied or divided */
  void (*write)(ir_builder *b, const values *matrix, const ir_operand *from, ir_operand *to);
} columns;

static void write_column(const columns *c, ir_builder *b, ir_operand column) {
  ir_operand from[MOST_TERMS], to[MOST];
  for (int i = 0; i < c->from_rows; i++) from[i] = element(b, c->from, ir_int(i), column);
  c->write(b, &c->matrix, from, to);
  for (int i = 0; i < c->rows; i++) ir_store(b, c->to.buffer, index_of(b, c->to, ir_int(i), column), to[i]);
}

static bool is_at_most(ir_operand size, int most) {
  return size.kind == IR_CONSTANT_INT && size.int_value >= 1 && size.int_value <= most;
}

static bool is_small(ir_operand size) { return is_at_most(size, MOST); }

static void write_columns(const columns *c, ir_builder *b, ir_operand count) {
  if (is_small(count)) {
    for (int j = 0; j < count.int_value; j++) write_column(c, b, ir_int(j));
  } else {
    ir_builder body;
    ir_operand last = ir_let2(b, IR_OP_INT_SUBTRACT, count, ir_int(1));
    ir_statement *loop = ir_for(b, "j", ir_int(0), last, true, &body);
    write_column(c, &body, ir_use(loop->variable));
  }
}

/* ---- products ---- */

static void column_of_product(ir_builder *b, const values *matrix, const ir_operand *from, ir_operand *to) {
  for (int i = 0; i < matrix->rows; i++) {
    to[i] = multiply(b, matrix->at[i][0], from[0]);
    for (int p = 1; p < matrix->columns; p++) to[i] = add(b, to[i], multiply(b, matrix->at[i][p], from[p]));
  }
}

/* to[m,n] = left[m,k] right[k,n]; n may be large, or else m: the transposed product then has m columns. */
static void write_product(ir_builder *b, view to, view left, view right, ir_operand m, ir_operand k, ir_operand n) {
  if (!is_small(m)) {
    write_product(b, transposed(to), transposed(right), transposed(left), n, k, m);
    return;
  }
  int rows = (int)m.int_value, inner = (int)k.int_value;
  columns c = {right, to, rows, inner, load(b, left, rows, inner), column_of_product};
  write_columns(&c, b, n);
}

static view output(const ir_statement *s, ir_operand rows) { return (view){s->call->outputs[0], rows, false}; }
static view input(const ir_statement *s, int i, ir_operand rows) { return (view){s->call->inputs[i], rows, false}; }

static void matrix_times_matrix(ir_builder *b, const ir_statement *s) {
  const ir_operand *d = s->call->dims;
  write_product(b, output(s, d[0]), input(s, 0, d[0]), input(s, 1, d[1]), d[0], d[1], d[2]);
}

static void matrix_times_vector(ir_builder *b, const ir_statement *s) {
  const ir_operand *d = s->call->dims;
  write_product(b, output(s, d[0]), input(s, 0, d[0]), input(s, 1, d[1]), d[0], d[1], ir_int(1));
}

static void row_vector_times_matrix(ir_builder *b, const ir_statement *s) {
  const ir_operand *d = s->call->dims;
  write_product(b, output(s, ir_int(1)), input(s, 0, ir_int(1)), input(s, 1, d[0]), ir_int(1), d[0], d[1]);
}

static void crossprod(ir_builder *b, const ir_statement *s) {
  const ir_operand *d = s->call->dims;
  view matrix = input(s, 0, d[0]);
  write_product(b, output(s, d[1]), transposed(matrix), matrix, d[1], d[0], d[1]);
}

static void tcrossprod(ir_builder *b, const ir_statement *s) {
  const ir_operand *d = s->call->dims;
  view matrix = input(s, 0, d[0]);
  write_product(b, output(s, d[0]), matrix, transposed(matrix), d[0], d[1], d[0]);
}

/* ---- triangular matrices ---- */

static bool is_zero(ir_operand x) { return x.kind == IR_CONSTANT_REAL && x.real_value == 0; }

/* x - y z; what is 0 by its place takes no part. */
static ir_operand less_product(ir_builder *b, ir_operand x, ir_operand y, ir_operand z) {
  if (is_zero(y) || is_zero(z)) return x;
  ir_operand product = multiply(b, y, z);
  return is_zero(x) ? ir_let1(b, IR_OP_NEGATE, product) : subtract(b, x, product);
}

/* L x = from */
static void solve_lower(ir_builder *b, const values *L, const ir_operand *from, ir_operand *to) {
  for (int i = 0; i < L->rows; i++) {
    ir_operand rest = from[i];
    for (int p = 0; p < i; p++) rest = less_product(b, rest, L->at[i][p], to[p]);
    to[i] = is_zero(rest) ? rest : divide(b, rest, L->at[i][i]);
  }
}

/* L' x = from */
static void solve_lower_transposed(ir_builder *b, const values *L, const ir_operand *from, ir_operand *to) {
  for (int i = L->rows; i-- > 0;) {
    ir_operand rest = from[i];
    for (int p = i + 1; p < L->rows; p++) rest = less_product(b, rest, L->at[p][i], to[p]);
    to[i] = divide(b, rest, L->at[i][i]);
  }
}

/* L L' x = from */
static void solve_by_factor(ir_builder *b, const values *L, const ir_operand *from, ir_operand *to) {
  ir_operand between[MOST];
  solve_lower(b, L, from, between);
  solve_lower_transposed(b, L, between, to);
}

/* X[n,k] by B[n,k], column by column. */
static void divide_left(ir_builder *b, const ir_statement *s, values matrix,
                        void (*solve)(ir_builder *b, const values *matrix, const ir_operand *from, ir_operand *to)) {
  const ir_operand *d = s->call->dims;
  columns c = {input(s, 1, d[0]), output(s, d[0]), matrix.rows, matrix.rows, matrix, solve};
  write_columns(&c, b, d[1]);
}

/* X[k,n] by B[k,n], row by row: X' is divided from the left. */
static void divide_right(ir_builder *b, const ir_statement *s, values matrix,
                         void (*solve)(ir_builder *b, const values *matrix, const ir_operand *from, ir_operand *to)) {
  const ir_operand *d = s->call->dims;
  columns c = {transposed(input(s, 0, d[0])), transposed(output(s, d[0])), matrix.rows, matrix.rows, matrix, solve};
  write_columns(&c, b, d[0]);
}

static values square_input(ir_builder *b, const ir_statement *s, int i, ir_operand size) {
  return load(b, input(s, i, size), (int)size.int_value, (int)size.int_value);
}

static void mdivide_left_tri_low(ir_builder *b, const ir_statement *s) {
  divide_left(b, s, square_input(b, s, 0, s->call->dims[0]), solve_lower);
}

static void mdivide_right_tri_low(ir_builder *b, const ir_statement *s) {
  divide_right(b, s, square_input(b, s, 1, s->call->dims[1]), solve_lower_transposed);
}

/* ---- symmetric positive definite matrices ---- */

/* That the condition holds; text: after the names of the program's function, where it called one, and of the kernel. */
static void claim(ir_builder *b, const ir_statement *s, ir_operand condition, const char *text, ir_operand x,
                  ir_operand y) {
  const char *caller = s->text ? arena_printf(b->program->arena, "%s: ", s->text) : "";
  text = arena_printf(b->program->arena, "%s%s: %s", caller, ir_kernels[s->kernel].name, text);
  ir_check(b, condition, text, x, y, ir_none());
}

/* L with L L' = A, with zeros above, and the checks of sl_factor_spd in its order. */
static values factor_spd(ir_builder *b, const ir_statement *s, int i, ir_operand size) {
  arena *arena = b->program->arena;
  values A = square_input(b, s, i, size), L = {A.rows, A.rows, {{{0}}}};
  ir_operand pivots[MOST];
  for (int c = 0; c < A.rows; c++)
    for (int r = c + 1; r < A.rows; r++) {
      ir_operand distance = ir_let1(b, IR_OP_ABS, subtract(b, A.at[r][c], A.at[c][r]));
      ir_operand differs = ir_let2(b, IR_OP_LESS, ir_real(SL_SYMMETRY_TOLERANCE), distance);
      claim(b, s, ir_let1(b, IR_OP_NOT, differs),
            arena_printf(arena, SL_NOT_SYMMETRIC("%%g"), c + 1L, r + 1L, r + 1L, c + 1L), A.at[c][r], A.at[r][c]);
    }
  for (int c = 0; c < A.rows; c++) {
    for (int r = 0; r < c; r++) L.at[r][c] = ir_real(0);
    ir_operand rest = A.at[c][c];
    for (int p = 0; p < c; p++) rest = subtract(b, rest, ir_let1(b, IR_OP_SQUARE, L.at[c][p]));
    pivots[c] = rest;
    L.at[c][c] = ir_let1(b, IR_OP_SQRT, rest);
    for (int r = c + 1; r < A.rows; r++) {
      rest = A.at[r][c];
      for (int p = 0; p < c; p++) rest = less_product(b, rest, L.at[r][p], L.at[c][p]);
      L.at[r][c] = divide(b, rest, L.at[c][c]);
    }
  }
  for (int c = 0; c < 2 * A.rows; c++) { /* all pivots are positive, and then: all roots are finite */
    int at = c % A.rows;
    ir_operand holds = c < A.rows ? ir_let2(b, IR_OP_LESS, ir_real(0), pivots[at])
                                  : ir_let2(b, IR_OP_LESS, L.at[at][at], ir_real(INFINITY));
    claim(b, s, holds, arena_printf(arena, SL_NOT_POSITIVE_DEFINITE("%%g"), at + 1L, at + 1L, SL_BESIDE_ROWS(at + 1)),
          A.at[at][at], ir_none());
  }
  return L;
}

static void store(ir_builder *b, view v, const values *x) {
  for (int j = 0; j < x->columns; j++)
    for (int i = 0; i < x->rows; i++) ir_store(b, v.buffer, index_of(b, v, ir_int(i), ir_int(j)), x->at[i][j]);
}

static void cholesky_decompose(ir_builder *b, const ir_statement *s) {
  values L = factor_spd(b, s, 0, s->call->dims[0]);
  store(b, output(s, s->call->dims[0]), &L);
}

static void mdivide_left_spd(ir_builder *b, const ir_statement *s) {
  divide_left(b, s, factor_spd(b, s, 0, s->call->dims[0]), solve_by_factor);
}

static void mdivide_right_spd(ir_builder *b, const ir_statement *s) {
  divide_right(b, s, factor_spd(b, s, 1, s->call->dims[1]), solve_by_factor);
}

/* Each column solves for one of the identity. */
static void write_inverse(ir_builder *b, const ir_statement *s, const values *matrix,
                          void (*solve)(ir_builder *b, const values *matrix, const ir_operand *from, ir_operand *to)) {
  values Y = {matrix->rows, matrix->rows, {{{0}}}};
  for (int j = 0; j < Y.columns; j++) {
    ir_operand from[MOST], to[MOST];
    for (int i = 0; i < Y.rows; i++) from[i] = ir_real(i == j);
    solve(b, matrix, from, to);
    for (int i = 0; i < Y.rows; i++) Y.at[i][j] = to[i];
  }
  store(b, output(s, s->call->dims[0]), &Y);
}

static void inverse_spd(ir_builder *b, const ir_statement *s) {
  values L = factor_spd(b, s, 0, s->call->dims[0]);
  write_inverse(b, s, &L, solve_by_factor);
}

static void log_determinant_spd(ir_builder *b, const ir_statement *s) {
  values L = factor_spd(b, s, 0, s->call->dims[0]);
  ir_operand sum = ir_real(0);
  for (int j = 0; j < L.rows; j++) sum = add(b, sum, multiply(b, ir_real(2), ir_let1(b, IR_OP_LOG, L.at[j][j])));
  ir_store(b, s->call->outputs[0], ir_int(0), sum);
}

/* ---- general matrices of at most two rows ---- */

/* L below the diagonal, U on and above; at[0][TURNED]: whether the rows were exchanged, the larger one of column 0 first. */
enum { TURNED = 2 };

static values factor(ir_builder *b, values A) {
  if (A.rows == 1) return A;
  values lu = A;
  ir_operand turned = ir_let2(b, IR_OP_LESS, ir_let1(b, IR_OP_ABS, A.at[0][0]), ir_let1(b, IR_OP_ABS, A.at[1][0]));
  for (int j = 0; j < 2; j++)
    for (int i = 0; i < 2; i++) lu.at[i][j] = ir_let3(b, IR_OP_SELECT, turned, A.at[!i][j], A.at[i][j]);
  ir_operand is_zero =
      ir_let2(b, IR_OP_EQUAL, lu.at[0][0], ir_real(0)); /* then the column is, and nothing is to be taken off */
  lu.at[1][0] = divide(b, lu.at[1][0], ir_let3(b, IR_OP_SELECT, is_zero, ir_real(1), lu.at[0][0]));
  lu.at[1][1] = less_product(b, lu.at[1][1], lu.at[1][0], lu.at[0][1]);
  lu.at[0][TURNED] = turned;
  return lu;
}

static void solve_general(ir_builder *b, const values *lu, const ir_operand *from, ir_operand *to) {
  if (lu->rows == 1) {
    to[0] = divide(b, from[0], lu->at[0][0]);
    return;
  }
  ir_operand turned = lu->at[0][TURNED], first = ir_let3(b, IR_OP_SELECT, turned, from[1], from[0]);
  ir_operand second = ir_let3(b, IR_OP_SELECT, turned, from[0], from[1]);
  to[1] = divide(b, less_product(b, second, lu->at[1][0], first), lu->at[1][1]);
  to[0] = divide(b, less_product(b, first, lu->at[0][1], to[1]), lu->at[0][0]);
}

static void mdivide_left(ir_builder *b, const ir_statement *s) {
  divide_left(b, s, factor(b, square_input(b, s, 0, s->call->dims[0])), solve_general);
}

/* X A = B is A' X' = B'. */
static void mdivide_right(ir_builder *b, const ir_statement *s) {
  int n = (int)s->call->dims[1].int_value;
  divide_right(b, s, factor(b, load(b, transposed(input(s, 1, s->call->dims[1])), n, n)), solve_general);
}

static void inverse(ir_builder *b, const ir_statement *s) {
  values lu = factor(b, square_input(b, s, 0, s->call->dims[0]));
  write_inverse(b, s, &lu, solve_general);
}

static void determinant(ir_builder *b, const ir_statement *s) {
  values A = square_input(b, s, 0, s->call->dims[0]);
  ir_operand value = A.at[0][0];
  if (A.rows == 2) value = less_product(b, multiply(b, A.at[0][0], A.at[1][1]), A.at[0][1], A.at[1][0]);
  ir_store(b, s->call->outputs[0], ir_int(0), value);
}

static void log_determinant(ir_builder *b, const ir_statement *s) {
  values lu = factor(b, square_input(b, s, 0, s->call->dims[0]));
  ir_operand sum = ir_real(0);
  for (int j = 0; j < lu.rows; j++) sum = add(b, sum, ir_let1(b, IR_OP_LOG, ir_let1(b, IR_OP_ABS, lu.at[j][j])));
  ir_store(b, s->call->outputs[0], ir_int(0), sum);
}

/* ---- the table ---- */

typedef struct writing {
  ir_kernel kernel;
  /* A letter for each size: s at most MOST, t two, w MOST_TERMS; l any, but only one of the sizes may be more than MOST. */
  const char *dims;
  void (*write)(ir_builder *b, const ir_statement *s);
} writing;

static const writing writings[] = {
    {IR_KERNEL_MATRIX_TIMES_MATRIX, "lsl", matrix_times_matrix},
    {IR_KERNEL_MATRIX_TIMES_VECTOR, "lw", matrix_times_vector},
    {IR_KERNEL_ROW_VECTOR_TIMES_MATRIX, "sl", row_vector_times_matrix},
    {IR_KERNEL_CROSSPROD, "ss", crossprod},
    {IR_KERNEL_TCROSSPROD, "ss", tcrossprod},
    {IR_KERNEL_MDIVIDE_LEFT_TRI_LOW, "sl", mdivide_left_tri_low},
    {IR_KERNEL_MDIVIDE_RIGHT_TRI_LOW, "ls", mdivide_right_tri_low},
    {IR_KERNEL_CHOLESKY_DECOMPOSE, "s", cholesky_decompose},
    {IR_KERNEL_MDIVIDE_LEFT_SPD, "sl", mdivide_left_spd},
    {IR_KERNEL_MDIVIDE_RIGHT_SPD, "ls", mdivide_right_spd},
    {IR_KERNEL_INVERSE_SPD, "s", inverse_spd},
    {IR_KERNEL_LOG_DETERMINANT_SPD, "s", log_determinant_spd},
    {IR_KERNEL_MDIVIDE_LEFT, "tl", mdivide_left},
    {IR_KERNEL_MDIVIDE_RIGHT, "lt", mdivide_right},
    {IR_KERNEL_INVERSE, "t", inverse},
    {IR_KERNEL_DETERMINANT, "t", determinant},
    {IR_KERNEL_LOG_DETERMINANT, "t", log_determinant},
};

static const writing *writing_of(const ir_statement *s) {
  for (size_t i = 0; i < sizeof writings / sizeof *writings; i++) {
    if (writings[i].kernel != s->kernel) continue;
    int large = 0;
    for (int d = 0; d < s->call->dim_count; d++) {
      ir_operand size = s->call->dims[d];
      const char letter = writings[i].dims[d];
      bool fits = is_at_most(size, letter == 't' ? 2 : letter == 'w' ? MOST_TERMS : MOST);
      if (!fits && letter != 'l') return NULL;
      large += !fits;
    }
    return large <= 1 ? &writings[i] : NULL;
  }
  return NULL;
}

static int size_of(const ir_block *block) {
  int size = block->count;
  for (int i = 0; i < block->count; i++)
    if (block->items[i]->body) size += size_of(block->items[i]->body);
  return size;
}

static bool write_out(small *u, ir_block *out, const ir_statement *s) {
  const writing *w = writing_of(s);
  if (!w || s->is_adjoint || !s->call->outputs[0]->is_parameter_level) return false;
  ir_builder outer = {.program = u->program, .block = out, .location = s->location}, b = ir_nested(&outer);
  w->write(&b, s);
  int size = size_of(b.block);
  if (size > u->most || u->added + size > MOST_ADDED) return false;
  u->added += size;
  for (int i = 0; i < b.block->count; i++) arena_push(u->program->arena, out, b.block->items[i]);
  return true;
}

static ir_block *written_out(small *u, const ir_block *block) {
  ir_block *out = ir_block_create(u->program->arena);
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_KERNEL_CALL && write_out(u, out, s)) continue;
    ir_statement *copy = ir_with_own_blocks(u->program->arena, s);
    if (s->test) copy->test = written_out(u, s->test);
    if (s->body) copy->body = written_out(u, s->body);
    if (s->other) copy->other = written_out(u, s->other);
    arena_push(u->program->arena, out, copy);
  }
  return out;
}

static void write_out_all(small *u) {
  ir_program *program = u->program;
  program->log_density = written_out(u, program->log_density);
  for (int i = 0; i < program->functions.count; i++)
    program->functions.items[i]->body = written_out(u, program->functions.items[i]->body);
}

void ir_small(ir_program *program) {
  ir_analyse(program);
  small u = {.program = program, .most = MOST_FIRST};
  write_out_all(&u);
  u.most = MOST_ADDED;
  write_out_all(&u);
}
