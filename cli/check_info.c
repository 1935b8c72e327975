/* check_info.c: see check_info.h. */
#include "cli/check_info.h"
#include <stdlib.h>
#include <string.h>
#include "cli/print.h"
#include "parser/walk.h"

static void print_type(const type *t, FILE *out) {
  const type *innermost = type_innermost(t);
  fputs("{\"type\": ", out);
  if (innermost->kind == TYPE_TUPLE) {
    fputc('[', out);
    for (int i = 0; i < innermost->member_count; i++) {
      if (i) fputs(", ", out);
      print_type(innermost->members[i], out);
    }
    fprintf(out, "], \"dimensions\": %d}", type_array_dimensions(t));
    return;
  }
  const type *scalar = type_scalar(t);
  const char *name = scalar->kind == TYPE_INT ? "int" : scalar->kind == TYPE_COMPLEX ? "complex" : "real";
  fprintf(out, "\"%s\", \"dimensions\": %d}", name, type_total_dimensions(t));
}

static void print_block(const program *program, block_kind block, const char *name, FILE *out) {
  fprintf(out, "  \"%s\": {", name);
  bool first = true;
  for (const statement *s = program->blocks[block]; s; s = s->next) {
    if (s->kind != STATEMENT_DECLARATION || !s->declaration.variable->is_global) continue;
    fprintf(out, "%s\n    ", first ? "" : ",");
    print_json_string(out, s->declaration.variable->name);
    fputs(": ", out);
    print_type(s->declaration.variable->type, out);
    first = false;
  }
  fputs(first ? "},\n" : "\n  },\n", out);
}

/* ---- what is called ---- */

typedef struct names {
  arena *arena;
  const program *program;
  bool densities; /* which kind is collected */
  const char **items;
  int count, capacity;
} names;

static bool is_own(const program *program, const char *name) {
  for (const function *f = program->functions; f; f = f->next)
    if (strcmp(f->name, name) == 0) return true;
  return false;
}

static bool ends_with(const char *name, const char *ending) {
  size_t length = strlen(name), ending_length = strlen(ending);
  return length > ending_length && strcmp(name + length - ending_length, ending) == 0;
}

static bool is_density(const char *name) {
  static const char *const endings[] = {"_lpdf", "_lpmf", "_lupdf", "_lupmf", "_lcdf", "_lccdf", "_cdf"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (ends_with(name, endings[i])) return true;
  return false;
}

static void add(names *all, const char *name) {
  if (is_density(name) != all->densities || is_own(all->program, name)) return;
  for (int i = 0; i < all->count; i++)
    if (strcmp(all->items[i], name) == 0) return;
  arena_push(all->arena, all, name);
}

static void add_call(const expression *e, void *context) {
  names *all = context;
  if (e->kind == EXPRESSION_CALL) add(all, e->call.name);
}

/* The call of a `~` is named as it is written there: its density stands in the function that was found. */
static void add_statement(const statement *s, void *context) {
  names *all = context;
  if (s->kind == STATEMENT_PRINT) add(all, "print");
  if (s->kind == STATEMENT_REJECT) add(all, "reject");
  if (s->kind == STATEMENT_FATAL_ERROR) add(all, "fatal_error");
  if (s->kind != STATEMENT_TILDE) return;
  const function *density = s->tilde.call->call.callee.function;
  bool is_mass = density && ends_with(density->name, "_lpmf");
  if (density && is_own(all->program, density->name)) return;
  add(all, arena_printf(all->arena, "%s%s", s->tilde.call->call.name, is_mass ? "_lupmf" : "_lupdf"));
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_called(const program *program, arena *arena, bool densities, const char *name, FILE *out) {
  names all = {.arena = arena, .program = program, .densities = densities};
  walk_program(program, &(ast_visitor){add_statement, add_call, &all});
  if (all.count) qsort(all.items, (size_t)all.count, sizeof *all.items, compare_names);
  fprintf(out, "  \"%s\": [", name);
  for (int i = 0; i < all.count; i++) {
    if (i) fputs(", ", out);
    print_json_string(out, all.items[i]);
  }
  fputs("],\n", out);
}

void check_info_print(const program *program, arena *arena, FILE *out) {
  fputs("{\n", out);
  print_block(program, BLOCK_DATA, "inputs", out);
  print_block(program, BLOCK_PARAMETERS, "parameters", out);
  print_block(program, BLOCK_TRANSFORMED_PARAMETERS, "transformed parameters", out);
  print_block(program, BLOCK_GENERATED_QUANTITIES, "generated quantities", out);
  print_called(program, arena, false, "functions", out);
  print_called(program, arena, true, "distributions", out);
  fputs("  \"included_files\": [", out);
  for (int i = 0; i < program->include_count; i++) {
    if (i) fputs(", ", out);
    print_json_string(out, program->includes[i]->path);
  }
  fputs("]\n}\n", out);
}
