/* drop.c: summands without parameters leave the density where the program says so: under `~` and in _lupdf, _lupmf.
 *
 * The sum of those that every evaluation would add is computed once, in construct, into the field `dropped`: the log density
 * is then short of exactly this constant, and the generated code starts from it when all constants are asked for
 * (SL_KEEP_CONSTANTS). Where anything is dropped, checks of data move along, since they may guard what the summand loads.
 * A summand under control that depends on parameters stays.
 *
 * What it saves hoist would save, but for an addition: a gradient of radon_mn, rats, chimpanzees_m3 or reedfrogs_mSTP takes
 * as many instructions with and without it, to 0.1 %. It is there for the value: what Stan drops under `~`, we drop.
 *
 * Needs ir_structure. Run before ir_hoist, which would keep these summands in the density. */
#include "ir/extract.h"
#include "ir/passes.h"

void ir_drop(ir_program *program) {
  ir_variable *dropped = ir_extract(program, EXTRACT_DROPPABLE, "dropped");
  if (dropped) program->dropped = dropped;
}
