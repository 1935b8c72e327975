/* rows.h: what a parallel loop over rows of data reads of its row, and how construct makes a table of that: the groundwork of
 * pass `collapse`, which runs such loops over fewer rows (ir/quadratic.c, ir/collapse.c), and of `group`, which puts the rows
 * in another order.
 *
 * Definitions must be linked (ir_link_definitions) and levels known (ir_analyse). */
#ifndef STANLITE_IR_ROWS_H
#define STANLITE_IR_ROWS_H
#include "ir/id_set.h"
#include "ir/rename.h"

enum { IR_MOST_COLUMNS = 32 };

typedef struct ir_column {
  const ir_variable *value;    /* what the loop reads, of data level or an element of a product; NULL: the number 1 */
  const ir_statement *product; /* the value's matrix_times_vector: the column is the row of its matrix. NULL: none */
  const ir_variable *scale;    /* of data level: a product's row is multiplied by it. NULL: as it is */
  const ir_statement
      *inner; /* a loop inside the row's, with which the value changes: a number for each turn. NULL: none */
  ir_type type;
} ir_column;

/* The products of a field and a vector that a block makes, and who reads their results. */
typedef struct ir_row_products {
  id_set readers; /* by buffer: the place + 1 of the block's statement that reads it, or -1 for several */
  id_set made;    /* buffers that a product of this block fills */
} ir_row_products;

ir_row_products ir_find_row_products(arena *arena, const ir_block *block);

typedef struct ir_rows {
  const ir_statement *loop;
  const ir_row_products *products; /* of the block in which the loop stands */
  int place;                       /* of the loop in the block */
  id_set computable;               /* what is known of variables: 1 yes, 2 no */
  ir_column columns[IR_MOST_COLUMNS];
  int column_count;
} ir_rows;

static inline ir_rows ir_rows_create(arena *arena, const ir_statement *loop, const ir_row_products *products,
                                     int place) {
  return (ir_rows){.loop = loop, .products = products, .place = place, .computable = id_set_create(arena)};
}

/* Whether construct can compute the value for a row, from the fields and the loop's variable. */
bool ir_row_is_computable(ir_rows *rows, ir_operand x);
void ir_row_set_computable(ir_rows *rows, const ir_variable *v); /* of a loop inside */
/* The product that filled what the statement loads from, if nothing but the loop reads that, and it may as well be made just
 * before the loop; or NULL. */
const ir_statement *ir_row_product(ir_rows *rows, const ir_statement *load);

/* The value in construct. What is computed takes a name in `names`, and is not computed again. */
ir_operand ir_row_compute(ir_builder *b, ir_renaming *names, ir_operand x);

/* Rows in construct, one after the other: of the loop's `count` rows, each with int_width and real_width numbers, as many as
 * the buffers have room for. */
typedef struct ir_table {
  ir_operand first, last, count, int_width, real_width;
  ir_buffer *ints, *reals; /* NULL: the table has none */
} ir_table;

/* Without buffers. */
ir_table ir_row_table(const ir_rows *rows, ir_builder *b, ir_renaming *names);
/* A buffer for the numbers of `count` rows. */
ir_buffer *ir_row_buffer(ir_builder *b, const ir_table *table, ir_type type, const char *name, ir_operand count);
/* The numbers of the loop's row n, into row `to` of the table. */
void ir_row_pack(const ir_rows *rows, ir_builder *b, ir_renaming *names, ir_operand n, const ir_table *table,
                 ir_operand to);
/* Of all rows. */
void ir_row_fill(const ir_rows *rows, ir_builder *b, ir_renaming *names, const ir_table *table);

/* Fields for `distinct` rows, a variable of the model: of each column its elements by row, of wide ones column-major. */
void ir_row_fields(const ir_rows *rows, ir_builder *b, ir_renaming *names, ir_operand distinct, ir_buffer **fields);
/* Row number d of the fields becomes what stands in row int_row and real_row of two tables. */
void ir_row_keep(const ir_rows *rows, ir_builder *b, ir_renaming *names, ir_buffer *const *fields, ir_operand distinct,
                 ir_operand d, const ir_table *table, ir_operand int_row, ir_operand real_row);
/* A number of rows as a variable of the model. */
ir_operand ir_row_count(ir_builder *b, const char *name, ir_operand count);

/* In log_density: the product of the rows of a matrix that were kept; its element d, which `body` loads. */
ir_operand ir_row_product_load(ir_builder *before, ir_builder *body, const ir_column *column, ir_buffer *matrix,
                               ir_operand distinct, ir_operand d);

/* A way to run such a loop over fewer rows, or in another order. */
typedef struct ir_row_way {
  ir_rows *(*plan)(ir_program *program,
                   ir_rows rows); /* first member of a struct of the pass's own; NULL: the loop stays */
  /* Appends what takes the loop's place, its products included. */
  void (*rewrite)(ir_rows *plan, ir_builder *construct, ir_builder *density);
} ir_row_way;

extern const ir_row_way ir_quadratic_rows; /* ir/quadratic.c */

/* Rewrites the loops of log_density that stand at the function's own level, or in branches whose conditions are of data
 * level, by the first of the ways that takes them. What is added to construct runs under the same conditions. */
void ir_rewrite_row_loops(ir_program *program, const ir_row_way *const *ways, int way_count);

#endif
