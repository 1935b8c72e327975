/* plot.c: see plot.h. Bars are six lines high, in eighths of a character (or thirds, in ASCII); the axis has marks at tidy
 * numbers; an interval is drawn under it, the wider ones thinner:
 *
 *     tau  median 1.87, 50 % 0.82 to 3.34, 90 % 0.158 to 6.09
 *      ▇█▆▄▃
 *     ▆█████▇▅▄▃▂▁▁▁
 *     ┬─────┬─────┬─────
 *     0     5     10
 *     ├─━●━━────┤
 */
#include "cli/plot.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/print.h"

enum { bar_lines = 6, widest_bar = 7, most_cells = 100 };

/* ---- bins ---- */

/* How many of the draws, in increasing order, lie below the edge. */
static size_t count_below(const double *sorted, size_t count, double edge) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (sorted[middle] < edge)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static double at_share(const double *sorted, size_t count, double share) {
  return sorted[(size_t)(share * (double)(count - 1) + 0.5)];
}

static bool all_whole(const double *sorted, size_t count) {
  if (fabs(sorted[0]) > 1e15 || fabs(sorted[count - 1]) > 1e15) return false;
  for (size_t i = 0; i < count; i++)
    if (sorted[i] != floor(sorted[i])) return false;
  return true;
}

/* The part of the axis that is shown: all draws, except where a few are so far out that the others would stand on a
 * heap: further than the width of the central 90 % beyond it. */
static void find_range(const double *sorted, size_t count, double *low, double *high) {
  double q5 = at_share(sorted, count, 0.05), q95 = at_share(sorted, count, 0.95), width = q95 - q5;
  *low = sorted[0], *high = sorted[count - 1];
  if (!(width > 0) || count < 20) return;
  *low = fmax(*low, q5 - width);
  *high = fmin(*high, q95 + width);
}

/* Draws that end close to 0, or below 1 in the unit interval, are likely bounded there: the axis then begins or ends with
 * the bound. */
static void reach_bounds(double *low, double *high) {
  double near = 0.05 * (*high - *low);
  if (*low > 0 && *low < near) *low = 0;
  if (*high < 0 && -*high < near) *high = 0;
  if (*low >= 0 && *high < 1 && 1 - *high < near) *high = 1;
}

/* Freedman & Diaconis (1981): 2 IQR n^(-1/3). */
static double bin_width(const double *sorted, size_t count) {
  return 2 * (at_share(sorted, count, 0.75) - at_share(sorted, count, 0.25)) / cbrt((double)count);
}

/* Whole numbers: a bin for each, or for a few. */
static void choose_whole_bins(plot *plot, double low, double high, double wanted, int width) {
  double numbers = high - low + 1, each = fmax(fmax(1, ceil(numbers / width)), floor(wanted));
  plot->whole = true;
  plot->step = each;
  plot->low = low - 0.5;
  plot->bins = (size_t)ceil(numbers / each);
  plot->last_part = (numbers - (double)(plot->bins - 1) * each) / each;
  plot->cell = width / (int)plot->bins;
  if (plot->cell > widest_bar) plot->cell = widest_bar;
}

/* The width is filled with bars as wide as they must be for the bins to be about as wide as wanted. */
static void choose_bins(plot *plot, double low, double high, double wanted, int width) {
  double bins = wanted > 0 ? (high - low) / wanted : width;
  plot->cell = bins >= width ? 1 : bins <= 8 ? width / 8 : (int)(width / bins + 0.5);
  if (plot->cell < 1) plot->cell = 1;
  plot->bins = (size_t)(width / plot->cell);
  plot->low = low;
  plot->step = (high - low) / (double)plot->bins;
}

bool plot_can_show(double least, double most) {
  double range = most - least;
  return isfinite(range) && range > 1e-290 && range > 1e-12 * fmax(fabs(least), fabs(most));
}

bool plot_fill(plot *plot, const double *sorted, size_t count, int width) {
  double low, high, wanted = bin_width(sorted, count);
  bool whole = all_whole(sorted, count);
  find_range(sorted, count, &low, &high);
  if (width > most_cells) width = most_cells;
  if (width < 10) width = 10;
  *plot = (struct plot){.least = sorted[0], .most = sorted[count - 1], .last_part = 1};
  if (whole) {
    choose_whole_bins(plot, ceil(low), floor(high), wanted, width);
  } else {
    reach_bounds(&low, &high);
    choose_bins(plot, low, high, wanted, width);
  }
  plot->counts = calloc(plot->bins, sizeof *plot->counts);
  if (!plot->counts) return false;
  plot->below = count_below(sorted, count, plot->low);
  size_t before = plot->below;
  for (size_t bin = 0; bin < plot->bins; bin++) {
    double edge = plot->low + (double)(bin + 1) * plot->step;
    bool last = bin + 1 == plot->bins && !whole;
    size_t after = last ? count_below(sorted, count, nextafter(high, INFINITY)) : count_below(sorted, count, edge);
    plot->counts[bin] = after - before;
    before = after;
  }
  plot->above = count - before;
  return true;
}

void plot_free(plot *plot) {
  free(plot->counts);
  plot->counts = NULL;
}

/* ---- characters ---- */

typedef struct characters {
  int parts;             /* of a character, in a bar */
  const char *filled[9]; /* filled[p]: p parts of it */
  const char *axis, *mark, *first, *last, *median, *beyond_left, *beyond_right;
  const char *lines[3]; /* of intervals, the widest first */
} characters;

static const characters unicode = {.parts = 8,
                                   .filled = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
                                   .axis = "─",
                                   .mark = "┬",
                                   .first = "├",
                                   .last = "┤",
                                   .median = "●",
                                   .beyond_left = "◂",
                                   .beyond_right = "▸",
                                   .lines = {"─", "━", "█"}};
static const characters ascii = {.parts = 3,
                                 .filled = {" ", ".", ":", "#"},
                                 .axis = "-",
                                 .mark = "+",
                                 .first = "|",
                                 .last = "|",
                                 .median = "o",
                                 .beyond_left = "<",
                                 .beyond_right = ">",
                                 .lines = {"-", "=", "#"}};

static const char bold[] = "\033[1m", cyan[] = "\033[36m", plain[] = "\033[0m";

/* A line of pointers to characters; blanks at its end are not printed. */
static void print_line(const char *const *cells, int count, const char *colour, const terminal *terminal, FILE *out) {
  while (count > 0 && strcmp(cells[count - 1], " ") == 0) count--;
  if (terminal->colour && count > 0) fputs(colour, out);
  for (int i = 0; i < count; i++) fputs(cells[i], out);
  if (terminal->colour && count > 0) fputs(plain, out);
  putc('\n', out);
}

/* ---- the axis ---- */

static int cells_of(const plot *plot) { return (int)plot->bins * plot->cell; }

/* Where a value stands, in characters from the left end; not cut to what is shown. Between bars of whole numbers there is
 * a gap, which belongs to none. */
static double place_of(const plot *plot, double value) {
  double gap = plot->whole && plot->cell >= 3 ? 1 : 0;
  return (value - plot->low) / plot->step * plot->cell - gap / 2;
}

/* 1, 2 or 5 times a power of ten, at least `value`. */
static double tidy_step(double value) {
  double power = pow(10, floor(log10(value)));
  static const double factors[] = {1, 2, 5};
  for (size_t i = 0; i < 3; i++)
    if (factors[i] * power >= value * (1 - 1e-9)) return factors[i] * power;
  return 10 * power;
}

static int exponent_of(double value) { return value == 0 ? 0 : (int)floor(log10(fabs(value)) + 1e-9); }

/* 1.50e+07 -> 1.5e+07 */
static void drop_zeros(char *text) {
  char *exponent = strchr(text, 'e'), *end = exponent;
  if (!exponent || !strchr(text, '.')) return;
  while (end[-1] == '0') end--;
  if (end[-1] == '.') end--;
  memmove(end, exponent, strlen(exponent) + 1);
}

/* A multiple of the step, with the digits that tell it from its neighbours; `most` is the largest number of the axis,
 * whose length decides between 12000000 and 1.2e+07 for all of them. */
static void format_mark(char text[cell_size], double value, double step, double most) {
  int last = exponent_of(step), first = exponent_of(most), digits = exponent_of(value) - last;
  int decimals = last < 0 ? -last : 0, fixed = (first > 0 ? first : 0) + 1 + decimals + (decimals > 0);
  int scientific = first - last + (first > last) + 5;
  if (value == 0)
    snprintf(text, cell_size, "0");
  else if (fixed <= 7 || (fixed <= scientific && fixed <= 17))
    snprintf(text, cell_size, "%.*f", decimals, value);
  else
    snprintf(text, cell_size, "%.*e", digits < 0 ? 0 : digits > 15 ? 15 : digits, value);
  drop_zeros(text);
}

/* Writes marks and their labels for this step. False: a label does not fit between its neighbours. */
static bool set_marks(const plot *plot, double step, const char **axis, char *labels, int cells, const char *mark) {
  double high = plot->low + (double)plot->bins * plot->step, most = fmax(fabs(plot->low), fabs(high));
  int free_from = 0;
  for (double k = ceil(plot->low / step - 1e-9); k * step <= high * (1 + copysign(1e-12, high)); k++) {
    char text[cell_size];
    int at = (int)floor(place_of(plot, k * step));
    format_mark(text, fabs(k) < 0.5 ? 0 : k * step, step, most);
    int length = (int)strlen(text), start = at - (length - (text[0] != '-')) / 2;
    if (at == cells) at--;
    if (at < 0 || at >= cells) continue;
    if (start < 0) start = 0;
    if (start < free_from) return false;
    axis[at] = mark;
    memcpy(labels + start, text, (size_t)length);
    free_from = start + length + 2;
  }
  return true;
}

static void print_axis(const plot *plot, const characters *use, FILE *out, const terminal *terminal) {
  const char *axis[most_cells];
  char labels[most_cells + 2 * cell_size];
  int cells = cells_of(plot);
  double step = tidy_step((double)plot->bins * plot->step * 4 / cells);
  if (plot->whole && step < 1) step = 1;
  bool fits = false;
  for (int tries = 0; tries < 12 && !fits; tries++, step = tidy_step(step * 1.5)) {
    for (int i = 0; i < cells; i++) axis[i] = use->axis;
    memset(labels, ' ', sizeof labels);
    fits = set_marks(plot, step, axis, labels, cells, use->mark);
  }
  print_line(axis, cells, "", terminal, out);
  int length = (int)sizeof labels;
  while (length > 0 && labels[length - 1] == ' ') length--;
  fprintf(out, "%.*s\n", length, labels);
}

/* ---- the rest ---- */

/* Draws for a whole bin's width. */
static double density(const plot *plot, size_t bin) {
  return (double)plot->counts[bin] / (bin + 1 == plot->bins ? plot->last_part : 1);
}

static void print_bars(const plot *plot, const characters *use, const terminal *terminal, FILE *out) {
  const char *cells[most_cells];
  double most = 0;
  int gap = plot->whole && plot->cell >= 3;
  for (size_t bin = 0; bin < plot->bins; bin++) most = fmax(most, density(plot, bin));
  for (int line = bar_lines - 1; line >= 0; line--) {
    for (size_t bin = 0; bin < plot->bins; bin++) {
      /* What is there shows, however little it is. */
      int height = (int)(density(plot, bin) / most * bar_lines * use->parts + 0.5);
      if (height == 0 && plot->counts[bin] > 0) height = 1;
      int parts = height - line * use->parts;
      const char *filled = use->filled[parts < 0 ? 0 : parts > use->parts ? use->parts : parts];
      for (int i = 0; i < plot->cell; i++)
        cells[(int)bin * plot->cell + i] = gap && i == plot->cell - 1 ? use->filled[0] : filled;
    }
    print_line(cells, cells_of(plot), cyan, terminal, out);
  }
}

/* The cell of a value; *outside is set when it is not shown. */
static int cell_of(const plot *plot, double value, bool *outside) {
  int at = (int)floor(place_of(plot, value)), cells = cells_of(plot);
  *outside = at < 0 || at > cells;
  return at < 0 ? 0 : at >= cells ? cells - 1 : at;
}

static int wider_first(const void *a, const void *b) {
  const plot_interval *one = a, *other = b;
  return (one->share < other->share) - (one->share > other->share);
}

static void print_intervals(const plot *plot, const characters *use, const terminal *terminal, FILE *out) {
  const char *cells[most_cells];
  plot_interval intervals[most_intervals];
  memcpy(intervals, plot->intervals, sizeof intervals);
  qsort(intervals, plot->interval_count, sizeof *intervals, wider_first);
  for (int i = 0; i < most_cells; i++) cells[i] = " ";
  bool outside;
  for (size_t i = 0; i < plot->interval_count; i++) {
    bool cut_left, cut_right, thin = i == 0 && plot->interval_count > 1;
    int from = cell_of(plot, intervals[i].low, &cut_left), to = cell_of(plot, intervals[i].high, &cut_right);
    size_t style = i == 0 && !thin ? 1 : i < 2 ? i : 2;
    for (int at = from; at <= to; at++) cells[at] = use->lines[style];
    if (thin && from < to) cells[from] = use->first, cells[to] = use->last;
    if (cut_left) cells[from] = use->beyond_left;
    if (cut_right) cells[to] = use->beyond_right;
  }
  int median = cell_of(plot, plot->median, &outside);
  if (!outside) cells[median] = use->median;
  print_line(cells, cells_of(plot), bold, terminal, out);
}

/* Three figures of what differs between the draws that are shown. */
static void format_value(char cell[cell_size], const plot *plot, double value) {
  double width = (double)plot->bins * plot->step, most = fmax(fabs(plot->low), fabs(plot->low + width));
  int figures = 3 + (most > width ? (int)log10(most / width) : 0);
  if (plot->whole && fabs(value) < 1e15 && value == floor(value))
    snprintf(cell, cell_size, "%.0f", value);
  else
    format_figures(cell, value, figures < 15 ? figures : 15);
}

static void print_heading(const plot *plot, const char *name, const terminal *terminal, FILE *out) {
  char low[cell_size], high[cell_size];
  format_value(low, plot, plot->median);
  fprintf(out, "%s%s%s  median %s", terminal->colour ? bold : "", name, terminal->colour ? plain : "", low);
  for (size_t i = 0; i < plot->interval_count; i++) {
    const plot_interval *interval = &plot->intervals[i];
    format_value(low, plot, interval->low);
    format_value(high, plot, interval->high);
    fprintf(out, ", %g %%%s %s to %s", 100 * interval->share, interval->highest_density ? " HDI" : "", low, high);
  }
  putc('\n', out);
}

static void print_outside(const plot *plot, FILE *out) {
  char cell[cell_size];
  if (plot->below > 0) {
    format_value(cell, plot, plot->least);
    fprintf(out, "%zu further left, to %s", plot->below, cell);
  }
  if (plot->above > 0) {
    format_value(cell, plot, plot->most);
    fprintf(out, "%s%zu further right, to %s", plot->below > 0 ? "; " : "", plot->above, cell);
  }
  if (plot->below + plot->above > 0) putc('\n', out);
}

void plot_print(const plot *plot, const char *name, const terminal *terminal, FILE *out) {
  const characters *use = terminal->unicode ? &unicode : &ascii;
  print_heading(plot, name, terminal, out);
  print_bars(plot, use, terminal, out);
  print_axis(plot, use, out, terminal);
  print_intervals(plot, use, terminal, out);
  print_outside(plot, out);
}
