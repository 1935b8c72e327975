/* test_small.c: what pass `small` writes out computes what the runtime's kernel does, value and derivatives, for each kernel
 * and all sizes up to 4; one size may be larger, and is then known only when the data are read. What is too large stays a
 * call. */
#include "ir/passes.h"
#include "tests/unit/check.h"
#include "tests/unit/ir_machine.h"
#include "tests/unit/kernel_table.h"

enum { MOST_PARAMETERS = 64 };

static ir_kernel kernel_named(const char *name) {
  for (int i = 0; i < IR_KERNEL_COUNT; i++)
    if (strcmp(ir_kernels[i].name, name) == 0) return (ir_kernel)i;
  return IR_KERNEL_FUNCTION; /* not one of the IR */
}

static int calls_in(const ir_block *block) {
  int count = 0;
  for (int i = 0; i < block->count; i++) {
    count += block->items[i]->kind == IR_KERNEL_CALL;
    if (block->items[i]->body) count += calls_in(block->items[i]->body);
  }
  return count;
}

static ir_operand count_of(ir_builder *b, ir_operand rows, ir_operand columns) {
  return ir_let2(b, IR_OP_INT_MULTIPLY, rows, columns);
}

/* target += the sum of weight[i] * out[i], where out is the kernel's of the parameters. Size number `unknown` is a field; -1:
 * none. */
static ir_program *program_of(arena *arena, const kernel *k, const long *size, int unknown) {
  ir_program *program = ir_program_create(arena, "small", "small.stanlite");
  ir_builder construct = {.program = program, .block = program->construct};
  ir_builder b = {.program = program, .block = program->log_density};
  ir_operand dims[3], one = ir_int(1);
  for (int d = 0; d < 3; d++) dims[d] = ir_int(size[d]);
  if (unknown >= 0) {
    ir_variable *field = ir_variable_create(program, "size", IR_INT, IR_MODEL, false);
    ir_statement *read = ir_append(&construct, IR_READ);
    read->variable = field, read->text = "size";
    dims[unknown] = ir_use(field);
  }
  ir_buffer *inputs[2] = {0};
  long offset = 0;
  for (int side = 0; side < 2; side++) {
    if (k->in_rows[side] == -3) continue;
    ir_operand rows = k->in_rows[side] < 0 ? one : dims[k->in_rows[side]];
    ir_operand columns = k->in_columns[side] < 0 ? one : dims[k->in_columns[side]];
    inputs[side] = ir_alloc(&b, "in", IR_REAL, count_of(&b, rows, columns), false);
    for (long i = 0; i < extent(size, k->in_rows[side]) * extent(size, k->in_columns[side]); i++)
      ir_store(&b, inputs[side], ir_int(i), ir_load(&b, "x", program->unconstrained, ir_int(offset++)));
  }
  ir_operand out_rows = k->out_rows < 0 ? one : dims[k->out_rows],
             out_columns = k->out_columns < 0 ? one : dims[k->out_columns];
  ir_buffer *out = ir_alloc(&b, "out", IR_REAL, count_of(&b, out_rows, out_columns), false);
  ir_call *call = ir_kernel_call(&b, kernel_named(k->name))->call;
  call->outputs[0] = out;
  call->inputs[0] = inputs[0], call->inputs[1] = inputs[1];
  memcpy(call->dims, dims, sizeof dims);
  for (long i = 0; i < extent(size, k->out_rows) * extent(size, k->out_columns); i++)
    ir_target(&b, ir_let2(&b, IR_OP_MULTIPLY, ir_real(sin(1.0 + (double)i)), ir_load(&b, "y", out, ir_int(i))), false,
              false);
  program->unconstrained_size = ir_int(offset);
  return program;
}

static bool is_written_out(const kernel *k, const long *size, int unknown) {
  arena *arena = arena_create();
  ir_program *program = program_of(arena, k, size, unknown);
  ir_small(program);
  bool result = calls_in(program->log_density) == 0;
  arena_destroy(arena);
  return result;
}

static void compare(const kernel *k, const long *size, int unknown) {
  arena *arena = arena_create();
  ir_program *program = program_of(arena, k, size, unknown);
  ir_small(program);
  CHECK_SAY(calls_in(program->log_density) == 0, "%s, %ld %ld %ld: it is still called", k->name, size[0], size[1],
            size[2]);
  ir_find_written_once(program);
  ir_adjoint(program);
  arrays a = prepare(k, size);
  double parameters[2 * MOST_PARAMETERS] = {0}, gradient[2 * MOST_PARAMETERS], expected = 0;
  memcpy(parameters, a.in[0], sizeof(double) * (size_t)a.in_count[0]);
  memcpy(parameters + a.in_count[0], a.in[1], sizeof(double) * (size_t)a.in_count[1]);
  k->forward(a.out, a.in[0], a.in[1], size);
  for (long i = 0; i < a.out_count; i++) expected += (a.out_adjoint[i] = sin(1.0 + (double)i)) * a.out[i];
  k->adjoint(a.out, a.out_adjoint, a.in[0], a.in_adjoint[0], a.in[1], a.in_adjoint[1], size);

  double known = unknown >= 0 ? (double)size[unknown] : 0;
  machine *m = machine_create(arena, (machine_input[]){{"size", &known, 1}, {0}});
  machine_run(m, program->construct);
  machine_call(m, program, program->gradient_body, parameters, a.in_count[0] + a.in_count[1], gradient);
  CHECK_SAY(m->status == MACHINE_DONE, "%s, %ld %ld %ld: %s", k->name, size[0], size[1], size[2],
            m->fault ? m->fault : "rejected");
  CHECK_SAY(near_enough(m->target, expected, 1e-13), "%s, %ld %ld %ld: %.17g, expected %.17g", k->name, size[0],
            size[1], size[2], m->target, expected);
  for (int side = 0; side < 2; side++) {
    const double *found = gradient + (side ? a.in_count[0] : 0), *wanted = a.in_adjoint[side];
    bool mirrored = k->kind == POSITIVE && side == k->square; /* only the sum of the two sides means something */
    long rows = extent(size, k->in_rows[side]), columns = extent(size, k->in_columns[side]);
    for (long j = 0; j < columns; j++)
      for (long i = 0; i < rows; i++) {
        long at = i + j * rows, mirror = mirrored ? j + i * rows : at;
        CHECK_SAY(near_enough(found[at] + found[mirror], wanted[at] + wanted[mirror], 1e-12),
                  "%s, %ld %ld %ld, input %d: derivative by [%ld,%ld] is %.17g, expected %.17g", k->name, size[0],
                  size[1], size[2], side, i, j, found[at] + found[mirror], wanted[at] + wanted[mirror]);
      }
  }
  discard(&a);
  arena_destroy(arena);
}

/* Each kernel with all sizes from 1 to 4 that are written out, and with one size more that only the data tell. */
static void each(bool with_unknown) {
  int compared = 0;
  for (int i = 0; i < KERNEL_COUNT; i++) {
    const kernel *k = &kernels[i];
    int of_this = 0;
    if (kernel_named(k->name) == IR_KERNEL_FUNCTION) continue;
    for (int unknown = with_unknown ? 0 : -1; unknown < (with_unknown ? k->size_count : 0); unknown++)
      for (long code = 0; code < 64; code++) {
        long size[] = {1 + code % 4, 1 + code / 4 % 4, 1 + code / 16};
        bool repeats = (k->size_count < 2 && code >= 4) || (k->size_count < 3 && code >= 16);
        if (unknown >= 0) size[unknown] += 2;
        if (repeats || !is_written_out(k, size, unknown)) continue;
        compare(k, size, unknown);
        of_this++;
      }
    compared += of_this > 0;
  }
  CHECK_SAY(compared == (with_unknown ? 9 : 17), "%d kernels are compared", compared);
}

static void test_known_sizes(void) { each(false); }
static void test_one_unknown_size(void) { each(true); }

static void test_what_stays(void) {
  const kernel *product = NULL, *times_vector = NULL, *inverse = NULL, *factor = NULL;
  for (int i = 0; i < KERNEL_COUNT; i++) {
    if (strcmp(kernels[i].name, "matrix_times_matrix") == 0) product = &kernels[i];
    if (strcmp(kernels[i].name, "matrix_times_vector") == 0) times_vector = &kernels[i];
    if (strcmp(kernels[i].name, "inverse") == 0) inverse = &kernels[i];
    if (strcmp(kernels[i].name, "cholesky_decompose") == 0) factor = &kernels[i];
  }
  CHECK(is_written_out(product, (long[]){4, 4, 4}, -1));
  CHECK(is_written_out(product, (long[]){2, 2, 9}, -1));
  CHECK(is_written_out(product, (long[]){9, 2, 2}, 0));
  CHECK(!is_written_out(product, (long[]){2, 9, 2}, -1));
  CHECK(!is_written_out(product, (long[]){2, 3, 2}, 1));
  CHECK(!is_written_out(product, (long[]){9, 2, 9}, -1));
  compare(times_vector, (long[]){7, 8, 1}, 0);
  CHECK(!is_written_out(times_vector, (long[]){7, 9, 1}, 0));
  CHECK(!is_written_out(times_vector, (long[]){2, 7, 1}, 1));
  CHECK(is_written_out(inverse, (long[]){2, 1, 1}, -1));
  CHECK(!is_written_out(inverse, (long[]){3, 1, 1}, -1));
  CHECK(is_written_out(factor, (long[]){4, 1, 1}, -1));
  CHECK(!is_written_out(factor, (long[]){5, 1, 1}, -1));
  CHECK(!is_written_out(factor, (long[]){2, 1, 1}, 0));
}

int main(void) {
  workspace = sl_workspace_create();
  sl_rng_seed(&rng, 20261122, 1);
  int failed =
      run_suites("small", (check_test[]){{"what is written out equals the kernel", test_known_sizes},
                                         {"so it does over columns whose number the data tell", test_one_unknown_size},
                                         {"what is too large stays a call", test_what_stays},
                                         {0}});
  sl_workspace_destroy(workspace);
  return failed;
}
