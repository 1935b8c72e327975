/* hoist.c: what log_density would compute from data alone is computed once, when the model is constructed.
 *
 * Whole statements and loops of data level move with the buffers that they fill; in loops and branches that also see
 * parameters, checks of data (of every index that comes from data, above all), summands of data level and expensive values
 * move (extract.c says how). A value of a few additions stays: computing it again costs less than loading it. A check
 * that fails is then an error of the data, found before sampling starts. Checks under control that depends on parameters
 * stay where they are.
 *
 * A loop whose index was checked in it may be vectorised now: trolley_varying's gradient takes 1.2 times as long without, and
 * a leapfrog step of a whole run, generated quantities and their 9,930 columns included, on trolley_simple 1.7 times (30 µs,
 * 50 without), on reedfrogs_mST 1.4, on mundlak_naive 1.3. multi_occupancy's gradient takes 1.9 times as long (28.5 µs, 15.1)
 * when the bounds of its loops are asked to be defined outside of them.
 *
 * Generated quantities are treated alike, but a check of theirs that fails is no error of the data: sampling goes on, and each
 * draw's generated quantities are refused with its message, as they would have been without the pass. Their work has a
 * function of its own for that, prepare.
 *
 * Needs ir_structure. Run before the adjoint, which then has less to carry. */
#include "ir/extract.h"
#include "ir/passes.h"

void ir_hoist(ir_program *program) {
  ir_extract_generated(program);
  ir_variable *constant = ir_extract(program, EXTRACT_ALL, "constant");
  if (!constant) return;
  ir_builder end = {.program = program, .block = program->log_density};
  ir_target(&end, ir_use(constant), false, false);
}
