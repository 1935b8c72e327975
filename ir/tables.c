/* tables.c: intrinsics.def and kernels.def as arrays. */
#include <string.h>
#include "ir/higher_order.h"
#include "ir/ir.h"

const ir_op_info ir_ops[IR_OP_COUNT] = {
#define INTRINSIC(id, name, signature, c, cost, flags, ...) {#id, name, signature, c, cost, flags, {__VA_ARGS__}},
#include "ir/intrinsics.def"
#undef INTRINSIC
};

const ir_kernel_info ir_kernels[IR_KERNEL_COUNT] = {
#define KERNEL(id, name, outputs, inputs, dims, flags) {#id, name, outputs, inputs, dims, flags},
#include "ir/kernels.def"
#undef KERNEL
};

const higher_order_info higher_orders[HIGHER_ORDER_COUNT] = {
#define HIGHER_ORDER(id, name, signatures, callback, is_variadic) {name, signatures, callback, is_variadic},
#include "ir/higher_order.def"
#undef HIGHER_ORDER
};

int higher_order_named(const char *name) {
  for (int id = 0; id < HIGHER_ORDER_COUNT; id++)
    if (strcmp(higher_orders[id].name, name) == 0) return id;
  return -1;
}
