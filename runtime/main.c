/* main.c: apart from everything else, so that tests can link the rest. */
#include "runtime/command.h"

int main(int argc, char **argv) { return sl_main(argc, argv); }
