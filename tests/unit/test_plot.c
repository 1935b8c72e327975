/* The bins of a histogram: every draw is counted once, whole numbers have bars of their own, bounds end the axis. */
#include <stdlib.h>
#include "cli/plot.h"
#include "tests/unit/check.h"

static size_t counted(const plot *plot) {
  size_t sum = plot->below + plot->above;
  for (size_t bin = 0; bin < plot->bins; bin++) sum += plot->counts[bin];
  return sum;
}

static double end_of(const plot *plot) { return plot->low + (double)plot->bins * plot->step; }

static void every_draw_is_counted_once(void) {
  enum { count = 1000 };
  double draws[count];
  for (int shape = 0; shape < 4; shape++) {
    for (int i = 0; i < count; i++) {
      double p = (i + 0.5) / count;
      draws[i] = shape == 0   ? p
                 : shape == 1 ? -log1p(-p)
                 : shape == 2 ? tan(3.14159265358979 * (p - 0.5))
                              : floor(300 * p);
    }
    for (int width = 10; width <= 100; width += 7) {
      plot plot;
      CHECK(plot_fill(&plot, draws, count, width));
      CHECK_INT((long)counted(&plot), count);
      CHECK((int)plot.bins * plot.cell <= width);
      CHECK_INT(shape == 2, plot.below > 0 && plot.above > 0); /* the heavy tails are cut */
      plot_free(&plot);
    }
  }
}

static void whole_numbers_have_bars_of_their_own(void) {
  const double draws[] = {0, 0, 0, 1, 1, 3};
  plot plot;
  CHECK(plot_fill(&plot, draws, 6, 60));
  CHECK(plot.whole && plot.bins == 4 && plot.step == 1 && plot.low == -0.5);
  CHECK(plot.counts[0] == 3 && plot.counts[1] == 2 && plot.counts[2] == 0 && plot.counts[3] == 1);
  plot_free(&plot);
  double many[73]; /* no number divides 73: the last bar stands for fewer, and is told so */
  for (int i = 0; i < 73; i++) many[i] = i + 1;
  CHECK(plot_fill(&plot, many, 73, 30));
  CHECK_INT((long)plot.counts[plot.bins - 1], lround(plot.last_part * plot.step));
  CHECK_INT((long)counted(&plot), 73);
  plot_free(&plot);
}

static void the_axis_ends_at_near_bounds_and_crosses_none(void) {
  double draws[200];
  plot plot;
  for (int i = 0; i < 200; i++) draws[i] = (i + 0.5) / 200;
  CHECK(plot_fill(&plot, draws, 200, 60));
  CHECK_NEAR(plot.low, 0, 0);
  CHECK_NEAR(end_of(&plot), 1, 1e-12);
  plot_free(&plot);
  for (int i = 0; i < 200; i++) draws[i] = 5 + (i + 0.5) / 200;
  CHECK(plot_fill(&plot, draws, 200, 60));
  CHECK_NEAR(plot.low, draws[0], 0);
  CHECK_NEAR(end_of(&plot), draws[199], 1e-12);
  plot_free(&plot);
}

static void numbers_without_a_distance_are_not_shown(void) {
  CHECK(plot_can_show(0, 1e-200));
  CHECK(plot_can_show(1e6, 1e6 + 1e-3));
  CHECK(!plot_can_show(1, 1));
  CHECK(!plot_can_show(1, 1 + 1e-15));
  CHECK(!plot_can_show(-1.7e308, 1.7e308));
  CHECK(!plot_can_show(0, 5e-324));
}

int main(void) {
  return run_suites("plot", (check_test[]){
                                {"every draw is counted once", every_draw_is_counted_once},
                                {"whole numbers have bars of their own", whole_numbers_have_bars_of_their_own},
                                {"the axis ends at near bounds", the_axis_ends_at_near_bounds_and_crosses_none},
                                {"numbers without a distance are not shown", numbers_without_a_distance_are_not_shown},
                                {0},
                            });
}
