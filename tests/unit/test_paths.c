/* test_paths.c: stanlite finds its runtime in a build tree and in an installation, and says so when there is none. */
#include "cli/paths.h"
#include "tests/unit/check.h"
#include <stdlib.h>
#include <sys/stat.h>

static char root[] = "/tmp/stanlite-paths-XXXXXX";

static void make_folder(const char *name) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", root, name);
  CHECK_INT(mkdir(path, 0700), 0);
}

static void make_file(const char *name, const char *content) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", root, name);
  FILE *file = fopen(path, "w");
  CHECK(file != NULL);
  if (!file) return;
  fputs(content, file);
  fclose(file);
}

static bool find_from(stanlite_paths *paths, const char *executable, char *error, size_t error_size) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s", root, executable);
  return stanlite_paths_from(paths, path, error, error_size);
}

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static void test_build_tree(void) {
  stanlite_paths paths;
  char error[500] = "";
  make_folder("build");
  make_folder("build/lib");
  make_folder("build/include");
  make_folder("build/share");
  make_folder("build/share/stanlite");
  make_folder("build/share/stanlite/library");
  make_file("build/lib/libstanlite.a", "");
  make_file("build/lib/link-flags", "-pthread -lsomething\n");
  CHECK(find_from(&paths, "build/stanlite", error, sizeof error));
  CHECK_TEXT(error, "");
  CHECK(ends_with(paths.archive, "/build/lib/libstanlite.a"));
  CHECK(ends_with(paths.library_dir, "/build/share/stanlite/library"));
  CHECK(ends_with(paths.include_dir, "/build/include"));
  CHECK_TEXT(paths.link_flags, "-pthread -lsomething");
}

static void test_installed(void) {
  stanlite_paths paths;
  char error[500] = "";
  make_folder("usr");
  make_folder("usr/bin");
  make_folder("usr/lib");
  make_folder("usr/lib/stanlite");
  make_folder("usr/include");
  make_folder("usr/include/stanlite");
  make_folder("usr/share");
  make_folder("usr/share/stanlite");
  make_folder("usr/share/stanlite/library");
  make_file("usr/lib/stanlite/libstanlite.a", "");
  CHECK(!find_from(&paths, "usr/bin/stanlite", error, sizeof error));
  CHECK(strstr(error, "link-flags") != NULL);
  make_file("usr/lib/stanlite/link-flags", "-pthread\n");
  CHECK(find_from(&paths, "usr/bin/stanlite", error, sizeof error));
  CHECK(ends_with(paths.archive, "/usr/bin/../lib/stanlite/libstanlite.a"));
  CHECK(ends_with(paths.include_dir, "/usr/bin/../include/stanlite"));
}

static void test_nowhere(void) {
  stanlite_paths paths;
  char error[500] = "";
  CHECK(!find_from(&paths, "elsewhere/bin/stanlite", error, sizeof error));
  CHECK(strstr(error, "elsewhere/bin/../lib/stanlite/libstanlite.a") != NULL);
  CHECK(!stanlite_paths_from(&paths, "stanlite", error, sizeof error));

  static char long_path[STANLITE_PATH_SIZE + 100];
  memset(long_path, 'a', sizeof long_path - 1);
  for (size_t i = 0; i < sizeof long_path - 1; i += 100) long_path[i] = '/';
  CHECK(!stanlite_paths_from(&paths, long_path, error, sizeof error));
}

int main(void) {
  if (!mkdtemp(root)) return 1;
  int code = run_suites("paths", (check_test[]){{"a build tree is found", test_build_tree},
                                                {"an installation is found", test_installed},
                                                {"what is missing is named", test_nowhere},
                                                {0}});
  char command[100];
  snprintf(command, sizeof command, "rm -rf %s", root);
  return system(command) == 0 ? code : 1;
}
