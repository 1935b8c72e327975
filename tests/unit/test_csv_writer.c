/* test_csv_writer.c: numbers as printf has them, and files that cannot be written. */
#include "tests/unit/check.h"
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/csv_writer.h"
#include "runtime/output_path.h"

static void check_number_text(double value, int sig_figs) {
  char text[64], expected[64];
  text[sl_format_number(text, value, sig_figs)] = '\0';
  snprintf(expected, sizeof expected, "%.*g", sig_figs, value == 0 ? 0 : value);
  CHECK_SAY(strcmp(text, expected) == 0, "%.17g to %d digits is %s, expected %s", value, sig_figs, text, expected);
}

/* Many at once, which takes another way than one does. */
static void check_row(const double *values, size_t count, int sig_figs) {
  enum { MOST = 200 };
  char text[MOST * (SL_NUMBER_TEXT + 1) + SL_NUMBER_ROOM + 1], expected[MOST * (SL_NUMBER_TEXT + 1) + 1] = "",
                                                                                                      *at = expected;
  text[sl_format_numbers(text, values, count, sig_figs)] = '\0';
  for (size_t i = 0; i < count; i++) at += sprintf(at, ",%.*g", sig_figs, values[i] == 0 ? 0 : values[i]);
  size_t same = 0;
  while (text[same] && text[same] == expected[same]) same++;
  CHECK_SAY(text[same] == expected[same], "to %d digits, from byte %zu: %.20s, expected %.20s", sig_figs, same,
            text + same, expected + same);
}

static void test_rows(void) {
  double values[200];
  uint64_t state = 5;
  for (int round = 0; round < 2000; round++) {
    for (int i = 0; i < 200; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      double unit = (double)(state >> 11) * 0x1p-53 - 0.5;
      switch (state >> 20 & 7) {
      case 0: memcpy(&values[i], &state, sizeof state); break; /* any bits: huge, denormal, infinite, no number */
      case 1: values[i] = round & 1 ? 0.0 : -0.0; break;
      case 2: values[i] = (double)(long)(unit * 1e9); break;
      case 3: values[i] = (double)(long)(unit * 1e7) / 64; break; /* ties */
      case 4: values[i] = pow(10, (double)(state >> 40 & 31) - 16) * (1 + ((state & 1) ? 0 : 1e-9 * unit)); break;
      default: values[i] = unit * pow(10, (double)(state >> 40 & 15) - 6); break;
      }
    }
    check_row(values, (size_t)(state >> 33) % 201, 1 + round % 18);
    check_row(values, 200, 8);
  }
}

static void test_chosen_numbers(void) {
  static const double values[] = {
      0,    -0.0,       1,    -1,     10,     0.1,    123456789, 999999999.5, 0.0001,  0.00012,      0.00001,
      1e-8, 9.99999e-9, 1e15, 1e16,   1e300,  5e-324, 0.5,       2.5,         99999.5, 9.9999999999, 0.99999999999,
      1e5,  123456,     1e22, 1e-300, 1.0 / 3};
  for (int sig_figs = 1; sig_figs <= 18; sig_figs++) {
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) check_number_text(values[i], sig_figs);
    check_number_text(NAN, sig_figs);
    check_number_text(INFINITY, sig_figs);
    check_number_text(-INFINITY, sig_figs);
  }
}

static void test_many_numbers(void) {
  uint64_t state = 1;
  for (int i = 0; i < 20000; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    double unit = (double)(state >> 11) * 0x1p-53 - 0.5;
    int power = (int)(state % 29) - 12;
    check_number_text(unit * pow(10, power), 8);
    check_number_text(unit * pow(10, power), 6);
    check_number_text(unit * pow(10, power), 15);
    check_number_text(unit * pow(10, power), 17);
    check_number_text((double)(long)(unit * 1e6), 8);
    check_number_text((double)(long)(unit * 1e6) / 1024, 7); /* ties */
  }
}

static void test_files(void) {
  sl_error error = {0};
  sl_csv_writer writer;
  CHECK(!sl_csv_open(&writer, "/nonexistent/out.csv", 8, &error));
  CHECK_INT(error.code, SL_CANNOT_WRITE);
  CHECK(strstr(error.message, "/nonexistent/out.csv") != NULL);

  char folder[] = "/tmp/stanlite-csv-XXXXXX", path[100];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/out.csv", folder);
  error = (sl_error){0};
  CHECK(sl_csv_open(&writer, path, 8, &error));
  sl_csv_abandon(&writer);
  CHECK(access(path, F_OK) != 0);

  CHECK(sl_csv_open(&writer, path, 3, &error));
  for (int i = 0; i < 30000; i++) {
    sl_csv_int(&writer, i);
    sl_csv_char(&writer, ',');
    sl_csv_number(&writer, i + 0.123);
    sl_csv_text(&writer, "\n");
  }
  CHECK(sl_csv_close(&writer, &error));
  FILE *file = fopen(path, "r");
  char line[100];
  int lines = 0;
  while (fgets(line, sizeof line, file)) lines++;
  fclose(file);
  CHECK_INT(lines, 30000);
  CHECK_TEXT(line, "29999,3e+04\n");

  CHECK(sl_csv_open(&writer, path, 8, &error)); /* what was there stays until something is written */
  sl_csv_abandon(&writer);
  struct stat status;
  CHECK(stat(path, &status) == 0 && status.st_size > 100000);
  CHECK(sl_csv_open(&writer, path, 8, &error));
  sl_csv_text(&writer, "short\n");
  CHECK(sl_csv_close(&writer, &error));
  CHECK(stat(path, &status) == 0 && status.st_size == 6);
  remove(path);
  rmdir(folder);
}

static void test_full_disk(void) {
  sl_error error = {0};
  sl_csv_writer writer;
  if (access("/dev/full", W_OK) != 0) return;
  CHECK(sl_csv_open(&writer, "/dev/full", 8, &error));
  sl_csv_text(&writer, "text\n");
  CHECK(!sl_csv_close(&writer, &error));
  CHECK_INT(error.code, SL_CANNOT_WRITE);
}

static void check_path(const char *file, const char *tag, const char *ending, bool several, const char *expected) {
  char path[200];
  sl_output_path(path, sizeof path, file, tag, ending, several, 3);
  CHECK_TEXT(path, expected);
}

static void test_paths(void) {
  check_path("output.csv", "", ".csv", false, "output.csv");
  check_path("output.csv", "", ".csv", true, "output_3.csv");
  check_path("a.b/output", "", ".csv", true, "a.b/output_3.csv");
  check_path("run.txt", "", ".csv", true, "run_3.txt");
  check_path("run.v2.csv", "_metric", ".json", true, "run.v2_metric_3.json");
  check_path("../output", "", ".csv", false, "../output.csv");
  check_path("/dev/null", "", ".csv", true, "/dev/null");
}

int main(void) {
  return run_suites("CSV writer", (check_test[]){{"numbers read as printf's", test_chosen_numbers},
                                                 {"many numbers read as printf's", test_many_numbers},
                                                 {"so do rows of them", test_rows},
                                                 {"files are left as they were until something is written", test_files},
                                                 {"a full disk is told", test_full_disk},
                                                 {"output files are named as CmdStan names them", test_paths},
                                                 {0}});
}
