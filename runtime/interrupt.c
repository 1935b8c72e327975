/* interrupt.c: see interrupt.h. */
#include "runtime/interrupt.h"
#include <stddef.h>

volatile sig_atomic_t sl_interrupted;
static struct sigaction before_interrupt, before_terminate;

static void stop(int number) {
  sl_interrupted = number;
  signal(number, SIG_DFL);
}

void sl_interrupt_begin(void) {
  struct sigaction action = {.sa_handler = stop};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_interrupt);
  sigaction(SIGTERM, &action, &before_terminate);
}

void sl_interrupt_end(void) {
  sigaction(SIGINT, &before_interrupt, NULL);
  sigaction(SIGTERM, &before_terminate, NULL);
}
