/* terminal.c: see terminal.h. */
#include "cli/terminal.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *set_or_null(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

/* By the name of the locale, as programs that do not load it decide: "en_GB.UTF-8", "C.utf8". */
static bool locale_is_utf8(void) {
  const char *name = set_or_null("LC_ALL");
  if (!name) name = set_or_null("LC_CTYPE");
  if (!name) name = set_or_null("LANG");
  const char *codes = name ? strchr(name, '.') : NULL;
  return codes && (strncasecmp(codes, ".UTF-8", 6) == 0 || strncasecmp(codes, ".UTF8", 5) == 0);
}

terminal terminal_of(FILE *out) {
  terminal terminal = {.width = 80, .unicode = locale_is_utf8()};
  int file = fileno(out);
  if (!isatty(file)) return terminal;
  struct winsize size;
  if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
  const char *name = set_or_null("TERM");
  terminal.colour = name && strcmp(name, "dumb") != 0 && !set_or_null("NO_COLOR");
  return terminal;
}
