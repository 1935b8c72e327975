/* profile.h: what the program's profile blocks take, by the clock, as CmdStan's profile_file shows it.
 *
 * The generated code starts and stops the clock of a block where it begins and ends: in a value alone, in the forward sweep
 * of a gradient, and in its reverse sweep, which runs the block's adjoints. A thread counts in a table of its own, that of its
 * workspace. A block that an evaluation leaves by a rejection is not counted; one that runs in a recursive function is counted
 * from its innermost start. */
#ifndef STANLITE_RUNTIME_PROFILE_H
#define STANLITE_RUNTIME_PROFILE_H
#include <stdbool.h>
#include "runtime/error.h"
#include "runtime/workspace.h"

typedef struct sl_profile_names {
  int count;
  const char *const *names;
} sl_profile_names;

typedef enum { SL_VALUE_ALONE, SL_FORWARD, SL_REVERSE } sl_sweep;

/* `block` is the number of a name. Where there is no memory for a table nothing is counted. */
void sl_profile_start(sl_workspace *workspace, const sl_profile_names *names, int block);
void sl_profile_stop(sl_workspace *workspace, int block, sl_sweep sweep);

/* Writes the tables of all threads, destroyed workspaces included, to a CSV file, a row for each block and thread that ran it,
 * and frees them:
 *
 *   name,thread_id,total_time,forward_time,reverse_time,chain_stack,no_chain_stack,autodiff_calls,no_autodiff_calls
 *
 * Times are seconds; forward_time holds values alone, too. autodiff_calls counts gradients, no_autodiff_calls values alone.
 * The stacks are 0: there is no tape. A program without profile blocks writes nothing. Call it when no thread evaluates any
 * more. False: SL_CANNOT_WRITE. */
bool sl_profiles_write(const char *path, sl_error *error);

#endif
