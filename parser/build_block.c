/* build_block.c: functions and the blocks of a program; see build.h. */
#include "parser/build.h"

variable *build_parameter(parse_state *state, const type *type, const token *name, bool is_data_only) {
  variable *made = build_name(state, name);
  made->type = type;
  made->is_function_parameter = true;
  made->is_data_only = is_data_only;
  return made;
}

function *build_function(parse_state *state, const type *result, const token *name, parameters parameters,
                         statement *body) {
  function *made = arena_new(state->arena, function);
  made->name = build_name(state, name)->name;
  made->location = name->location;
  made->result = result;
  made->parameters = parameters.items;
  made->parameter_count = parameters.count;
  made->body = body;
  *state->functions_end = made;
  state->functions_end = &made->next;
  return made;
}

/* Blocks come in the order of block_kind, each at most once. */
static void begin_block(parse_state *state, const token *word, block_kind block) {
  program *program = state->program;
  if (program->has_block[block]) {
    message *error = message_error(state->messages, word->location, "there are two blocks `%s`", block_name(block));
    message_hint(state->messages, error, "the first one begins in line %d", program->block_location[block].line);
    return;
  }
  if ((int)block < state->last_block) {
    message *error = message_error(state->messages, word->location, "the block `%s` must stand before the block `%s`",
                                   block_name(block), block_name((block_kind)state->last_block));
    message_hint(state->messages, error,
                 "the order of blocks: functions, data, transformed data, parameters, "
                 "transformed parameters, model, generated quantities");
  } else {
    state->last_block = (int)block;
  }
  program->has_block[block] = true;
  program->block_location[block] = word->location;
}

void build_functions_block(parse_state *state, const token *word, location end) {
  begin_block(state, word, BLOCK_FUNCTIONS);
  state->program->block_end[BLOCK_FUNCTIONS] = end;
}

/* The blocks data and parameters hold declarations without definitions. */
static void check_declarations(parse_state *state, block_kind block, const statement *list) {
  for (; list; list = list->next) {
    if (list->kind == STATEMENT_EMPTY) continue;
    if (list->kind != STATEMENT_DECLARATION) {
      message *error =
          message_error(state->messages, list->location, "the block `%s` holds declarations only", block_name(block));
      message_hint(state->messages, error, "this statement belongs into the block `%s`",
                   block == BLOCK_DATA ? "transformed data" : "model");
    } else if (list->declaration.value) {
      message *error = message_error(state->messages, list->declaration.value->location,
                                     "a variable of the block `%s` cannot be given a value", block_name(block));
      message_hint(state->messages, error, "`%s` with its value belongs into the block `%s`",
                   list->declaration.variable->name,
                   block == BLOCK_DATA ? "transformed data" : "transformed parameters");
    }
  }
}

/* The variables of the model block are local. */
static void check_model(parse_state *state, const statement *list) {
  for (; list; list = list->next) {
    if (list->kind != STATEMENT_DECLARATION || !is_constrained(list->declaration.variable->declared)) continue;
    message *error = message_error(state->messages, list->declaration.variable->declared->location,
                                   "the variable `%s` of the model block is local: it cannot have a constraint",
                                   list->declaration.variable->name);
    message_hint(state->messages, error, "parameters are declared in the block `parameters`");
  }
}

void build_block(parse_state *state, const token *word, statement_list body, location end) {
  block_kind block = (block_kind)(word->kind - TOKEN_FUNCTIONS);
  begin_block(state, word, block);
  if (block == BLOCK_DATA || block == BLOCK_PARAMETERS) check_declarations(state, block, body.first);
  if (block == BLOCK_MODEL) check_model(state, body.first);
  state->program->blocks[block] = body.first;
  state->program->block_end[block] = end;
}

_Static_assert(TOKEN_GENERATED_QUANTITIES - TOKEN_FUNCTIONS == BLOCK_GENERATED_QUANTITIES,
               "the block words of tokens.def stand in the order of block_kind");
