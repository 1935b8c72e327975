/* page.c: docs/lectures.md, for people who give or hear the lectures; and the same on a terminal. Nothing in it depends on the
 * time of day: the same draws make the same page. */
#include <math.h>
#include <string.h>
#include "lectures/lectures.h"

enum { LONG_TABLE = 30 }; /* rows; longer ones are folded */

void format_label(const figure *figure, char *text, size_t size) {
  static const struct {
    const char *what, *label;
  } labels[] = {{"value", ""},
                {"draw", ""},
                {"ess_bulk", "effective draws"},
                {"ess_tail", "effective draws, tails"},
                {"rhat", "R-hat"},
                {"mad", "median absolute deviation"},
                {"root_mean", "root of the mean"},
                {"se", "standard error"},
                {"npar", "parameters"},
                {"aic", "AIC"},
                {"bic", "BIC"},
                {"log_lik", "log likelihood"},
                {"chisq", "chi squared"},
                {"df", "degrees of freedom"},
                {"waic", "WAIC"},
                {"dwaic", "dWAIC"},
                {"dse", "dSE"},
                {"p_waic", "pWAIC"},
                {"elpd_loo.se", "elpd_loo, SE"},
                {"p_loo.se", "p_loo, SE"},
                {"looic.se", "looic, SE"},
                {"waic.se", "WAIC, SE"}};
  const char *what = figure->what;
  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
    if (strcmp(what, labels[i].what) == 0) what = labels[i].label;
  if (what[0] == 'q')
    snprintf(text, size, "%s, %s %%", figure->name, what + 1);
  else
    snprintf(text, size, "%s%s%s", figure->name, *what ? ", " : "", what);
}

void format_ours(const figure *figure, char *text, size_t size) {
  const char *point = strchr(figure->printed, '.');
  bool is_whole = figure->ours == floor(figure->ours) && fabs(figure->ours) < 1e9;
  bool few = strncmp(figure->what, "ess_", 4) == 0;
  snprintf(text, size, "%.*f", is_whole || few ? 0 : point ? (int)strlen(point + 1) + 1 : 1, figure->ours);
}

void format_distance(const figure *figure, char *text, size_t size) {
  double distance = figure_distance(figure);
  if (figure->verdict == OTHER_RUN || isnan(distance))
    snprintf(text, size, "%s", figure->verdict == OTHER_RUN ? "" : "exact");
  else
    snprintf(text, size, "%+.1f", distance);
}

const char *verdict_text(const figure *figure) {
  static const char *const texts[] = {"yes", "yes, rounding and draws", "no", "another run"};
  return figure_is_explained(figure) ? "no, for a known reason" : texts[figure->verdict];
}

static void write_rows(const lectures *all, const source *source, bool all_rows, FILE *out) {
  fprintf(out, "\n| figure | %s | ours | difference | matched |\n|---|---:|---:|---:|---|\n",
          source->is_exact ? "exact" : "printed");
  for (size_t i = 0; i < all->figure_count; i++) {
    const figure *figure = &all->figures[i];
    char label[200], ours[60], distance[40];
    if (figure->source != source || (!all_rows && figure->verdict != ROUNDED && figure->verdict != DIFFERS)) continue;
    format_label(figure, label, sizeof label);
    format_ours(figure, ours, sizeof ours);
    format_distance(figure, distance, sizeof distance);
    fprintf(out, "| %s | %s | %s | %s | %s |\n", label, figure->printed, ours, distance, verdict_text(figure));
  }
}

/* Each reason once. */
static void write_reasons(const lectures *all, const source *source, FILE *out) {
  const char *last = NULL;
  for (size_t i = 0; i < all->figure_count; i++) {
    const figure *figure = &all->figures[i];
    if (figure->source != source || !figure->reason || figure->reason == last) continue;
    if (!figure_is_explained(figure) && strcmp(figure->what, "draw") != 0) continue;
    fprintf(out, "\n%s\n", last = figure->reason);
  }
}

static void write_count(const lectures *all, const source *source, FILE *out) {
  tally tally = lectures_count(all, source, NULL, source->is_exact);
  if (tally_total(&tally)) {
    fprintf(out, "\n%d of %d figures match", tally.matched, tally_total(&tally));
    if (tally.farthest) {
      char label[200];
      format_label(tally.farthest, label, sizeof label);
      fprintf(out, "; of those that do not print the same the farthest, %s, is %.1f standard errors apart", label,
              fabs(figure_distance(tally.farthest)));
    }
    fputs(".", out);
  }
  if (tally.rhats) fprintf(out, " R-hat prints the same in %d of %d.", tally.same_rhats, tally.rhats);
  if (!isnan(tally.efficiency))
    fprintf(out, " A draw of ours is worth %.2g of the lecture's, in the median of the effective sizes.",
            tally.efficiency);
  putc('\n', out);
}

static void write_source(const lectures *all, const source *source, FILE *out) {
  int rows = 0;
  for (size_t i = 0; i < all->figure_count; i++) rows += all->figures[i].source == source;
  if (!rows) return;
  fprintf(out, "\n### %s %s\n\n```sh\n%s```\n", source->cases, source->title, source->commands);
  write_count(all, source, out);
  if (rows > LONG_TABLE) {
    tally tally = lectures_count(all, source, NULL, source->is_exact);
    if (tally.rounded || tally.matched < tally_total(&tally)) write_rows(all, source, false, out);
    fprintf(out, "\n<details><summary>All %d rows</summary>\n", rows);
    write_rows(all, source, true, out);
    fputs("\n</details>\n", out);
  } else {
    write_rows(all, source, true, out);
  }
  write_reasons(all, source, out);
}

static void write_overview(const lectures *all, FILE *out) {
  fputs("\n| lecture | figures | matched | by rounding and draws | differ | of the lecture's own run "
        "|\n|---|---:|---:|---:|---:|---:|\n",
        out);
  for (size_t i = 0; i < all->document_count; i++) {
    tally tally = lectures_count(all, NULL, all->documents[i].number, false);
    if (!tally_total(&tally)) continue;
    fprintf(out, "| %s %s | %d | %d | %d | %d | %d |\n", all->documents[i].number, all->documents[i].title,
            tally_total(&tally), tally.matched, tally.rounded, tally.explained + tally.unexplained, tally.other_run);
  }
}

static void write_end(const lectures *all, FILE *out) {
  tally tally = lectures_count(all, NULL, NULL, false), exact = lectures_count(all, NULL, NULL, true);
  if (tally.rounded) fprintf(out, "%d of the matched figures are so by rounding and draws together.\n", tally.rounded);
  if (tally.explained) fprintf(out, "%d differ for reasons that are given.\n", tally.explained);
  if (tally.unexplained) fprintf(out, "%d differ, and no reason is known.\n", tally.unexplained);
  if (tally_total(&exact))
    fprintf(out, "Of %d exact values that no lecture prints, %d match.\n", tally_total(&exact), exact.matched);
  fprintf(out, "Matched / total: %d / %d\n", tally.matched, tally_total(&tally));
}

void page_write(const lectures *all, FILE *out) {
  fputs(
      "# The lectures, figure by figure\n\n"
      "`make lectures` wrote this page: change [lectures/](../lectures), not it. Five lectures print what their "
      "software found; here the same comes from stanlite, with the commands that it takes (`$seed` is 1). "
      "[lectures/README.md](../lectures/README.md) says how to run them, and where the figures are from.\n\n"
      "**difference** is ours less the printed one in Monte Carlo standard errors of the difference: both are runs "
      "of a sampler, ours with four times as many draws. Ours are those of `stanlite summary`; the lecture's follow "
      "from its effective draws, or from its number of draws where it prints no effective ones. Where a comparison of "
      "models has none, ours were repeated with other seeds: ours is the mean, and the runs' standard deviation is "
      "the lecture's standard error. `exact`: no draws are involved.\n\n"
      "**matched** is a figure within half a unit of its last printed digit, or within 4 standard errors: of the "
      "printed number, or (`rounding and draws`) of another one that prints like it, since 0.24 stands for all from "
      "0.235 to 0.245. Effective draws and R-hat belong to a run, not to a model: they stand beside ours (effective "
      "draws of as many draws as the lecture has), and are not counted.\n",
      out);
  write_overview(all, out);
  for (size_t d = 0; d < all->document_count; d++) {
    fprintf(out, "\n## Lecture %s: %s\n", all->documents[d].number, all->documents[d].title);
    for (size_t i = 0; i < all->source_count; i++)
      if (strcmp(all->sources[i].document, all->documents[d].number) == 0) write_source(all, &all->sources[i], out);
  }
  fputs("\n## The count\n\n", out);
  write_end(all, out);
}

void terminal_write(const lectures *all, FILE *out) {
  fprintf(out, "%-5s %-20s %-44s %12s %13s %10s  %s\n", "case", "source", "figure", "printed", "ours", "difference",
          "matched");
  for (size_t i = 0; i < all->figure_count; i++) {
    const figure *figure = &all->figures[i];
    char label[200], ours[60], distance[40];
    format_label(figure, label, sizeof label);
    format_ours(figure, ours, sizeof ours);
    format_distance(figure, distance, sizeof distance);
    fprintf(out, "%-5s %-20s %-44s %12s %13s %10s  %s\n", figure->case_number, figure->source_name, label,
            figure->printed, ours, distance, verdict_text(figure));
  }
  write_end(all, out);
}
