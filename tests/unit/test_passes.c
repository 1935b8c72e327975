/* test_passes.c: a pass changes no value. Random programs are run as they are and after passes, alone and together; the
 * density, the constant that was dropped, the gradient and the number of prints must agree to 1e-11, and the machine that
 * runs them must find no fault. */
#include "ir/passes.h"
#include "tests/unit/check.h"
#include "tests/unit/random_ir.h"

enum { PROGRAMS = 160 };

typedef struct named_pass {
  const char *name;
  void (*run)(ir_program *program);
} named_pass;

static const named_pass before_adjoint[] = {
    {"unroll", ir_unroll},          {"small", ir_small},   {"ifs", ir_ifs},           {"common", ir_common},
    {"parallel", ir_find_parallel}, {"ranges", ir_ranges}, {"drop", ir_drop},         {"hoist", ir_hoist},
    {"common", ir_common},          {"fuse", ir_fuse},     {"motion", ir_motion},     {"tabulate", ir_tabulate},
    {"common", ir_common},          {"dead", ir_dead},     {"collapse", ir_collapse}, {"group", ir_group}};
static const named_pass after_adjoint[] = {{"motion", ir_motion},   {"common", ir_common},     {"tiles", ir_tiles},
                                           {"threads", ir_threads}, {"products", ir_products}, {"scatter", ir_scatter},
                                           {"dead", ir_dead}};
enum {
  BEFORE = sizeof before_adjoint / sizeof *before_adjoint,
  AFTER = sizeof after_adjoint / sizeof *after_adjoint,
  PARALLEL = 1 << 4,
  ALL_BEFORE = (1 << BEFORE) - 1,
  ALL_AFTER = (1 << AFTER) - 1
};

typedef struct outcome {
  machine_status status;
  const char *fault;
  double value, gradient_value, gradient[RANDOM_PARAMETERS], difference[RANDOM_PARAMETERS];
  long printed;
} outcome;

static outcome run_program(unsigned seed, int before, int after) {
  arena *arena = arena_create();
  ir_program *program = random_program(arena, seed);
  for (int i = 0; i < BEFORE; i++)
    if (before >> i & 1) before_adjoint[i].run(program);
  ir_analyse(program);
  ir_find_written_once(program);
  ir_adjoint(program);
  for (int i = 0; i < AFTER; i++)
    if (after >> i & 1) after_adjoint[i].run(program);
  if (getenv("STANLITE_TEST_SHOW") && (unsigned)atoi(getenv("STANLITE_TEST_SHOW")) == seed) {
    printf("---- seed %u, passes %x before and %x after\n", seed, (unsigned)before, (unsigned)after);
    ir_print(program, stdout);
  }
  static const double parameters[RANDOM_PARAMETERS] = {0.31, -0.52, 0.73, 1.14, -0.25};
  outcome result = {0};
  machine *m = machine_create(arena, random_table_create(arena, seed)->inputs);
  machine_run(m, program->construct);
  machine_call(m, program, program->log_density, parameters, RANDOM_PARAMETERS, NULL);
  double dropped = program->dropped ? machine_value(m, ir_use(program->dropped)) : 0;
  result.value = m->target + dropped;
  result.printed = m->seen;
  for (int i = 0; i < RANDOM_PARAMETERS; i++) { /* (f(x - 2h) - 8 f(x - h) + 8 f(x + h) - f(x + 2h)) / 12h */
    const double h = 1e-4, at[] = {-2 * h, -h, h, 2 * h}, weight[] = {1, -8, 8, -1};
    for (int k = 0; k < 4; k++) {
      double moved[RANDOM_PARAMETERS];
      memcpy(moved, parameters, sizeof moved);
      moved[i] += at[k];
      machine_call(m, program, program->log_density, moved, RANDOM_PARAMETERS, NULL);
      result.difference[i] += weight[k] * m->target / (12 * h);
    }
  }
  machine_call(m, program, program->gradient_body, parameters, RANDOM_PARAMETERS, result.gradient);
  result.gradient_value = m->target + dropped;
  result.status = m->status;
  result.fault = m->fault;
  arena_destroy(arena);
  return result;
}

static void compare(unsigned seed, int before, int after, const outcome *expected) {
  outcome actual = run_program(seed, before, after);
  CHECK_SAY(actual.status == MACHINE_DONE, "seed %u, passes %x %x: %s", seed, (unsigned)before, (unsigned)after,
            actual.fault ? actual.fault : "rejected");
  if (actual.status != MACHINE_DONE) return;
  CHECK_SAY(near_enough(actual.value, expected->value, 1e-11), "seed %u, passes %x %x: value %.17g, expected %.17g",
            seed, (unsigned)before, (unsigned)after, actual.value, expected->value);
  CHECK_SAY(near_enough(actual.gradient_value, expected->value, 1e-11),
            "seed %u, passes %x %x: value with gradient %.17g, not %.17g", seed, (unsigned)before, (unsigned)after,
            actual.gradient_value, expected->value);
  CHECK_SAY(actual.printed == expected->printed, "seed %u, passes %x %x: %ld prints, expected %ld", seed,
            (unsigned)before, (unsigned)after, actual.printed, expected->printed);
  for (int i = 0; i < RANDOM_PARAMETERS; i++)
    CHECK_SAY(near_enough(actual.gradient[i], expected->gradient[i], 1e-11),
              "seed %u, passes %x %x: derivative %d is %.17g, expected %.17g", seed, (unsigned)before, (unsigned)after,
              i, actual.gradient[i], expected->gradient[i]);
}

static void test_machine_runs_all(void) {
  for (unsigned seed = 1; seed <= PROGRAMS; seed++) {
    outcome result = run_program(seed, 0, 0);
    CHECK_SAY(result.status == MACHINE_DONE, "seed %u: %s", seed, result.fault ? result.fault : "rejected");
    CHECK_SAY(near_enough(result.gradient_value, result.value, 1e-12),
              "seed %u: %.17g with the gradient, %.17g without", seed, result.gradient_value, result.value);
    for (int i = 0; i < RANDOM_PARAMETERS; i++)
      CHECK_SAY(near_enough(result.gradient[i], result.difference[i], 1e-6),
                "seed %u: derivative %d is %.17g, by differences %.10g", seed, i, result.gradient[i],
                result.difference[i]);
  }
}

/* A pass alone; with the loops known to be parallel, on which some of them rest; and with what follows it. */
static void test_each_pass_alone(void) {
  for (unsigned seed = 1; seed <= PROGRAMS; seed++) {
    outcome expected = run_program(seed, 0, 0);
    for (int i = 0; i < BEFORE; i++) {
      compare(seed, 1 << i, 0, &expected);
      compare(seed, 1 << i | PARALLEL, 0, &expected);
    }
    for (int i = 0; i < AFTER; i++) {
      compare(seed, 0, 1 << i, &expected);
      compare(seed, PARALLEL, 1 << i, &expected);
    }
  }
}

static void test_all_passes(void) {
  for (unsigned seed = 1; seed <= PROGRAMS; seed++) {
    outcome expected = run_program(seed, 0, 0);
    compare(seed, ALL_BEFORE, ALL_AFTER, &expected);
  }
}

static void test_without_one(void) {
  for (unsigned seed = 1; seed <= PROGRAMS; seed++) {
    outcome expected = run_program(seed, 0, 0);
    for (int i = 0; i < BEFORE; i++) compare(seed, ALL_BEFORE & ~(1 << i), ALL_AFTER, &expected);
    for (int i = 0; i < AFTER; i++) compare(seed, ALL_BEFORE, ALL_AFTER & ~(1 << i), &expected);
  }
}

static void test_random_choices(void) {
  for (unsigned seed = 1; seed <= PROGRAMS; seed++) {
    outcome expected = run_program(seed, 0, 0);
    for (unsigned k = 1; k <= 4; k++) {
      unsigned bits = (seed * 2654435761u + k * 40503u) * 2246822519u;
      compare(seed, (int)(bits >> 8) & ALL_BEFORE, (int)(bits >> 24) & ALL_AFTER, &expected);
    }
  }
}

static char *printed(const ir_program *program) {
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  ir_print(program, out);
  fclose(out);
  return text;
}

static int count_changes(ir_program *program, const named_pass *passes, int count, int *changes) {
  char *before = printed(program);
  for (int i = 0; i < count; i++) {
    passes[i].run(program);
    char *after = printed(program);
    changes[i] += strcmp(before, after) != 0;
    free(before);
    before = after;
  }
  free(before);
  return count;
}

/* The other tests are worth little if the programs give a pass nothing to do. */
static void test_programs_are_worth_it(void) {
  int before[BEFORE] = {0}, after[AFTER] = {0};
  for (unsigned seed = 1; seed <= PROGRAMS; seed++) {
    arena *arena = arena_create();
    ir_program *program = random_program(arena, seed);
    count_changes(program, before_adjoint, BEFORE, before);
    ir_analyse(program);
    ir_find_written_once(program);
    ir_adjoint(program);
    count_changes(program, after_adjoint, AFTER, after);
    arena_destroy(arena);
  }
  for (int i = 0; i < BEFORE; i++)
    CHECK_SAY(before[i] >= PROGRAMS / 50, "%s changes %d of %d programs", before_adjoint[i].name, before[i], PROGRAMS);
  for (int i = 0; i < AFTER; i++)
    CHECK_SAY(after[i] >= PROGRAMS / 50, "%s changes %d of %d gradients", after_adjoint[i].name, after[i], PROGRAMS);
}

int main(void) {
  return run_suites("passes", (check_test[]){{"random programs run without passes", test_machine_runs_all},
                                             {"each pass alone keeps value and gradient", test_each_pass_alone},
                                             {"all passes together keep them", test_all_passes},
                                             {"all passes but one keep them", test_without_one},
                                             {"any choice of passes keeps them", test_random_choices},
                                             {"every pass finds work in the programs", test_programs_are_worth_it},
                                             {0}});
}
