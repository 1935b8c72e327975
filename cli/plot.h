/* plot.h: a histogram of draws for a terminal, with intervals under it.
 *
 * plot_fill counts while the sorted draws are at hand; plot_print draws later. */
#ifndef STANLITE_CLI_PLOT_H
#define STANLITE_CLI_PLOT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "cli/terminal.h"

enum { most_intervals = 8 };

typedef struct plot_interval {
  double share, low, high;
  bool highest_density; /* otherwise between quantiles */
} plot_interval;

/* Bin b holds the draws from low + b step to low + (b+1) step, and is `cell` characters wide. */
typedef struct plot {
  size_t *counts; /* NULL: not filled, nothing to draw */
  size_t bins;
  int cell;
  double low, step;
  double last_part;    /* of the last bin's width that can hold draws: whole numbers may not fill it */
  bool whole;          /* whole numbers: bins are centred on them */
  size_t below, above; /* draws outside */
  double least, most, median;
  plot_interval intervals[most_intervals];
  size_t interval_count;
} plot;

/* Whether an axis can tell these two numbers apart and reach from one to the other. */
bool plot_can_show(double least, double most);

/* Chooses the bins for `count` draws in increasing order, which plot_can_show, and counts. width: characters. False: no
 * memory. */
bool plot_fill(plot *plot, const double *sorted, size_t count, int width);
void plot_free(plot *plot);

/* The histogram, its axis, the intervals, and a heading with the name and the intervals' ends. */
void plot_print(const plot *plot, const char *name, const terminal *terminal, FILE *out);

#endif
