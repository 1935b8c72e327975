/* tables.c: intrinsics.def and kernels.def as arrays. */
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
