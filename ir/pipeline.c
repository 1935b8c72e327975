/* pipeline.c: the passes in order. What each needs and leaves true stands at the head of its file. */
#include "ir/pipeline.h"
#include <string.h>
#include "ir/compact.h"
#include "ir/passes.h"

typedef struct pass {
  const char *name;
  void (*run)(ir_program *program);
  bool is_needed; /* the result would be wrong without it */
} pass;

static const pass passes[] = {
    {"structure", ir_structure, true},
    {"unroll", ir_unroll, false},
    {"small", ir_small, false},
    {"ifs", ir_ifs, false},
    {"common", ir_common,
     false}, /* variables that are known to hold a value hide nothing any more from those that follow */
    {"parallel", ir_find_parallel, false},
    {"ranges", ir_ranges, false}, /* knows them by is_parallel */
    {"drop", ir_drop, false},
    {"hoist", ir_hoist, false},
    {"ifs", ir_ifs, false},       /* again: branches whose checks of data have moved to construct */
    {"common", ir_common, false}, /* equal ranges become the same operands, which fuse asks for */
    {"fuse", ir_fuse, false},
    {"motion", ir_motion, false},
    {"tabulate", ir_tabulate, false}, /* after motion, which takes out what needs no table */
    {"common", ir_common, false},     /* reads what fused loops stored from where it was computed */
    {"dead", ir_dead, false},
    {"collapse", ir_collapse, false},
    {"group", ir_group, false}, /* after collapse, whose rows are fewer */
    {"adjoint", ir_adjoint, true},
    {"motion", ir_motion, false},
    {"common", ir_common, false},
    {"tiles", ir_tiles, false},       /* before the passes that cut its loop */
    {"threads", ir_threads, false},   /* of whole loops, before they are cut into blocks */
    {"products", ir_products, false}, /* after the adjoint, which reads no product */
    {"scatter", ir_scatter, false},   /* after motion, which makes sums of accumulation at one place */
    {"dead", ir_dead, false},
    {"release", ir_release, true},
};

enum { PASS_COUNT = sizeof passes / sizeof *passes };

static const pass *find(const char *name) {
  for (int i = 0; i < PASS_COUNT; i++)
    if (strcmp(passes[i].name, name) == 0) return &passes[i];
  return NULL;
}

bool pipeline_has(const char *name) { return find(name) != NULL; }

bool pipeline_can_leave_out(const char *name) {
  const pass *named = find(name);
  return strcmp(name, "all") == 0 || (named && !named->is_needed);
}

void pipeline_print_names(FILE *out) {
  for (int i = 0; i < PASS_COUNT; i++) {
    bool first = true;
    for (int j = 0; j < i; j++) first = first && strcmp(passes[j].name, passes[i].name) != 0;
    if (first) fprintf(out, "  %s%s\n", passes[i].name, passes[i].is_needed ? " (always runs)" : "");
  }
}

static bool is_left_out(const pass *pass, const pipeline_options *options) {
  if (pass->is_needed) return false;
  for (int i = 0; i < options->without_count; i++)
    if (strcmp(options->without[i], "all") == 0 || strcmp(options->without[i], pass->name) == 0) return true;
  return false;
}

/* So much memory may be left behind, or as much as the program itself takes, before it is compacted: then copying takes no
 * longer than what left it did. The address sanitizer has it after each pass, to find what still points into old memory. */
#ifdef __SANITIZE_ADDRESS__
enum { COMPACTS_ALWAYS = 1, MOST_GARBAGE = 0 };
#else
enum { COMPACTS_ALWAYS = 0, MOST_GARBAGE = 1 << 24 };
#endif

/* compacted: what the program took when it was compacted last. */
static void compact(ir_program *program, size_t *compacted) {
  size_t garbage = arena_used(program->arena) - *compacted,
         most = *compacted > MOST_GARBAGE ? *compacted : MOST_GARBAGE;
  if (garbage <= most && !COMPACTS_ALWAYS) return;
  ir_compact(program);
  *compacted = arena_used(program->arena);
}

void pipeline_run(ir_program *program, const pipeline_options *options) {
  int last = PASS_COUNT;
  if (options->emit_after)
    for (int i = 0; i < PASS_COUNT; i++)
      if (strcmp(passes[i].name, options->emit_after) == 0) last = i;
  size_t compacted = 0;
  compact(program, &compacted);
  for (int i = 0; i < PASS_COUNT && i <= last; i++) {
    if (is_left_out(&passes[i], options)) continue;
    passes[i].run(program);
    compact(program, &compacted);
  }
  if (options->emit_after) ir_print(program, options->emit);
}
