/* paths.c: see paths.h. */
#include "cli/paths.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct layout {
  const char *up;      /* from the executable's folder to the root of the layout */
  const char *library; /* the rest below that root */
  const char *include;
  const char *lib;
} layout;

static const layout layouts[] = {
    {"", "/share/stanlite/library", "/include", "/lib"},
    {"/..", "/share/stanlite/library", "/include/stanlite", "/lib/stanlite"},
};

/* False when the result would not fit. */
static bool join(char *out, const char *folder, const char *up, const char *rest, const char *file) {
  int length = snprintf(out, STANLITE_PATH_SIZE, "%s%s%s%s", folder, up, rest, file);
  return length > 0 && length < STANLITE_PATH_SIZE;
}

static bool read_line(char *line, const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) return false;
  bool read = fgets(line, STANLITE_PATH_SIZE, file) != NULL;
  fclose(file);
  if (read) line[strcspn(line, "\n")] = '\0';
  return read;
}

bool stanlite_paths_from(stanlite_paths *paths, const char *executable, char *error, size_t error_size) {
  char folder[STANLITE_PATH_SIZE], flags_file[STANLITE_PATH_SIZE];
  const char *slash = strrchr(executable, '/');
  if (!slash || (size_t)(slash - executable) >= sizeof folder) {
    snprintf(error, error_size, "cannot tell the folder of '%s'", executable);
    return false;
  }
  memcpy(folder, executable, (size_t)(slash - executable));
  folder[slash - executable] = '\0';

  for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
    const layout *candidate = &layouts[i];
    if (!join(paths->archive, folder, candidate->up, candidate->lib, "/libstanlite.a") ||
        !join(flags_file, folder, candidate->up, candidate->lib, "/link-flags") ||
        !join(paths->library_dir, folder, candidate->up, candidate->library, "") ||
        !join(paths->include_dir, folder, candidate->up, candidate->include, "")) {
      snprintf(error, error_size, "the path '%s' is too long", folder);
      return false;
    }
    if (access(paths->archive, R_OK) != 0) continue;
    if (access(paths->library_dir, R_OK | X_OK) != 0 || access(paths->include_dir, R_OK | X_OK) != 0) continue;
    if (read_line(paths->link_flags, flags_file)) return true;
    snprintf(error, error_size, "cannot read '%s': this installation of stanlite is incomplete", flags_file);
    return false;
  }
  snprintf(
      error, error_size,
      "cannot find stanlite's runtime and library (looked for '%s%s/libstanlite.a' and '%s%s%s/libstanlite.a', with "
      "share/stanlite/library and the headers beside it)",
      folder, layouts[0].lib, folder, layouts[1].up, layouts[1].lib);
  return false;
}

static bool find(stanlite_paths *paths, char *error, size_t error_size) {
  char executable[STANLITE_PATH_SIZE];
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable);
  if (length < 0) {
    snprintf(error, error_size, "cannot read /proc/self/exe: %s", strerror(errno));
    return false;
  }
  if (length == (ssize_t)sizeof executable) {
    snprintf(error, error_size, "the path of this program is too long");
    return false;
  }
  executable[length] = '\0';
  return stanlite_paths_from(paths, executable, error, error_size);
}

bool stanlite_paths_find(stanlite_paths *paths) {
  char error[STANLITE_PATH_SIZE * 2];
  if (find(paths, error, sizeof error)) return true;
  fprintf(stderr, "stanlite: %s\n", error);
  return false;
}
