/* higher_order.h: the table ir/higher_order.def. */
#ifndef STANLITE_IR_HIGHER_ORDER_H
#define STANLITE_IR_HIGHER_ORDER_H
#include <stdbool.h>

typedef enum higher_order_id {
#define HIGHER_ORDER(id, name, signatures, callback, is_variadic) HIGHER_ORDER_##id,
#include "ir/higher_order.def"
#undef HIGHER_ORDER
  HIGHER_ORDER_COUNT
} higher_order_id;

typedef struct higher_order_info {
  const char *name, *signatures, *callback;
  bool is_variadic;
} higher_order_info;

extern const higher_order_info higher_orders[HIGHER_ORDER_COUNT];

/* -1 when the table has no such function. */
int higher_order_named(const char *name);

#endif
