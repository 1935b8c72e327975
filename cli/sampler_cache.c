/* sampler_cache.c: see sampler_cache.h. A sampler's name is a hash of the generated C, of the compiler's command and of the runtime
 * archive's size and time, so that an unchanged program starts at once. */
#include "cli/sampler_cache.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/error.h"

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash_text(uint64_t hash, const char *text) {
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211u;
  return hash;
}

static bool make_folder(const char *path) { return mkdir(path, 0777) == 0 || errno == EEXIST; }

/* A folder in /tmp, where anybody may have made one of this name: what lies in it will be run. */
static bool make_own_folder(const char *path) {
  struct stat status;
  if (mkdir(path, 0700) == 0) return true;
  if (errno != EEXIST || lstat(path, &status) != 0) return false;
  if (S_ISDIR(status.st_mode) && status.st_uid == getuid() && !(status.st_mode & 022)) return true;
  errno = EPERM;
  return false;
}

/* The cache's folder, made when it is not there. False: errno says why. */
static bool cache_folder(char *folder, size_t size) {
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  char base[STANLITE_PATH_SIZE];
  if (cache && *cache)
    snprintf(base, sizeof base, "%s", cache);
  else if (home && *home)
    snprintf(base, sizeof base, "%s/.cache", home);
  else
    snprintf(base, sizeof base, "/tmp/stanlite-%ld", (long)getuid());
  snprintf(folder, size, "%s/stanlite", base);
  bool has_home = (cache && *cache) || (home && *home);
  return (has_home ? make_folder(base) : make_own_folder(base)) && make_folder(folder);
}

/* The executable for this C: from the cache, or built into it. */
static int cached_executable(const compile_options *options, const stanlite_paths *paths, const char *c, int libraries,
                             char *executable, size_t size) {
  char folder[STANLITE_PATH_SIZE + 16];
  if (!cache_folder(folder, sizeof folder)) {
    fprintf(stderr, "stanlite: the cache %s cannot be made: %s\n", folder, strerror(errno));
    return SL_CANNOT_WRITE;
  }
  struct stat archive;
  if (stat(paths->archive, &archive) != 0) {
    fprintf(stderr, "stanlite: %s cannot be read: %s\n", paths->archive, strerror(errno));
    return SL_DEFECT;
  }
  char *command = compile_command_text(options, paths, libraries);
  char identity[80];
  snprintf(identity, sizeof identity, "%lld %lld %lld", (long long)archive.st_size, (long long)archive.st_mtim.tv_sec,
           (long long)archive.st_mtim.tv_nsec);
  uint64_t hash = hash_text(14695981039346656037u, c);
  hash = hash_text(hash, command);
  hash = hash_text(hash, identity);
  hash = hash_text(hash, stanlite_version);
  free(command);
  snprintf(executable, size, "%s/%016llx", folder, (unsigned long long)hash);
  if (access(executable, X_OK) == 0) return SL_OK;
  return compile_c(options, paths, c, libraries, executable);
}

int cached_sampler(const compile_options *options, char executable[SAMPLER_PATH_SIZE]) {
  stanlite_paths paths;
  if (!stanlite_paths_find(&paths)) return SL_DEFECT;
  char *c;
  int libraries;
  int code = compile_to_c(options, &paths, &c, &libraries);
  if (!c) return code;
  code = cached_executable(options, &paths, c, libraries, executable, SAMPLER_PATH_SIZE);
  free(c);
  return code;
}
