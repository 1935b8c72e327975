/* output_path.h: names of output files, formed as CmdStan forms them. */
#ifndef STANLITE_RUNTIME_OUTPUT_PATH_H
#define STANLITE_RUNTIME_OUTPUT_PATH_H
#include <stdbool.h>
#include <stddef.h>

/* DIR/BASE + tag + "_ID" when `several` + ending. The ending is the file's own where it has one and `ending` is ".csv";
 * a device or a pipe keeps its name. */
void sl_output_path(char *out, size_t size, const char *file, const char *tag, const char *ending, bool several,
                    int id);

#endif
