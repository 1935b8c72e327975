/* lower_matrix.c: builtins and operators that call kernels, and matrix functions made from them. */
#include <string.h>
#include "ir/lower_internal.h"

value *call_kernel(lowering *l, ir_kernel kernel, const type *t, const ir_operand *result_dims, const ir_operand *dims,
                   value *x, value *y) {
  x = value_whole(l, x);
  if (y) y = value_whole(l, y);
  value *result = value_allocate(l, NULL, t, result_dims, false);
  result->buffer->is_written_once = true;
  ir_statement *call = ir_kernel_call(l->b, kernel);
  call->call->outputs[0] = result->buffer;
  call->call->inputs[0] = x->buffer;
  call->call->inputs[1] = y ? y->buffer : NULL;
  memcpy(call->call->dims, dims, sizeof *dims * (size_t)call->call->dim_count);
  return result;
}

/* The matrix of which v is the transpose, when that one lies in memory as it is. */
static value *untransposed(lowering *l, const value *v) {
  if (!v->buffer || v->is_dense || v->type->kind != TYPE_MATRIX || !ir_same(v->strides[1], ir_int(1)) ||
      !ir_same(v->strides[0], v->dims[1]))
    return NULL;
  value *matrix = value_view(l, v->type, v->buffer, v->offset, (ir_operand[]){v->dims[1], v->dims[0]});
  return value_is_whole(l, matrix) ? matrix : NULL;
}

value *matrix_product(lowering *l, const type *t, value *x, value *y) {
  ir_operand inner = x->dims[x->dim_count - 1];
  check_same_size(l, inner, y->dims[0], "operands of `*`: columns and rows must be equal, but are %ld and %ld");
  if (y->dim_count == 1) { /* matrix * vector */
    value *a = untransposed(l, x);
    if (a) return call_kernel(l, IR_KERNEL_ROW_VECTOR_TIMES_MATRIX, t, x->dims, a->dims, y, a);
    return call_kernel(l, IR_KERNEL_MATRIX_TIMES_VECTOR, t, x->dims, x->dims, x, y);
  }
  if (x->dim_count == 1) { /* row_vector * matrix */
    value *a = untransposed(l, y);
    if (a) return call_kernel(l, IR_KERNEL_MATRIX_TIMES_VECTOR, t, &y->dims[1], a->dims, a, x);
    return call_kernel(l, IR_KERNEL_ROW_VECTOR_TIMES_MATRIX, t, &y->dims[1], y->dims, x, y);
  }
  ir_operand dims[] = {x->dims[0], inner, y->dims[1]}, result_dims[] = {x->dims[0], y->dims[1]};
  return call_kernel(l, IR_KERNEL_MATRIX_TIMES_MATRIX, t, result_dims, dims, x, y);
}

static void check_square(lowering *l, const value *x, const char *name) {
  check_same_size(l, x->dims[0], x->dims[1],
                  arena_printf(l->arena, "%s: the matrix must be square, but has %%ld rows and %%ld columns", name));
}

/* One square matrix to another. */
static value *square_kernel(lowering *l, ir_kernel kernel, const expression *e, value *x) {
  check_square(l, x, e->call.name);
  return call_kernel(l, kernel, e->type, x->dims, x->dims, x, NULL);
}

static value *number_kernel(lowering *l, ir_kernel kernel, const expression *e, value *x) {
  check_square(l, x, e->call.name);
  ir_operand one = ir_int(1);
  value *result = call_kernel(l, kernel, &type_vector, &one, x->dims, x, NULL);
  return value_real(l, value_at(l, result, ir_int(0)));
}

/* Of the thin singular value decomposition: the values, or with a side the vectors, a row for each row (0) or column (1). */
static value *singular_kernel(lowering *l, ir_kernel kernel, const expression *e, value *x, int side) {
  ir_operand rank = ir_let2(l->b, IR_OP_INT_MIN, x->dims[0], x->dims[1]);
  ir_operand dims[] = {side < 0 ? rank : x->dims[side], rank};
  return call_kernel(l, kernel, e->type, dims, x->dims, x, NULL);
}

/* A \ B */
static value *divide_left(lowering *l, ir_kernel kernel, const expression *e, value *a, value *b) {
  check_square(l, a, e->call.name);
  check_same_size(l, a->dims[0], b->dims[0],
                  arena_printf(l->arena, "%s: rows must be equal, but are %%ld and %%ld", e->call.name));
  ir_operand dims[] = {a->dims[0], b->dim_count == 1 ? ir_int(1) : b->dims[1]};
  return call_kernel(l, kernel, e->type, b->dims, dims, a, b);
}

/* B / A; the kernels take B[k,n] and the sizes k n */
static value *divide_right(lowering *l, ir_kernel kernel, const expression *e, value *b, value *a) {
  check_square(l, a, e->call.name);
  check_same_size(l, b->dims[b->dim_count - 1], a->dims[0],
                  arena_printf(l->arena, "%s: columns must be equal, but are %%ld and %%ld", e->call.name));
  ir_operand dims[] = {b->dim_count == 1 ? ir_int(1) : b->dims[0], a->dims[0]};
  return call_kernel(l, kernel, e->type, b->dims, dims, b, a);
}

static ir_operand scaled_row(lowering *l, const value *v, const place *at) {
  ir_operand x = value_at(l, v->children[0], at->at[0]), y = value_at2(l, v->children[1], at->at[0], at->at[1]);
  return ir_let2(l->b, IR_OP_MULTIPLY, x, y);
}

static ir_operand scaled_column(lowering *l, const value *v, const place *at) {
  ir_operand x = value_at2(l, v->children[1], at->at[0], at->at[1]), y = value_at(l, v->children[0], at->at[1]);
  return ir_let2(l->b, IR_OP_MULTIPLY, x, y);
}

static value *scaled(lowering *l, const expression *e, value *vector, value *matrix, bool rows) {
  check_same_size(l, vector->dims[0], matrix->dims[!rows],
                  arena_printf(l->arena, "%s: sizes must be equal, but are %%ld and %%ld", e->call.name));
  return value_node(l, e->type, matrix->dims, rows ? scaled_row : scaled_column, 2, value_settled(l, vector), matrix);
}

static ir_operand lower_triangle_element(lowering *l, const value *v, const place *at) {
  ir_operand is_below = ir_let2(l->b, IR_OP_INT_LESS_EQUAL, at->at[1], at->at[0]);
  return ir_let3(l->b, IR_OP_SELECT, is_below, value_at2(l, v->children[0], at->at[0], at->at[1]), ir_real(0));
}

/* B' A B, and half of it and of its transpose when it is to be exactly symmetric. */
static value *quad_form(lowering *l, const expression *e, value *a, value *b, bool symmetric) {
  check_square(l, a, e->call.name);
  b = value_whole(l, b);
  value *ab = matrix_product(l, b->dim_count == 1 ? &type_vector : &type_matrix, a, b);
  if (b->dim_count == 1) return dot_product(l, b, ab);
  value *form = matrix_product(l, &type_matrix, value_transposed(l, b, &type_matrix), ab);
  if (!symmetric) return form;
  value *sum = apply_binary(l, OP_ADD, &type_matrix, form, value_transposed(l, form, &type_matrix));
  return apply_binary(l, OP_MULTIPLY, &type_matrix, value_real(l, ir_real(0.5)), sum);
}

static value *trace(lowering *l, value *x) {
  check_square(l, x, "trace");
  ir_variable *sum = ir_declare(l->b, "trace", IR_REAL, ir_real(0));
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", x->dims[0], true);
  ir_add(l->b, sum, value_at2(l, x, i, i));
  loops_close(l, &loops);
  return value_real(l, ir_use(sum));
}

value *prepare_matrix(lowering *l, const expression *e, int id, value **x, int count) {
  (void)count;
  switch (id) {
  case BUILTIN_CHOLESKY_DECOMPOSE: return square_kernel(l, IR_KERNEL_CHOLESKY_DECOMPOSE, e, x[0]);
  case BUILTIN_INVERSE: return square_kernel(l, IR_KERNEL_INVERSE, e, x[0]);
  case BUILTIN_INVERSE_SPD: return square_kernel(l, IR_KERNEL_INVERSE_SPD, e, x[0]);
  case BUILTIN_EIGENVECTORS_SYM: return square_kernel(l, IR_KERNEL_EIGENVECTORS_SYM, e, x[0]);
  case BUILTIN_EIGENVALUES_SYM: return square_kernel(l, IR_KERNEL_EIGENVALUES_SYM, e, x[0]);
  case BUILTIN_MATRIX_EXP: return square_kernel(l, IR_KERNEL_MATRIX_EXP, e, x[0]);
  case BUILTIN_SINGULAR_VALUES: return singular_kernel(l, IR_KERNEL_SINGULAR_VALUES, e, x[0], -1);
  case BUILTIN_SVD_U: return singular_kernel(l, IR_KERNEL_SVD_U, e, x[0], 0);
  case BUILTIN_SVD_V: return singular_kernel(l, IR_KERNEL_SVD_V, e, x[0], 1);
  case BUILTIN_GENERALIZED_INVERSE:
    return call_kernel(l, IR_KERNEL_GENERALIZED_INVERSE, e->type, (ir_operand[]){x[0]->dims[1], x[0]->dims[0]},
                       x[0]->dims, x[0], NULL);
  case BUILTIN_DETERMINANT: return number_kernel(l, IR_KERNEL_DETERMINANT, e, x[0]);
  case BUILTIN_LOG_DETERMINANT: return number_kernel(l, IR_KERNEL_LOG_DETERMINANT, e, x[0]);
  case BUILTIN_LOG_DETERMINANT_SPD: return number_kernel(l, IR_KERNEL_LOG_DETERMINANT_SPD, e, x[0]);
  case BUILTIN_MDIVIDE_LEFT_TRI_LOW: return divide_left(l, IR_KERNEL_MDIVIDE_LEFT_TRI_LOW, e, x[0], x[1]);
  case BUILTIN_MDIVIDE_LEFT: return divide_left(l, IR_KERNEL_MDIVIDE_LEFT, e, x[0], x[1]);
  case BUILTIN_MDIVIDE_LEFT_SPD: return divide_left(l, IR_KERNEL_MDIVIDE_LEFT_SPD, e, x[0], x[1]);
  case BUILTIN_MDIVIDE_RIGHT_TRI_LOW: return divide_right(l, IR_KERNEL_MDIVIDE_RIGHT_TRI_LOW, e, x[0], x[1]);
  case BUILTIN_MDIVIDE_RIGHT_SPD: return divide_right(l, IR_KERNEL_MDIVIDE_RIGHT_SPD, e, x[0], x[1]);
  case BUILTIN_MDIVIDE_RIGHT: return divide_right(l, IR_KERNEL_MDIVIDE_RIGHT, e, x[0], x[1]);
  case BUILTIN_CROSSPROD:
    return call_kernel(l, IR_KERNEL_CROSSPROD, e->type, (ir_operand[]){x[0]->dims[1], x[0]->dims[1]}, x[0]->dims, x[0],
                       NULL);
  case BUILTIN_TCROSSPROD:
    return call_kernel(l, IR_KERNEL_TCROSSPROD, e->type, (ir_operand[]){x[0]->dims[0], x[0]->dims[0]}, x[0]->dims, x[0],
                       NULL);
  case BUILTIN_MULTIPLY_LOWER_TRI_SELF_TRANSPOSE: {
    value *lower = value_node(l, &type_matrix, x[0]->dims, lower_triangle_element, 1, x[0]);
    return call_kernel(l, IR_KERNEL_TCROSSPROD, e->type, (ir_operand[]){x[0]->dims[0], x[0]->dims[0]}, x[0]->dims,
                       lower, NULL);
  }
  case BUILTIN_DIAG_PRE_MULTIPLY: return scaled(l, e, x[0], x[1], true);
  case BUILTIN_DIAG_POST_MULTIPLY: return scaled(l, e, x[1], x[0], false);
  case BUILTIN_QUAD_FORM: return quad_form(l, e, x[0], x[1], false);
  case BUILTIN_QUAD_FORM_SYM: return quad_form(l, e, x[0], x[1], true);
  case BUILTIN_TRACE: return trace(l, x[0]);
  default: return NULL;
  }
}
