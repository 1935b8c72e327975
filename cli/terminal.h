/* terminal.h: what a stream can show. */
#ifndef STANLITE_CLI_TERMINAL_H
#define STANLITE_CLI_TERMINAL_H
#include <stdbool.h>
#include <stdio.h>

typedef struct terminal {
  int width;    /* characters in a line: the terminal's, 80 where there is none */
  bool unicode; /* the locale's characters are UTF-8 (LC_ALL, LC_CTYPE, LANG) */
  bool colour;  /* it is a terminal, not a dumb one, and NO_COLOR is not set */
} terminal;

terminal terminal_of(FILE *out);

#endif
