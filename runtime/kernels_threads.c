/* kernels_threads.c: products of matrices with many rows, in chunks of rows that the threads of a chain share
 * (runtime/chunks.h). A small product is one chunk. */
#include <string.h>
#include "runtime/chunks.h"
#include "runtime/kernels_internal.h"

typedef struct product {
  double *C;
  const double *A, *B;
  long step, stride, m, k, n;
  long rows;   /* of a chunk */
  bool clears; /* C first */
} product;

static long rows_of(const product *p, long chunk, long all) {
  long left = all - chunk * p->rows;
  return left < p->rows ? left : p->rows;
}

static int product_chunk(const void *context, long chunk, sl_workspace *workspace) {
  const product *p = context;
  (void)workspace;
  long first = chunk * p->rows, rows = rows_of(p, chunk, p->m);
  for (long j = 0; p->clears && j < p->n; j++) memset(p->C + first + j * p->m, 0, sizeof(double) * (size_t)rows);
  sl_add_product_rows(p->C, 1.0, p->A, p->B, p->step, p->stride, p->m, p->k, p->n, first, rows);
  return 0;
}

static void run_product(product p, sl_workspace *workspace) {
  p.rows = sl_chunk_rows(p.m, 2 * p.k * p.n + 1, 0);
  sl_run_chunks(workspace, sl_chunk_count(p.m, p.rows), product_chunk, &p);
}

void sl_add_product_threaded(double *C, const double *A, const double *B, long step, long stride, long m, long k,
                             long n, sl_workspace *workspace) {
  run_product((product){.C = C, .A = A, .B = B, .step = step, .stride = stride, .m = m, .k = k, .n = n}, workspace);
}

void sl_product_threaded(double *C, const double *A, const double *B, long m, long k, long n, sl_workspace *workspace) {
  run_product((product){.C = C, .A = A, .B = B, .step = 1, .stride = k, .m = m, .k = k, .n = n, .clears = true},
              workspace);
}

/* Sums over rows: each chunk has a C of its own, and the real one gets them in order. */
static int transposed_chunk(const void *context, long chunk, sl_workspace *workspace) {
  const product *p = context;
  (void)workspace;
  double *own = p->C + chunk * p->m * p->n;
  memset(own, 0, sizeof(double) * (size_t)(p->m * p->n));
  sl_add_left_transposed_rows(own, 1.0, p->A, p->B, p->m, p->k, p->n, chunk * p->rows, rows_of(p, chunk, p->k));
  return 0;
}

void sl_add_left_transposed_threaded(double *C, const double *A, const double *B, long m, long k, long n,
                                     sl_workspace *workspace) {
  product p = {.A = A, .B = B, .m = m, .k = k, .n = n, .rows = sl_chunk_rows(k, 2 * m * n + 1, m * n)};
  long chunks = sl_chunk_count(k, p.rows);
  if (chunks <= 1) {
    sl_add_left_transposed(C, 1.0, A, B, m, k, n);
    return;
  }
  char *top = workspace->top;
  double *own = p.C = sl_take(workspace, chunks * m * n, sizeof *own);
  sl_run_chunks(workspace, chunks, transposed_chunk, &p);
  for (long c = 0; c < chunks; c++)
    for (long i = 0; i < m * n; i++) C[i] += own[c * m * n + i];
  workspace->top = top;
}
