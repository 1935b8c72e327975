/* profile.c: see profile.h. */
#include "runtime/profile.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "runtime/csv_writer.h"

enum { SIG_FIGS = 6 };

typedef struct block_times {
  double started, seconds[3]; /* by sl_sweep */
  int64_t calls[3];
} block_times;

struct sl_profile_table {
  struct sl_profile_table *next;
  const sl_profile_names *names;
  block_times blocks[];
};

/* Of all threads of the process, the last first. A thread has its own in its workspace; the list is read when all are done. */
static sl_profile_table *tables;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static sl_profile_table *new_table(const sl_profile_names *names) {
  sl_profile_table *table = calloc(1, sizeof *table + (size_t)names->count * sizeof *table->blocks);
  if (!table) return NULL;
  table->names = names;
  pthread_mutex_lock(&lock);
  table->next = tables;
  tables = table;
  pthread_mutex_unlock(&lock);
  return table;
}

void sl_profile_start(sl_workspace *workspace, const sl_profile_names *names, int block) {
  if (!workspace->profile) workspace->profile = new_table(names);
  if (workspace->profile) workspace->profile->blocks[block].started = now();
}

void sl_profile_stop(sl_workspace *workspace, int block, sl_sweep sweep) {
  if (!workspace->profile) return;
  block_times *times = &workspace->profile->blocks[block];
  times->seconds[sweep] += now() - times->started;
  times->calls[sweep]++;
}

/* In quotes where CSV asks for them. */
static void write_name(sl_csv_writer *writer, const char *name) {
  if (!strpbrk(name, ",\"\n")) {
    sl_csv_text(writer, "%s", name);
    return;
  }
  sl_csv_char(writer, '"');
  for (; *name; name++) {
    if (*name == '"') sl_csv_char(writer, '"');
    sl_csv_char(writer, *name);
  }
  sl_csv_char(writer, '"');
}

static void write_rows(sl_csv_writer *writer, const sl_profile_table *table, int thread) {
  for (int i = 0; i < table->names->count; i++) {
    const block_times *b = &table->blocks[i];
    if (!b->calls[SL_VALUE_ALONE] && !b->calls[SL_FORWARD]) continue;
    double forward = b->seconds[SL_VALUE_ALONE] + b->seconds[SL_FORWARD];
    write_name(writer, table->names->names[i]);
    sl_csv_text(writer, ",%d", thread);
    sl_csv_numbers(writer, (double[]){forward + b->seconds[SL_REVERSE], forward, b->seconds[SL_REVERSE]}, 3);
    sl_csv_text(writer, ",0,0,%lld,%lld\n", (long long)b->calls[SL_FORWARD], (long long)b->calls[SL_VALUE_ALONE]);
  }
}

bool sl_profiles_write(const char *path, sl_error *error) {
  sl_csv_writer writer;
  if (!tables) return true;
  if (!sl_csv_open(&writer, path, SIG_FIGS, error)) return false;
  sl_csv_text(&writer, "name,thread_id,total_time,forward_time,reverse_time,chain_stack,no_chain_stack,autodiff_calls,"
                       "no_autodiff_calls\n");
  sl_profile_table *in_order = NULL;
  while (tables) {
    sl_profile_table *first = tables;
    tables = first->next;
    first->next = in_order;
    in_order = first;
  }
  for (int thread = 1; in_order; thread++) {
    sl_profile_table *first = in_order;
    write_rows(&writer, first, thread);
    in_order = first->next;
    free(first);
  }
  return sl_csv_close(&writer, error);
}
