/* parser.y: the grammar of Stan. The actions are calls of parser/build.h, which makes the nodes and checks what a grammar
 * says badly: how many sizes a type has, what may stand in which block, what can be assigned to.
 *
 * Nothing needs a %destructor: nodes live in the compilation's arena, the scanner is done and freed before the first
 * token is read (lexer/token.h), and the skeleton frees its own stacks on every way out. After an error the parser drops
 * what it has of the statement, function or block, and takes up reading at the token that parser/recovery.c picks; the
 * token RECOVERED stands for what was skipped. */
%code requires {
#include "parser/state.h"
#include "parser/build.h"
}

%require "3.8"
%define api.pure full
%define api.token.prefix {T_}
%define api.value.type union
%define api.location.type {location}
%define parse.error custom
%define parse.lac full
%locations
%param {parse_state *state}
%initial-action { @$ = state->tokens[0].location; }

%code {
#define YYMAXDEPTH 100000
#define YYLLOC_DEFAULT(current, rhs, n) \
  ((current) = (n) ? location_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n)) : YYRHSLOC(rhs, 0))

static int yylex(YYSTYPE *value, location *place, parse_state *state);
static void yyerror(const location *place, parse_state *state, const char *text);
}

%token END 0
%token START_PROGRAM START_FUNCTIONS RECOVERED

%token <const token *>
  FUNCTIONS DATA TRANSFORMED_DATA PARAMETERS TRANSFORMED_PARAMETERS MODEL GENERATED_QUANTITIES
  INT REAL COMPLEX VECTOR ROW_VECTOR MATRIX COMPLEX_VECTOR COMPLEX_ROW_VECTOR COMPLEX_MATRIX SIMPLEX UNIT_VECTOR ORDERED
  POSITIVE_ORDERED SUM_TO_ZERO_VECTOR SUM_TO_ZERO_MATRIX CHOLESKY_FACTOR_CORR CHOLESKY_FACTOR_COV CORR_MATRIX COV_MATRIX
  COLUMN_STOCHASTIC_MATRIX ROW_STOCHASTIC_MATRIX TUPLE ARRAY VOID
  FOR WHILE IF ELSE IN BREAK CONTINUE RETURN PRINT REJECT FATAL_ERROR PROFILE JACOBIAN TARGET
  LOWER UPPER OFFSET MULTIPLIER TRUNCATE
  IDENTIFIER INT_LITERAL REAL_LITERAL MEMBER_LITERAL IMAGINARY_LITERAL STRING_LITERAL

%token
  LEFT_BRACE "{" RIGHT_BRACE "}" LEFT_PARENTHESIS "(" RIGHT_PARENTHESIS ")" LEFT_BRACKET "[" RIGHT_BRACKET "]"
  COMMA "," SEMICOLON ";" BAR "|" TILDE "~" COLON ":" QUESTION "?" OR "||" AND "&&" EQUAL "==" NOT_EQUAL "!="
  LESS "<" LESS_EQUAL "<=" GREATER ">" GREATER_EQUAL ">=" PLUS "+" MINUS "-" TIMES "*" DIVIDE "/" MODULO "%"
  INTEGER_DIVIDE "%/%" LEFT_DIVIDE "\\" ELEMENT_TIMES ".*" ELEMENT_DIVIDE "./" POWER "^" ELEMENT_POWER ".^"
  TRANSPOSE "'" NOT "!" ASSIGN "=" PLUS_ASSIGN "+=" MINUS_ASSIGN "-=" TIMES_ASSIGN "*=" DIVIDE_ASSIGN "/="
  ELEMENT_TIMES_ASSIGN ".*=" ELEMENT_DIVIDE_ASSIGN "./="

/* From weak to strong, as in the reference manual's table of operators. */
%right "?" ":"
%left "||"
%left "&&"
%left "==" "!="
%left "<" "<=" ">" ">="
%left "+" "-"
%left "*" "/" "%" ".*" "./"
%left "%/%" "\\"
%precedence PREFIX
%right "^" ".^"
%precedence "'"
%precedence WITHOUT_ELSE
%precedence ELSE

%type <const token *> block_word type_word name constraint_word
%type <function *> function_definition
%type <variable *> parameter
%type <parameters> parameters parameters_or_none
%type <const type *> result_type unsized_type unsized_types_member
%type <unsized_types> unsized_types
%type <int> dimensions
%type <bool> last_comma
%type <sized_type *> sized_type plain_type tuple_type
%type <sized_types> sized_types
%type <constraints> constraints constraint_list
%type <expressions> expressions expressions_or_none sizes printables
%type <declarators> declarators
%type <declarator> declarator
%type <statement_list> statement statements statements_or_none
%type <statement *> simple_statement block_statement
%type <expression *> expression arithmetic transposed primary value_or_none printable
%type <operator_kind> compound_assignment
%type <indices> indices
%type <index_item> index
%type <truncation> truncation

%%

start:
  START_PROGRAM blocks
| START_FUNCTIONS function_definitions
;

/* ---- blocks; build.c checks their order and what stands in them ---- */

blocks: %empty | blocks block ;

block:
  FUNCTIONS "{" function_definitions "}"    { build_functions_block(state, $FUNCTIONS, @4); }
| block_word "{" statements_or_none "}"     { build_block(state, $block_word, $statements_or_none, @4); }
| error RECOVERED                           { yyerrok; }
;

block_word: DATA | TRANSFORMED_DATA | PARAMETERS | TRANSFORMED_PARAMETERS | MODEL | GENERATED_QUANTITIES ;

/* ---- functions ---- */

function_definitions: %empty | function_definitions function_definition ;

function_definition:
  result_type name "(" parameters_or_none ")" block_statement
    { $$ = build_function(state, $result_type, $name, $parameters_or_none, $block_statement); }
| result_type name "(" parameters_or_none ")" ";"
    { $$ = build_function(state, $result_type, $name, $parameters_or_none, NULL); }
| error RECOVERED                           { $$ = NULL; yyerrok; }
;

result_type:
  VOID                                      { $$ = &type_void; }
| unsized_type
;

parameters_or_none:
  %empty                                    { $$ = (parameters){0}; }
| parameters
;

parameters:
  parameter                                 { $$ = (parameters){0}; arena_push(state->arena, &$$, $parameter); }
| parameters[list] "," parameter            { $$ = $list; arena_push(state->arena, &$$, $parameter); }
;

parameter:
  unsized_type name                         { $$ = build_parameter(state, $unsized_type, $name, false); }
| DATA unsized_type name                    { $$ = build_parameter(state, $unsized_type, $name, true); }
;

/* Types without sizes: array[,] vector. The form `vector[,]` is an old one. */
unsized_type:
  unsized_types_member
| ARRAY "[" dimensions "]" unsized_types_member
    { $$ = type_array_of(state->arena, $unsized_types_member, $dimensions); }
;

unsized_types_member:
  type_word                                 { $$ = build_unsized_type(state, $type_word); }
| type_word "[" dimensions "]"
    {
      $$ = type_array_of(state->arena, build_unsized_type(state, $type_word), $dimensions);
      note_old_unsized_array(state, @$, $$);
    }
| TUPLE "(" unsized_types last_comma ")"    { $$ = build_unsized_tuple(state, @$, $unsized_types, $last_comma); }
;

dimensions:
  %empty                                    { $$ = 1; }
| dimensions[more] ","                      { $$ = $more + 1; }
;

unsized_types:
  unsized_type                              { $$ = (unsized_types){0}; arena_push(state->arena, &$$, $unsized_type); }
| unsized_types[list] "," unsized_type      { $$ = $list; arena_push(state->arena, &$$, $unsized_type); }
;

/* ---- declarations: real<lower=0> x, y = 2; ---- */

type_word:
  INT | REAL | COMPLEX | VECTOR | ROW_VECTOR | MATRIX | COMPLEX_VECTOR | COMPLEX_ROW_VECTOR | COMPLEX_MATRIX | SIMPLEX
| UNIT_VECTOR | ORDERED | POSITIVE_ORDERED | SUM_TO_ZERO_VECTOR | SUM_TO_ZERO_MATRIX | CHOLESKY_FACTOR_CORR
| CHOLESKY_FACTOR_COV | CORR_MATRIX | COV_MATRIX | COLUMN_STOCHASTIC_MATRIX | ROW_STOCHASTIC_MATRIX
;

sized_type:
  plain_type
| tuple_type
| ARRAY "[" expressions "]" plain_type      { $$ = build_array_type(state, @$, $expressions, $plain_type); }
| ARRAY "[" expressions "]" tuple_type      { $$ = build_array_type(state, @$, $expressions, $tuple_type); }
;

plain_type:
  type_word constraints sizes
    { $$ = build_sized_type(state, @$, $type_word, $constraints, @sizes, $sizes); }
;

tuple_type:
  TUPLE "(" sized_types last_comma ")"      { $$ = build_tuple_type(state, @$, $sized_types, $last_comma); }
;

/* A tuple of one is written tuple(int,). */
last_comma: %empty { $$ = false; } | "," { $$ = true; } ;

sized_types:
  sized_type                                { $$ = (sized_types){0}; arena_push(state->arena, &$$, $sized_type); }
| sized_types[list] "," sized_type          { $$ = $list; arena_push(state->arena, &$$, $sized_type); }
;

constraints:
  %empty                                    { $$ = (constraints){0}; }
| "<" constraint_list ">"                   { $$ = $constraint_list; }
;

/* No comparisons within constraints: `>` ends them. */
constraint_list:
  constraint_word "=" arithmetic
    { $$ = build_constraint(state, (constraints){0}, $constraint_word, $arithmetic); }
| constraint_list[list] "," constraint_word "=" arithmetic
    { $$ = build_constraint(state, $list, $constraint_word, $arithmetic); }
;

constraint_word: LOWER | UPPER | OFFSET | MULTIPLIER ;

sizes:
  %empty                                    { $$ = (expressions){0}; }
| "[" expressions "]"                       { $$ = $expressions; }
;

declarators:
  declarator                                { $$ = (declarators){0}; arena_push(state->arena, &$$, $declarator); }
| declarators[list] "," declarator          { $$ = $list; arena_push(state->arena, &$$, $declarator); }
;

/* Sizes behind the name are an old form: real x[N]. */
declarator:
  name sizes                                { $$ = (declarator){$name, $sizes, NULL}; }
| name sizes "=" expression                 { $$ = (declarator){$name, $sizes, $expression}; }
;

/* ---- statements ---- */

statements_or_none:
  %empty                                    { $$ = (statement_list){0}; }
| statements
;

statements:
  statement
| statements[list] statement                { $$ = list_append($list, $2); }
;

statement:
  simple_statement                          { $$ = list_of($simple_statement); }
| block_statement                           { $$ = list_of($block_statement); }
| sized_type declarators ";"                { $$ = build_declarations(state, @$, $sized_type, $declarators); }
| IF "(" expression ")" statement %prec WITHOUT_ELSE
    { $$ = list_of(build_if(state, @$, $expression, $5, (statement_list){0})); }
| IF "(" expression ")" statement ELSE statement
    { $$ = list_of(build_if(state, @$, $expression, $5, $7)); }
| IF "(" error RECOVERED ")" statement %prec WITHOUT_ELSE            { $$ = $6; yyerrok; }
| IF "(" error RECOVERED ")" statement ELSE statement                { $$ = list_append($6, $8); yyerrok; }
| WHILE "(" expression ")" statement        { $$ = list_of(build_while(state, @$, $expression, $5)); }
| WHILE "(" error RECOVERED ")" statement   { $$ = $6; yyerrok; }
| FOR "(" name IN expression[first] ":" expression[last] ")" statement
    { $$ = list_of(build_for(state, @$, $name, $first, $last, $9)); }
| FOR "(" name IN expression[over] ")" statement
    { $$ = list_of(build_for(state, @$, $name, $over, NULL, $7)); }
| FOR "(" error RECOVERED ")" statement     { $$ = $6; yyerrok; }
| PROFILE "(" STRING_LITERAL ")" "{" statements_or_none "}"
    { $$ = list_of(build_profile(state, @$, $STRING_LITERAL, $statements_or_none)); }
| error RECOVERED                           { $$ = (statement_list){0}; yyerrok; }
;

block_statement:
  "{" "}"                                   { $$ = build_block_statement(state, @$, (statement_list){0}); }
| "{" statements "}"                        { $$ = build_block_statement(state, @$, $statements); }
;

simple_statement:
  primary "=" expression ";"                { $$ = build_assignment(state, @$, $primary, $expression); }
| primary compound_assignment[op] expression ";"
    { $$ = build_compound_assignment(state, @$, $primary, $op, $expression); }
| primary ";"                               { $$ = build_call_statement(state, @$, $primary); }
| expression[left] "~" name "(" expressions_or_none[arguments] ")" truncation ";"
    { $$ = build_tilde(state, @$, $left, $name, @name, $arguments, location_join(@name, @6), $truncation); }
| TARGET "+=" expression ";"                { $$ = build_value_statement(state, STATEMENT_TARGET, @$, $expression); }
| JACOBIAN "+=" expression ";"              { $$ = build_value_statement(state, STATEMENT_JACOBIAN, @$, $expression); }
| RETURN value_or_none ";"                  { $$ = build_value_statement(state, STATEMENT_RETURN, @$, $value_or_none); }
| BREAK ";"                                 { $$ = build_value_statement(state, STATEMENT_BREAK, @$, NULL); }
| CONTINUE ";"                              { $$ = build_value_statement(state, STATEMENT_CONTINUE, @$, NULL); }
| PRINT "(" printables ")" ";"              { $$ = build_print(state, STATEMENT_PRINT, @$, $printables); }
| REJECT "(" printables ")" ";"             { $$ = build_print(state, STATEMENT_REJECT, @$, $printables); }
| FATAL_ERROR "(" printables ")" ";"        { $$ = build_print(state, STATEMENT_FATAL_ERROR, @$, $printables); }
| ";"                                       { $$ = build_value_statement(state, STATEMENT_EMPTY, @$, NULL); }
;

compound_assignment:
  "+=" { $$ = OP_ADD; } | "-=" { $$ = OP_SUBTRACT; } | "*=" { $$ = OP_MULTIPLY; } | "/=" { $$ = OP_DIVIDE; }
| ".*=" { $$ = OP_ELEMENT_MULTIPLY; } | "./=" { $$ = OP_ELEMENT_DIVIDE; }
;

truncation:
  %empty                                    { $$ = (truncation){0}; }
| TRUNCATE "[" value_or_none[lower] "," value_or_none[upper] "]"  { $$ = (truncation){true, $lower, $upper}; }
;

printables:
  printable                                 { $$ = (expressions){0}; arena_push(state->arena, &$$, $printable); }
| printables[list] "," printable            { $$ = $list; arena_push(state->arena, &$$, $printable); }
;

printable: expression | STRING_LITERAL      { $$ = build_string(state, @$, $STRING_LITERAL); } ;

/* ---- expressions ---- */

value_or_none: %empty { $$ = NULL; } | expression ;

expressions_or_none: %empty { $$ = (expressions){0}; } | expressions ;

expressions:
  expression                                { $$ = (expressions){0}; arena_push(state->arena, &$$, $expression); }
| expressions[list] "," expression          { $$ = $list; arena_push(state->arena, &$$, $expression); }
;

/* Comparisons, logic and the ternary operator bind weaker than all arithmetic. */
expression:
  arithmetic
| expression[a] "?" expression[b] ":" expression[c]  { $$ = build_ternary(state, @$, $a, $b, $c); }
| expression[a] "||" expression[b]          { $$ = build_binary(state, @$, OP_OR, $a, $b); }
| expression[a] "&&" expression[b]          { $$ = build_binary(state, @$, OP_AND, $a, $b); }
| expression[a] "==" expression[b]          { $$ = build_binary(state, @$, OP_EQUAL, $a, $b); }
| expression[a] "!=" expression[b]          { $$ = build_binary(state, @$, OP_NOT_EQUAL, $a, $b); }
| expression[a] "<" expression[b]           { $$ = build_binary(state, @$, OP_LESS, $a, $b); }
| expression[a] "<=" expression[b]          { $$ = build_binary(state, @$, OP_LESS_EQUAL, $a, $b); }
| expression[a] ">" expression[b]           { $$ = build_binary(state, @$, OP_GREATER, $a, $b); }
| expression[a] ">=" expression[b]          { $$ = build_binary(state, @$, OP_GREATER_EQUAL, $a, $b); }
;

arithmetic:
  primary
| arithmetic[a] "+" arithmetic[b]           { $$ = build_binary(state, @$, OP_ADD, $a, $b); }
| arithmetic[a] "-" arithmetic[b]           { $$ = build_binary(state, @$, OP_SUBTRACT, $a, $b); }
| arithmetic[a] "*" arithmetic[b]           { $$ = build_binary(state, @$, OP_MULTIPLY, $a, $b); }
| arithmetic[a] "/" arithmetic[b]           { $$ = build_binary(state, @$, OP_DIVIDE, $a, $b); }
| arithmetic[a] "%" arithmetic[b]           { $$ = build_binary(state, @$, OP_MODULO, $a, $b); }
| arithmetic[a] ".*" arithmetic[b]          { $$ = build_binary(state, @$, OP_ELEMENT_MULTIPLY, $a, $b); }
| arithmetic[a] "./" arithmetic[b]          { $$ = build_binary(state, @$, OP_ELEMENT_DIVIDE, $a, $b); }
| arithmetic[a] "%/%" arithmetic[b]         { $$ = build_binary(state, @$, OP_INTEGER_DIVIDE, $a, $b); }
| arithmetic[a] "\\" arithmetic[b]          { $$ = build_binary(state, @$, OP_LEFT_DIVIDE, $a, $b); }
| arithmetic[a] "^" arithmetic[b]           { $$ = build_binary(state, @$, OP_POWER, $a, $b); }
| arithmetic[a] ".^" arithmetic[b]          { $$ = build_binary(state, @$, OP_ELEMENT_POWER, $a, $b); }
| "!" arithmetic[a] %prec PREFIX            { $$ = build_unary(state, @$, OP_NOT, $a); }
| "-" arithmetic[a] %prec PREFIX            { $$ = build_unary(state, @$, OP_NEGATE, $a); }
| "+" arithmetic[a] %prec PREFIX            { $$ = build_unary(state, @$, OP_PLUS, $a); }
| transposed
;

transposed: /* x'[i] is an element of x' */
  arithmetic[a] "'"                         { $$ = build_unary(state, @$, OP_TRANSPOSE, $a); }
| transposed[base] "[" indices "]"          { $$ = build_index(state, @$, $base, $indices); }
;

primary:
  name                                      { $$ = build_variable(state, @$, $name); }
| INT_LITERAL                               { $$ = build_int(state, @$, $INT_LITERAL); }
| REAL_LITERAL                              { $$ = build_real(state, @$, EXPRESSION_REAL, $REAL_LITERAL); }
| MEMBER_LITERAL                            { $$ = build_real(state, @$, EXPRESSION_REAL, $MEMBER_LITERAL); }
| IMAGINARY_LITERAL                         { $$ = build_real(state, @$, EXPRESSION_IMAGINARY, $IMAGINARY_LITERAL); }
| name "(" expressions_or_none[arguments] ")"
    { $$ = build_call(state, @$, $name, @name, $arguments, false); }
| name "(" expression[first] "|" expressions_or_none[more] ")"
    { $$ = build_call(state, @$, $name, @name, prepend(state, $first, $more), true); }
| TARGET "(" ")"                            { $$ = build_call(state, @$, $TARGET, @TARGET, (expressions){0}, false); }
| primary[base] "[" indices "]"             { $$ = build_index(state, @$, $base, $indices); }
| primary[base] MEMBER_LITERAL              { $$ = build_member(state, @$, $base, $MEMBER_LITERAL, @MEMBER_LITERAL); }
| "{" expressions "}"                       { $$ = build_items(state, EXPRESSION_ARRAY, @$, $expressions); }
| "[" expressions_or_none "]"               { $$ = build_items(state, EXPRESSION_ROW_VECTOR, @$, $2); }
| "(" expression ")"                        { $$ = build_parentheses(state, @$, $2); }
| "(" expression[first] "," expressions_or_none[more] ")"
    { $$ = build_items(state, EXPRESSION_TUPLE, @$, prepend(state, $first, $more)); }
;

indices:
  index                                     { $$ = (indices){0}; arena_push(state->arena, &$$, $index); }
| indices[list] "," index                   { $$ = $list; arena_push(state->arena, &$$, $index); }
;

index:
  %empty                                    { $$ = (index_item){INDEX_ALL, @$, NULL, NULL}; }
| ":"                                       { $$ = (index_item){INDEX_ALL, @$, NULL, NULL}; }
| expression[at]                            { $$ = (index_item){INDEX_SINGLE, @$, $at, NULL}; }
| expression[first] ":"                     { $$ = (index_item){INDEX_RANGE, @$, $first, NULL}; }
| ":" expression[last]                      { $$ = (index_item){INDEX_RANGE, @$, NULL, $last}; }
| expression[first] ":" expression[last]    { $$ = (index_item){INDEX_RANGE, @$, $first, $last}; }
;

name: IDENTIFIER | TRUNCATE ;

%%

static const short grammar_tokens[TOKEN_COUNT] = {
#define TOKEN(name, text, group) [TOKEN_##name] = T_##name,
#include "lexer/tokens.def"
#undef TOKEN
};

static int yylex(YYSTYPE *value, location *place, parse_state *state) {
  if (state->next < 0) {
    state->next = 0;
    *place = state->tokens[0].location;
    return state->options->functions_only ? T_START_FUNCTIONS : T_START_PROGRAM;
  }
  if (state->is_recovering) {
    state->is_recovering = false;
    state->next = state->recovered_at = recovery_point(state);
    *place = state->tokens[state->next].location;
    return T_RECOVERED;
  }
  if (state->next == state->dropped_else) state->next++;
  if (state->is_stopped || state->next >= state->token_count) state->next = state->token_count - 1;
  const token *read = &state->tokens[state->next++];
  *place = read->location;
  value->T_IDENTIFIER = read; /* every token's value is the token */
  return grammar_tokens[read->kind];
}

/* Called by the skeleton when its stack is full, which takes more nesting than any tree may have. */
static void yyerror(const location *place, parse_state *state, const char *text) {
  (void)text;
  if (!state->is_stopped) message_error(state->messages, *place, "this is nested too deeply");
  state->is_stopped = true;
}

static int yyreport_syntax_error(const yypcontext_t *context, parse_state *state) {
  static const short kinds[YYNTOKENS] = {
#define TOKEN(name, text, group) [YYSYMBOL_##name] = TOKEN_##name,
#define YYSYMBOL_END YYSYMBOL_YYEOF
#include "lexer/tokens.def"
#undef TOKEN
  };
  yysymbol_kind_t symbols[YYNTOKENS];
  int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
  if (count < 0) return count;
  bool expected[TOKEN_COUNT] = {false};
  for (int i = 0; i < count; i++) {
    if (symbols[i] > YYSYMBOL_YYUNDEF) expected[kinds[symbols[i]]] = true;
    else if (symbols[i] == YYSYMBOL_YYEOF) expected[TOKEN_END] = true;
  }
  if (!state->is_stopped) report_syntax_error(state, expected);
  state->is_recovering = true;
  return 0;
}
