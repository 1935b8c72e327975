/* interrupt.h: SIGINT and SIGTERM ask a method to finish what it is at and to close its files; a second one ends the
 * process as it would without us. */
#ifndef STANLITE_RUNTIME_INTERRUPT_H
#define STANLITE_RUNTIME_INTERRUPT_H
#include <signal.h>

extern volatile sig_atomic_t sl_interrupted; /* the number of the signal that came, or 0 */

/* From begin to end signals set sl_interrupted. Not to be nested. */
void sl_interrupt_begin(void);
void sl_interrupt_end(void);

#endif
