/* builtins.h: the table ir/builtins.def, and the reading of its signatures. */
#ifndef STANLITE_IR_BUILTINS_H
#define STANLITE_IR_BUILTINS_H
#include "parser/type.h"

typedef enum builtin_id {
#define BUILTIN(id, name, signatures) BUILTIN_##id,
#include "ir/builtins.def"
#undef BUILTIN
  BUILTIN_COUNT
} builtin_id;

typedef struct builtin_info {
  const char *id, *name, *signatures;
} builtin_info;

extern const builtin_info builtins[BUILTIN_COUNT];

enum { MAX_BUILTIN_ARGUMENTS = 12 };

/* What one signature makes of a call's arguments. */
typedef struct builtin_match {
  int parameter_count;
  int cost;           /* promotions that it needs; -1: it does not take these arguments */
  int wrong_argument; /* the first that does not fit; -1 when their number is wrong */
  const type *result;
  const type *expected[MAX_BUILTIN_ARGUMENTS]; /* what each argument is promoted to */
  bool data_only[MAX_BUILTIN_ARGUMENTS];
} builtin_match;

/* `signature` points into a list of signatures; only the first is looked at. */
builtin_match builtin_match_signature(arena *arena, const char *signature, const type *const *arguments, int count);
const char *next_signature(const char *signature); /* NULL after the last one */
/* The first signature for people: "head(array[] T, int)"; the words that V and M stand for are written out. */
const char *builtin_signature_text(arena *arena, const char *name, const char *signature);
/* The types of a signature's parameters, written out for people; returns how many. `result` may be NULL. */
int builtin_signature_parts(arena *arena, const char *signature, const char **parameters, const char **result);

#endif
