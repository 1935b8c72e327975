/* signatures.h: all functions by name, and the choice among those of one name.
 *
 * A function is named in one of three tables (intrinsics.def, builtins.def, the library) or in the program. Each becomes
 * one or more overloads under its name. */
#ifndef STANLITE_IR_SIGNATURES_H
#define STANLITE_IR_SIGNATURES_H
#include "ir/names.h"
#include "parser/ast.h"

typedef struct overload {
  callee_kind kind;
  function *function;       /* CALLEE_FUNCTION */
  int id;                   /* CALLEE_BUILTIN, CALLEE_INTRINSIC */
  const char *signature;    /* CALLEE_BUILTIN: into ir/builtins.def */
  bool leaves_out_jacobian; /* f_constrain, of the library's function f_jacobian */
  struct overload *next;
} overload;

struct library {
  name_map *overloads; /* name to overload */
  name_map *not_yet;   /* Stan's functions that are in none of the tables: name to itself */
};

void add_overload(name_map *overloads, const char *name, overload overload);

/* What one overload makes of the arguments of a call. */
typedef struct signature_match {
  const overload *overload;
  bool fits;
  bool vectorised;
  int cost; /* promotions */
  int parameter_count;
  int wrong_argument; /* does not fit: the first wrong one, or -1 when their number is wrong */
  const type *result;
  const type **expected; /* fits: what each argument is promoted to */
  const bool *data_only; /* fits: by argument; NULL for none */
} signature_match;

signature_match match_overload(arena *arena, const overload *overload, const type *const *arguments, int count);

/* The function may be called on containers where its parameters are scalars (see signatures_vectorised.c). */
signature_match match_function_vectorised(arena *arena, const function *function, const type *const *arguments,
                                          int count);
signature_match match_elementwise(arena *arena, type_kind result, const type_kind *parameters, int parameter_count,
                                  const type *const *arguments, int count);

typedef enum { RESOLVED, RESOLVED_AMBIGUOUS, RESOLVED_NONE } resolution_kind;

typedef struct resolution {
  resolution_kind kind;
  signature_match best;     /* RESOLVED */
  signature_match *matches; /* of every overload; for RESOLVED_AMBIGUOUS of the equally good ones only */
  int match_count;          /* 0: there is no such name */
} resolution;

/* `own` are the program's overloads of the name, `shared` the library's; either may be NULL. */
resolution resolve(arena *arena, const overload *own, const overload *shared, const type *const *arguments, int count);

/* "normal_lpdf(real y | real mu, real sigma)". Under another name when `name` is not NULL. */
const char *overload_text(arena *arena, const overload *overload, const char *name);

/* One of Stan's functions that take functions: their names cannot be given to others. */
bool is_higher_order(const char *name);

/* "_lpdf", "_rng" … or NULL: the endings that give a function a meaning of its own. */
const char *function_suffix(const char *name);
/* f_jacobian or f_unconstrain of the library: these are applied over arrays. */
bool is_transform(const function *f);

bool has_suffix(const char *name, const char *suffix);
bool is_density_suffix(const char *suffix); /* _lpdf _lpmf _lupdf _lupmf _cdf _lcdf _lccdf: arguments after a bar */
/* Densities, distribution functions, and what Stan calls _unnorm: over containers their values are added up. */
bool sums_over_rows(const char *name);

#endif
