/* sampler_cache.h: built samplers, kept in $XDG_CACHE_HOME/stanlite (or ~/.cache/stanlite). */
#ifndef STANLITE_CLI_SAMPLER_CACHE_H
#define STANLITE_CLI_SAMPLER_CACHE_H
#include "cli/compile.h"

enum { SAMPLER_PATH_SIZE = STANLITE_PATH_SIZE + 64 };

/* The path of the sampler for options->program, built if it was not there. Returns the exit code; messages are printed. With
 * options->emit the stage is printed, and there is no sampler. */
int cached_sampler(const compile_options *options, char executable[SAMPLER_PATH_SIZE]);

#endif
