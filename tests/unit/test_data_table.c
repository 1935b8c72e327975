/* Tables for `stanlite data`: what a column is taken for, how names change, and that no bytes can hurt. */
#include <stdlib.h>
#include <unistd.h>
#include "cli/data_table.h"
#include "tests/unit/check.h"

static const data_changes unchanged = {0};
static char scratch[] = "/tmp/stanlite-table-XXXXXX";

static data_table *read_bytes(const char *bytes, size_t length, sl_error *error) {
  *error = (sl_error){0};
  FILE *file = fopen(scratch, "wb");
  CHECK(file != NULL);
  CHECK(fwrite(bytes, 1, length, file) == length);
  fclose(file);
  return data_table_read(scratch, &unchanged, error);
}

static data_table *read_text(const char *text) {
  sl_error error;
  data_table *table = read_bytes(text, strlen(text), &error);
  CHECK_TEXT(error.message, "");
  return table;
}

static void refused(const char *text, const char *words) {
  sl_error error;
  data_table *table = read_bytes(text, strlen(text), &error);
  CHECK_SAY(table == NULL, "accepted: %.600s", text);
  CHECK_INT(error.code, SL_BAD_DATA);
  CHECK_SAY(strstr(error.message, words) != NULL, "`%.600s` does not say `%s`", error.message, words);
  data_table_destroy(table);
}

static void columns_are_typed_by_what_they_hold(void) {
  data_table *table =
      read_text("i,r,t,s,big\n-1,1,TRUE,b,1\n+02,2.5,false,\"a, \"\"b\"\"\",3000000000\n3,-Inf,True,b,3\n");
  if (!table) return;
  CHECK_INT((long)table->row_count, 3);
  CHECK_INT((long)table->column_count, 5);
  static const data_kind kinds[] = {DATA_INT, DATA_REAL, DATA_TRUTH, DATA_LABELS, DATA_REAL};
  static const double values[][3] = {{-1, 2, 3}, {1, 2.5, -INFINITY}, {1, 0, 1}, {2, 1, 2}, {1, 3e9, 3}};
  for (int column = 0; column < 5; column++) {
    CHECK_INT(table->columns[column].kind, kinds[column]);
    for (int row = 0; row < 3; row++) CHECK(table->columns[column].values[row] == values[column][row]);
  }
  CHECK_INT((long)table->columns[3].label_count, 2);
  CHECK_TEXT(table->columns[3].labels[0], "a, \"b\"");
  CHECK_TEXT(table->columns[3].levels_name, "s_levels");
  data_table_destroy(table);
}

static void numbers_in_quotes_are_text_only_beside_text(void) {
  data_table *table = read_text("a;b\n\"1\";\"1\"\n\"2\";\"1a\"\n");
  if (!table) return;
  CHECK_INT(table->columns[0].kind, DATA_INT);
  CHECK_INT(table->columns[1].kind, DATA_LABELS);
  data_table_destroy(table);
}

static void names_become_stan_names(void) {
  data_table *table = read_text("\xef\xbb\xbf"
                                "log dose\tN\t2nd\tfor\ta__\t\tx\tlog-dose\ts\ts_levels\n"
                                "1\t1\t1\t1\t1\t1\t1\t1\tp\t1\n");
  if (!table) return;
  static const char *const names[] = {"log_dose", "N_",  "x2nd",       "for_", "a_",
                                      "x",        "x_2", "log_dose_2", "s",    "s_levels"};
  CHECK_INT((long)table->column_count, 10);
  for (size_t i = 0; i < 10; i++) CHECK_TEXT(table->columns[i].name, names[i]);
  CHECK_TEXT(table->columns[8].levels_name, "s_levels_2");
  data_table_destroy(table);
}

static void quotes_hold_line_ends(void) {
  data_table *table = read_text("a,b\r\n\"1\r\n2\", 7 \r\n\r\nx,8");
  if (!table) return;
  CHECK_INT((long)table->row_count, 2);
  CHECK_TEXT(table->columns[0].labels[0], "1\r\n2");
  CHECK(table->columns[1].values[0] == 7 && table->columns[1].values[1] == 8);
  data_table_destroy(table);
}

static void bad_tables_are_refused_with_the_place(void) {
  refused("", "no rows");
  refused("a,b\n", "no rows");
  refused("a,b\n1,2\n3\n", ":3: 1 fields, but there are 2 names");
  refused("a,b\n1,2,3\n", ":2: 3 fields, but there are 2 names");
  refused("a,b\n1,2\n\n3,NA\n", ":4: row 2 of column `b` is missing (`NA`)");
  refused("a,b\n1,\n", ":2: row 1 of column `b` is missing");
  refused("a\n1\nx\n", ":3: row 2 of column `a`: `x` is not a number");
  refused("a,b\n1,\"2\n", ":2: a quote that is not closed");
  refused("a,b\n1,\"2\"x\n", ":2: text behind a closing quote");
  sl_error error;
  CHECK(read_bytes("a\n1\0\n", 5, &error) == NULL);
  CHECK_INT(error.code, SL_BAD_DATA);
  error = (sl_error){0};
  CHECK(data_table_read("tests/data/there is no such file", &unchanged, &error) == NULL);
  CHECK_INT(error.code, SL_NO_INPUT);
}

static void no_bytes_can_hurt(void) {
  static const char original[] =
      "\xef\xbb\xbf\"a \"\"b\"\"\",for,c,d\r\n1,\"x,\ny\",TRUE,1.5\r\n2,z,FALSE,-1e-3\n\n3,\"\",true,inf\n";
  static const char likely[] = "\n,\"\"; \r\t\0aN9";
  char bytes[sizeof original];
  unsigned state = 12345;
  int refusals = 0;
  for (int round = 0; round < 3000; round++) {
    size_t length = round < (int)sizeof original ? (size_t)round : sizeof original - 1;
    memcpy(bytes, original, sizeof original);
    for (int hit = 0; round >= (int)sizeof original && hit < 1 + round % 6; hit++) {
      state = state * 1664525u + 1013904223u;
      bytes[(state >> 8) % length] = round % 3 ? likely[(state >> 20) % (sizeof likely - 1)] : (char)(state >> 24);
    }
    sl_error error;
    data_table *table = read_bytes(bytes, length, &error);
    refusals += table == NULL;
    if (!table && (error.code != SL_BAD_DATA || !error.message[0])) CHECK(false);
    data_table_destroy(table);
  }
  CHECK(refusals > 100 && refusals <= 3000);
}

int main(void) {
  close(mkstemp(scratch));
  int result =
      run_suites("data table", (check_test[]){
                                   {"columns are typed by what they hold", columns_are_typed_by_what_they_hold},
                                   {"quoted numbers", numbers_in_quotes_are_text_only_beside_text},
                                   {"names become Stan's", names_become_stan_names},
                                   {"quotes hold line ends", quotes_hold_line_ends},
                                   {"bad tables are refused", bad_tables_are_refused_with_the_place},
                                   {"no bytes can hurt", no_bytes_can_hurt},
                                   {0},
                               });
  remove(scratch);
  return result;
}
