/* lower_layout.c: where the parameters stand in the unconstrained vector: one behind the other in the order of declaration,
 * as Stan has them. Of an array of tuples, and of a container of complex numbers, the parts of one element stand together,
 * so that a part has strides. Runs in construct, over parameters that are measured. */
#include <string.h>
#include "ir/lower_internal.h"

static int outer_count(const variable *v) { return v->whole ? type_total_dimensions(v->whole->type) : 0; }

static global *global_leaf(lowering *l, const variable *v) { return (global *)global_of(l, v); }

/* A variable of which v, or a part of it, is a plain one: the sizes of arrays around are the same for all parts. */
static const global *first_leaf(lowering *l, variable *v) {
  while (type_has_parts(v->type)) v = part_variable(l->arena, v, 0);
  return global_of(l, v);
}

/* The dimensions of v that lie within its element of the arrays around. Of a plain vector or matrix they are part of the
 * element. */
static int own_count(const variable *v) {
  int dims = type_has_parts(v->type) ? type_total_dimensions(v->type) : type_array_dimensions(v->type);
  return dims > outer_count(v) ? dims - outer_count(v) : 0;
}

static ir_operand unit_size(lowering *l, variable *v);

/* Of all elements within one element of the arrays around. */
static ir_operand whole_size(lowering *l, variable *v) {
  const global *g = first_leaf(l, v);
  return int_multiply(l, product_of(l, g->dims + outer_count(v), own_count(v)), unit_size(l, v));
}

static ir_operand unit_size(lowering *l, variable *v) {
  if (!type_has_parts(v->type)) {
    bool is_element = v->whole && type_is_complex(v->whole->type);
    return is_element ? ir_int(1) : global_leaf(l, v)->element_size;
  }
  ir_operand sum = ir_int(0);
  for (int i = 0; i < type_part_count(v->type); i++)
    sum = int_add(l, sum, whole_size(l, part_variable(l->arena, v, i)));
  return sum;
}

/* The strides of v's own dimensions: arrays outermost, a matrix column-major. */
static void own_strides(lowering *l, variable *v, ir_operand unit, ir_operand *strides) {
  const global *g = first_leaf(l, v);
  int from = outer_count(v), to = from + own_count(v), rows = to;
  if (type_is_complex(v->type) && type_has_matrix(v->type) && own_count(v) >= 2) {
    rows = to - 2;
    strides[rows] = unit;
    strides[rows + 1] = int_multiply(l, g->dims[rows], unit);
    unit = int_multiply(l, g->dims[rows + 1], strides[rows + 1]);
  }
  for (int d = rows - 1; d >= from; d--) {
    strides[d] = unit;
    unit = int_multiply(l, g->dims[d], unit);
  }
}

static void lay_out_part(lowering *l, variable *v, ir_operand offset, const ir_operand *outer_strides) {
  ir_operand strides[IR_MAX_DIMS], unit = unit_size(l, v);
  int outer = outer_count(v);
  memcpy(strides, outer_strides, sizeof strides);
  own_strides(l, v, unit, strides);
  if (type_has_parts(v->type)) {
    for (int i = 0; i < type_part_count(v->type); i++) {
      variable *part = part_variable(l->arena, v, i);
      lay_out_part(l, part, offset, strides);
      offset = int_add(l, offset, whole_size(l, part));
    }
    return;
  }
  global *g = global_leaf(l, v);
  g->offset = as_field(l, arena_printf(l->arena, "%s_offset", v->name), offset);
  g->is_strided = outer > 0;
  int inner = g->dim_count - outer - own_count(v); /* a vector or matrix that is one element */
  if (inner == 1) strides[g->dim_count - 1] = ir_int(1);
  if (inner == 2) {
    strides[g->dim_count - 2] = ir_int(1);
    strides[g->dim_count - 1] = g->dims[g->dim_count - 2];
  }
  for (int d = 0; g->is_strided && d < g->dim_count; d++)
    g->strides[d] = as_field(l, arena_printf(l->arena, "%s_stride%d", v->name, d + 1), strides[d]);
}

ir_operand lay_out_parts(lowering *l, variable *whole, ir_operand offset) {
  ir_operand strides[IR_MAX_DIMS] = {{0}};
  lay_out_part(l, whole, offset, strides);
  return int_add(l, offset, whole_size(l, whole));
}
