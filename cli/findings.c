/* findings.c: see findings.h. Each check is one function, which adds what it found; find_findings lists them. */
#include "cli/findings.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli/summary.h"
#include "runtime/psis.h"

/* Vehtari et al. (2021), section 4: R-hat, effective size (100 for each of four chains). Betancourt (2016), and CmdStan's
 * diagnose: energy. The rest are rules of thumb. */
static const double most_rhat = 1.01, least_ess = 400, least_bfmi = 0.3;
static const double most_step_ratio = 5;                       /* between the chains' step sizes */
static const double most_acceptance_gap = 0.15;                /* below delta */
static const double least_accepted = 0.1, most_accepted = 0.7; /* of random-walk proposals */
static const double most_stay = 0.1;                           /* share of a chain, in one place */
enum {
  least_stay = 20,
  /* draws; fewer in one place are not a stay */ full_warmup = 150 /* 75 + 25 + 50: one window */
};

static void add(findings *findings, finding_verdict verdict, const char *check, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void add(findings *findings, finding_verdict verdict, const char *check, const char *format, ...) {
  if (findings->count == most_findings) return;
  finding *finding = &findings->items[findings->count++];
  finding->verdict = verdict;
  finding->check = check;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(finding->text, sizeof finding->text, format, arguments);
  va_end(arguments);
  findings->problem_count += verdict == finding_problem;
}

static bool has_problem(const findings *findings, const char *check) {
  for (size_t i = 0; i < findings->count; i++)
    if (findings->items[i].verdict == finding_problem && strcmp(findings->items[i].check, check) == 0) return true;
  return false;
}

static const char *plural(size_t count) { return count == 1 ? "" : "s"; }

/* ---- the files ---- */

/* Draws that were left out although nobody asked for it. */
static void check_files(findings *findings, const summary *summary) {
  const sl_draws *draws = summary->draws;
  size_t cut_off = 0, longest = 0;
  const char *first_cut_off = NULL;
  for (size_t chain = 0; chain < draws->chain_count; chain++) {
    const sl_draws_chain *file = &draws->chains[chain];
    if (file->row_count > longest) longest = file->row_count;
    if (!file->cut_off) continue;
    cut_off++;
    if (!first_cut_off) first_cut_off = file->path;
  }
  if (cut_off)
    add(findings, finding_problem, "files",
        "The last line of %zu of %zu files (the first: %.300s) is incomplete and was left out: the sampler was stopped "
        "or is still writing.",
        cut_off, draws->chain_count, first_cut_off);
  if (longest > draws->draw_count)
    add(findings, finding_problem, "files",
        "The chains have up to %zu draws, the shortest has %zu: only the first %zu of each are used.", longest,
        draws->draw_count, draws->draw_count);
  if (!cut_off && longest == draws->draw_count)
    add(findings, finding_fine, "files", "%zu file%s, %zu row%s in each, all complete.", draws->chain_count,
        plural(draws->chain_count), longest, plural(longest));
}

/* ---- the sampler ---- */

static void range_of(const double *values, size_t count, double *low, double *high, size_t *lowest) {
  *low = INFINITY, *high = -INFINITY, *lowest = 0;
  for (size_t i = 0; i < count; i++) {
    if (values[i] < *low) *low = values[i], *lowest = i;
    if (values[i] > *high) *high = values[i];
  }
}

static void check_warmup(findings *findings, const summary *summary) {
  static const char check[] = "warmup";
  const sampler_report *report = &summary->sampler;
  const sl_draws_chain *first = &summary->draws->chains[0];
  if (!report->has_energy) return; /* no Hamiltonian sampler, whose step size and metric need it */
  size_t chains = summary->draws->chain_count, lowest, unused, before = findings->problem_count;
  double step_low, step_high, low, high;
  range_of(report->step_size, chains, &step_low, &step_high, &lowest);
  range_of(report->acceptance, chains, &low, &high, &unused);
  if (first->num_warmup == 0)
    add(findings, finding_note, check,
        "There was no warmup (num_warmup=0): the draws are those from the initial point on, and the step size and the "
        "metric are those that were given.");
  else if (first->num_warmup > 0 && first->num_warmup < full_warmup && first->adapted)
    add(findings, finding_note, check,
        "The warmup of %ld transitions is short: the usual schedule, which learns the metric in windows, needs %d.",
        first->num_warmup, full_warmup);
  if (step_low * most_step_ratio < step_high)
    add(findings, finding_problem, check,
        "The step sizes of the chains lie between %.2g (chain %zu) and %.2g: they have adapted to different places. "
        "Warm up longer (num_warmup), and see whether R_hat says that they sample different places too.",
        step_low, lowest + 1, step_high);
  for (size_t chain = 0; chain < chains; chain++) {
    double delta = summary->draws->chains[chain].delta;
    if (!summary->draws->chains[chain].adapted || !(report->acceptance[chain] < delta - most_acceptance_gap)) continue;
    add(findings, finding_problem, check,
        "Chain %zu accepts %.2f on average, and was adapted for delta=%.2g: after warmup it came to where smaller "
        "steps "
        "are needed. Warm up longer (num_warmup), or write the model in a form without narrow places.",
        chain + 1, report->acceptance[chain], delta);
    break;
  }
  if (findings->problem_count == before)
    add(findings, finding_fine, check,
        "The step sizes lie between %.2g and %.2g, the mean acceptance between %.2f and %.2f.", step_low, step_high,
        low, high);
}

static void check_divergences(findings *findings, const summary *summary) {
  const sampler_report *report = &summary->sampler;
  if (!report->has_divergences) return;
  if (report->divergences > 0)
    add(findings, finding_problem, "divergences",
        "%zu of %zu transitions diverged: part of the posterior may not have been reached. Sample with a larger delta "
        "(adapt delta=0.95), or write the model in a form without narrow places (non-centred parameters).",
        report->divergences, report->transitions);
  else
    add(findings, finding_fine, "divergences", "None of the %zu transitions diverged.", report->transitions);
}

static void check_depth(findings *findings, const summary *summary) {
  const sampler_report *report = &summary->sampler;
  long most = summary->draws->chains[0].max_depth;
  if (!report->has_depths) return;
  if (report->depth_hits > 0)
    add(findings, finding_problem, "tree depth",
        "%zu of %zu transitions ended at the maximum tree depth: the draws are slow to come, not wrong. Sample with a "
        "larger max_depth, or bring the parameters to a similar scale.",
        report->depth_hits, report->transitions);
  else if (most <= 0)
    add(findings, finding_note, "tree depth", "The files do not say what max_depth was, so nothing is known of it.");
  else
    add(findings, finding_fine, "tree depth", "No transition ended at the maximum tree depth, %ld.", most);
}

static void check_energy(findings *findings, const summary *summary) {
  double least, most;
  size_t chain;
  if (!summary->sampler.has_energy) return;
  range_of(summary->sampler.bfmi, summary->draws->chain_count, &least, &most, &chain);
  if (least < least_bfmi)
    add(findings, finding_problem, "energy",
        "E-BFMI is %.2f in chain %zu, below %.1f: the sampler hardly moves between energies. Look for heavy tails or "
        "strong dependence among the parameters.",
        least, chain + 1, least_bfmi);
  else if (isinf(least))
    add(findings, finding_note, "energy", "E-BFMI is not defined: the energy does not change.");
  else
    add(findings, finding_fine, "energy", "E-BFMI is at least %.2f (chain %zu), above %.1f.", least, chain + 1,
        least_bfmi);
}

static void check_acceptance(findings *findings, const summary *summary) {
  static const char check[] = "acceptance";
  const sampler_report *report = &summary->sampler;
  if (!report->has_acceptance || strcmp(summary->draws->chains[0].algorithm, "mh") != 0) return;
  double low, high;
  size_t lowest;
  range_of(report->acceptance, summary->draws->chain_count, &low, &high, &lowest);
  if (low < least_accepted)
    add(findings, finding_problem, check,
        "Chain %zu accepts %.2f of its proposals, below %.1f: they reach too far. Warm up longer, so that their scale "
        "can adapt, or use algorithm=hmc.",
        lowest + 1, low, least_accepted);
  else if (high > most_accepted)
    add(findings, finding_problem, check,
        "Up to %.2f of the proposals are accepted, above %.1f: they hardly move. Warm up longer, so that their scale "
        "can adapt, or use algorithm=hmc.",
        high, most_accepted);
  else
    add(findings, finding_fine, check, "The chains accept %.2f to %.2f of their proposals.", low, high);
}

static void check_moves(findings *findings, const summary *summary) {
  const sampler_report *report = &summary->sampler;
  if (report->longest_stay == 0 || summary->draws->draw_count < least_stay) return; /* no lp__, or too few draws */
  bool stuck = report->longest_stay >= least_stay &&
               (double)report->longest_stay > most_stay * (double)summary->draws->draw_count;
  if (stuck)
    add(findings, finding_problem, "stuck chains",
        "Chain %zu does not move for %zu of its %zu draws. Start it elsewhere (init, random seed); when it gets stuck "
        "again, the density has a place there that the sampler cannot leave.",
        report->chain_of_stay + 1, report->longest_stay, summary->draws->draw_count);
  else
    add(findings, finding_fine, "stuck chains", "Every chain moves: at most %zu draw%s in a row %s the same.",
        report->longest_stay, plural(report->longest_stay), report->longest_stay == 1 ? "is" : "are");
}

/* Bounds for k: Yao et al. (2018), section 2, and Vehtari et al. (2024). */
static void check_approximation(findings *findings, const summary *summary) {
  static const char check[] = "approximation";
  static const double good_k = 0.5;
  double k = summary->sampler.pareto_k;
  double most = sl_psis_k_threshold(summary->draws->chain_count * summary->draws->draw_count);
  if (isnan(k)) return;
  if (k > most)
    add(findings, finding_problem, check,
        "Pareto k of the ratios between posterior and approximation is %.2f, above %.2f: the approximation leaves out "
        "a "
        "part of the posterior. Use `sample`.",
        k, most);
  else if (k > good_k)
    add(findings, finding_note, check,
        "Pareto k of the ratios between posterior and approximation is %.2f, between %.1f and %.2f: means may be far "
        "off, "
        "unless the draws are weighted by the ratios.",
        k, good_k, most);
  else
    add(findings, finding_fine, check,
        "Pareto k of the ratios between posterior and approximation is %.2f, at most %.1f: they are close.", k, good_k);
}

/* ---- the quantities ---- */

/* Where the chains lie: ", and chain 3 lies apart: ...", when one does, by more than the spread within the chains. */
static void describe_apart(char *text, size_t size, const summary *summary, const quantity *quantity) {
  size_t chains = summary->draws->chain_count, count = summary->draws->draw_count;
  const double *values = sl_draws_column(summary->draws, quantity->column);
  *text = 0;
  for (size_t chain = 0; chains > 2 && chain < chains; chain++) {
    double low = INFINITY, high = -INFINITY, own = 0, within = 0;
    for (size_t other = 0; other < chains; other++) {
      double mean = 0, squares = 0;
      for (size_t i = 0; i < count; i++) {
        double change = values[other * count + i] - mean;
        mean += change / (double)(i + 1);
        squares += change * (values[other * count + i] - mean);
      }
      within += squares / (double)(count * chains);
      if (other == chain) {
        own = mean;
        continue;
      }
      low = fmin(low, mean);
      high = fmax(high, mean);
    }
    if (fmax(low - own, own - high) <= sqrt(within)) continue;
    snprintf(text, size, " Chain %zu lies apart: its mean of %.200s is %.3g, those of the others are %.3g to %.3g.",
             chain + 1, quantity->name, own, low, high);
    return;
  }
}

static void check_rhat(findings *findings, const summary *summary) {
  static const char check[] = "R_hat";
  size_t high = 0;
  const quantity *worst = NULL;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    if (isnan(quantity->rhat)) continue;
    high += quantity->rhat > most_rhat;
    if (!worst || quantity->rhat > worst->rhat) worst = quantity;
  }
  if (!worst) return;
  if (high > 0) {
    char apart[400];
    describe_apart(apart, sizeof apart, summary, worst);
    add(findings, finding_problem, check,
        "R_hat is above %.2f for %zu of %zu quantities (most for %.200s: %.3f): the chains do not agree yet.%s Sample "
        "longer (num_warmup, num_samples), or look for separate modes and parameters that the data leave open.",
        most_rhat, high, summary->quantity_count, worst->name, worst->rhat, apart);
  } else {
    add(findings, finding_fine, check, "R_hat is at most %.3f (%.200s), below %.2f: the %s.", worst->rhat, worst->name,
        most_rhat, summary->draws->chain_count > 1 ? "chains agree" : "halves of the chain agree");
  }
  if (summary->draws->chain_count == 1)
    add(findings, finding_note, "chains",
        "One chain cannot show what it has missed. Four chains that agree, from different initial points, are a reason "
        "to trust them (num_chains=4).");
}

/* One of the two effective sizes: which quantities have less than least_ess. */
static void check_ess(findings *findings, const summary *summary, bool tail) {
  size_t low = 0;
  const quantity *worst = NULL;
  double least = INFINITY;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    double ess = tail ? quantity->ess_tail : quantity->ess_bulk;
    low += ess < least_ess;
    if (ess < least) worst = quantity, least = ess;
  }
  if (!worst) return;
  const char *name = tail ? "tail" : "bulk", *check = tail ? "ESS_tail" : "ESS_bulk";
  if (low > 0) {
    char more[100] = "Draw more (num_samples).";
    if (!has_problem(findings, "R_hat"))
      snprintf(more, sizeof more, "About %.0f times as many draws are needed (num_samples).", ceil(least_ess / least));
    add(findings, finding_problem, check,
        "The effective sample size in the %s is below %.0f for %zu of %zu quantities (least for %.200s: %.0f): %s. %s",
        name, least_ess, low, summary->quantity_count, worst->name, least,
        tail ? "the 5 % and 95 % quantiles are rough" : "means and medians are rough", more);
  } else {
    add(findings, finding_fine, check, "The effective sample size in the %s is at least %.0f (%.200s), above %.0f.",
        name, least, worst->name, least_ess);
  }
}

static void check_values(findings *findings, const summary *summary) {
  size_t not_finite = 0, constant = 0;
  const quantity *first_not_finite = NULL, *first_constant = NULL;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    not_finite += !quantity->finite;
    constant += quantity->constant;
    if (!quantity->finite && !first_not_finite) first_not_finite = quantity;
    if (quantity->constant && !first_constant) first_constant = quantity;
  }
  size_t all = summary->quantity_count;
  if (first_not_finite)
    add(findings, finding_problem, "values", "%zu of %zu quantities %s draws that are not finite (the first: %.200s).",
        not_finite, all, not_finite == 1 ? "has" : "have", first_not_finite->name);
  else if (all > 0)
    add(findings, finding_fine, "values", "All draws are finite numbers.");
  if (first_constant)
    add(findings, finding_note, "constants",
        "%zu of %zu quantities %s the same value in all draws (the first: %.200s): nothing to diagnose there.",
        constant, all, constant == 1 ? "has" : "have", first_constant->name);
}

/* ---- the whole ---- */

/* How far from its bounds a quantity is; above 1 it is beyond one of them. */
static double badness(const quantity *quantity) {
  double ess = fmin(quantity->ess_bulk, quantity->ess_tail); /* NaN only when both are */
  double by_rhat = (quantity->rhat - 1) / (most_rhat - 1), by_ess = least_ess / ess;
  return isnan(by_rhat) && isnan(by_ess) ? -INFINITY : fmax(by_rhat, by_ess);
}

static void rank_worst(findings *findings, const summary *summary) {
  double bad[most_worst] = {0};
  for (size_t i = 0; i < summary->quantity_count; i++) {
    double own = badness(&summary->quantities[i]);
    if (isinf(own) && own < 0) continue;
    size_t place = findings->worst_count;
    if (place == most_worst && own <= bad[most_worst - 1]) continue;
    if (place < most_worst) findings->worst_count++;
    if (place == most_worst) place--;
    for (; place > 0 && bad[place - 1] < own; place--) {
      bad[place] = bad[place - 1];
      findings->worst[place] = findings->worst[place - 1];
    }
    bad[place] = own;
    findings->worst[place] = i;
  }
}

/* The largest error of a mean, in standard deviations: 1 / sqrt(effective size of the mean). */
static const quantity *least_known(const summary *summary) {
  const quantity *least = NULL;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    if (!isnan(quantity->ess_mean) && (!least || quantity->ess_mean < least->ess_mean)) least = quantity;
  }
  return least;
}

static void say_trust(findings *findings, const summary *summary) {
  char *text = findings->trust;
  const quantity *least = least_known(summary);
  if (summary->kind == point_estimates)
    snprintf(text, finding_size,
             "An estimate is one point and says nothing about its own uncertainty; laplace and sample do. Run it again "
             "from other initial points to see whether it finds the same one.");
  else if (summary->kind == independent_draws && strcmp(summary->draws->chains[0].algorithm, "fixed_param") == 0)
    snprintf(text, finding_size,
             "These are independent simulations with fixed parameters: their mean is known to 1/sqrt(%zu) of their "
             "standard deviation.",
             summary->draws->chain_count * summary->draws->draw_count);
  else if (summary->kind == independent_draws)
    snprintf(
        text, finding_size,
        "These draws are independent, and as good as the approximation that they come from. Compare them with those "
        "of `sample` before you rely on them.");
  else if (has_problem(findings, "R_hat") || has_problem(findings, "stuck chains"))
    snprintf(text, finding_size,
             "Do not use these numbers yet. While the chains do not agree, standard errors and effective sample sizes "
             "are too favourable, and more draws of the same kind may not help.");
  else if (!least)
    snprintf(text, finding_size, "These draws are too few, or too constant, for R_hat and effective sample sizes.");
  else
    snprintf(text, finding_size,
             "%sThe mean of %.200s, the least certain, is known to %.2g (MCSE), which is %.2g %% of its standard "
             "deviation%s.",
             has_problem(findings, "divergences") ? "As long as transitions diverge, what the chains did not reach is "
                                                    "missing from every number, however many the draws are. "
                                                  : "",
             least->name, least->mcse_mean, 100 / sqrt(least->ess_mean),
             findings->problem_count == 0 ? "; more digits than that have no meaning" : "");
}

static void say_all_clear(findings *findings, const summary *summary) {
  double rhat = NAN, ess = NAN;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    rhat = fmax(rhat, quantity->rhat);
    ess = fmin(ess, fmin(quantity->ess_bulk, quantity->ess_tail));
  }
  if (summary->kind != draws_of_chains || isnan(rhat) || isnan(ess))
    snprintf(findings->all_clear, finding_size, "%s", findings->trust);
  else
    snprintf(findings->all_clear, finding_size,
             "Nothing looks wrong: R_hat is at most %.3f, the least effective sample size %.0f%s.", rhat, ess,
             summary->sampler.has_divergences ? ", and no transition diverged" : "");
}

void find_findings(findings *findings, const summary *summary) {
  *findings = (struct findings){0};
  check_files(findings, summary);
  if (summary->kind == draws_of_chains) {
    if (!summary->sampler.has_acceptance)
      add(findings, finding_note, "sampler",
          "There are no columns of a sampler: divergences, tree depth and energy are to be looked for in the files of "
          "the fit.");
    check_divergences(findings, summary);
    check_depth(findings, summary);
    check_energy(findings, summary);
    check_warmup(findings, summary);
    check_acceptance(findings, summary);
    check_moves(findings, summary);
    check_rhat(findings, summary);
    check_ess(findings, summary, false);
    check_ess(findings, summary, true);
    rank_worst(findings, summary);
  }
  if (summary->kind == independent_draws) check_approximation(findings, summary);
  if (summary->kind != point_estimates) check_values(findings, summary);
  say_trust(findings, summary);
  say_all_clear(findings, summary);
}
