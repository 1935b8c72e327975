/* paths.h: where the running stanlite finds what a sampler is made from.
 *
 * Nothing is configured: the places follow from the program's own (/proc/self/exe, symbolic links resolved), so that a
 * build tree, an installation and a copied or unpacked installation all work, from any folder. Two layouts are known:
 *
 *                   build tree, DIR/stanlite              installed, PREFIX/bin/stanlite
 *   library         DIR/share/stanlite/library            PREFIX/share/stanlite/library        the .stanlite files
 *   headers         DIR/include                           PREFIX/include/stanlite              for -I: "runtime/model.h"
 *   archive         DIR/lib/libstanlite.a                 PREFIX/lib/stanlite/libstanlite.a
 *   link flags      DIR/lib/link-flags                    PREFIX/lib/stanlite/link-flags
 *
 * The archive contains jansson and all of the runtime. A sampler links it, then `link_flags`, then LAPACK and BLAS when the
 * program uses a kernel that needs them, then libm. */
#ifndef STANLITE_CLI_PATHS_H
#define STANLITE_CLI_PATHS_H
#include <stdbool.h>
#include <stddef.h>

enum { STANLITE_PATH_SIZE = 4096 };

typedef struct stanlite_paths {
  char library_dir[STANLITE_PATH_SIZE];
  char include_dir[STANLITE_PATH_SIZE];
  char archive[STANLITE_PATH_SIZE];
  char link_flags[STANLITE_PATH_SIZE]; /* words separated by blanks; from the file of that name */
} stanlite_paths;

/* False when stanlite does not stand in either layout (or a file cannot be read); then it has said on standard error what was
 * looked for and where. */
bool stanlite_paths_find(stanlite_paths *paths);

/* The same for a program at `executable`, an absolute path; `error`, of error_size bytes, has the message. */
bool stanlite_paths_from(stanlite_paths *paths, const char *executable, char *error, size_t error_size);

#endif
