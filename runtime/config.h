/* config.h: the configuration of a run as JSON, beside its output (save_cmdstan_config=1). */
#ifndef STANLITE_RUNTIME_CONFIG_H
#define STANLITE_RUNTIME_CONFIG_H
#include "runtime/arguments.h"

/* Writes every active argument, defaults included, nested as CmdStan nests them. */
bool sl_config_save(const sl_arguments *arguments, const char *path, sl_error *error);
/* The same beside the output file, named after it, where save_cmdstan_config=1 asks for it. */
bool sl_config_save_beside(const sl_arguments *arguments, sl_error *error);

#endif
