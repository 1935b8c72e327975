/* The reader of draws: what a CmdStan file says, and that no file can hurt it. */
#include <stdlib.h>
#include <unistd.h>
#include "runtime/draws.h"
#include "runtime/number.h"
#include "tests/unit/check.h"

static char scratch[] = "/tmp/stanlite-draws-XXXXXX";

static void write_bytes(const char *bytes, size_t length) {
  FILE *file = fopen(scratch, "wb");
  CHECK(file != NULL);
  CHECK(fwrite(bytes, 1, length, file) == length);
  fclose(file);
}

/* Reads `content` as one chain. The caller destroys what it gets. */
static sl_draws *read_content(const char *content, sl_error *error) {
  const char *path = scratch;
  *error = (sl_error){0};
  write_bytes(content, strlen(content));
  return sl_draws_read(&path, 1, error);
}

static void refused(const char *content, int code, const char *words) {
  sl_error error;
  sl_draws *draws = read_content(content, &error);
  CHECK_SAY(draws == NULL, "accepted: %.600s", content);
  CHECK_INT(error.code, code);
  CHECK_SAY(strstr(error.message, words) != NULL, "`%.600s` does not say `%s`", error.message, words);
  sl_draws_destroy(draws);
}

static void a_sampler_file_is_understood(void) {
  const char *paths[] = {"tests/data/schools_1.csv", "tests/data/schools_2.csv"};
  sl_error error = {0};
  sl_draws *draws = sl_draws_read(paths, 2, &error);
  CHECK_TEXT(error.message, "");
  if (!draws) return;
  CHECK_INT((long)draws->chain_count, 2);
  CHECK_INT((long)draws->draw_count, 30);
  CHECK_INT((long)draws->column_count, 17);
  CHECK_INT((long)draws->chains[1].warmup_row_count, 15);
  CHECK_INT(draws->chains[0].num_samples, 60);
  CHECK_INT(draws->chains[0].num_warmup, 30);
  CHECK_INT(draws->chains[0].thin, 2);
  CHECK_INT(draws->chains[0].max_depth, 4);
  CHECK_TEXT(draws->chains[0].model, "schools_model");
  CHECK_TEXT(draws->chains[0].method, "sample");
  CHECK_TEXT(draws->chains[0].algorithm, "hmc");
  CHECK(draws->chains[0].delta == 0.8 && draws->chains[0].adapted);
  CHECK_NEAR(draws->chains[1].warmup_seconds, 0.02, 1e-15);
  CHECK_NEAR(draws->chains[1].sampling_seconds, 0.12, 1e-15);
  CHECK(!draws->chains[0].cut_off);
  size_t one = sl_draws_find(draws, "one");
  for (int i = 0; i < 60; i++) CHECK(sl_draws_column(draws, one)[i] == 1);
  CHECK_INT((long)sl_draws_find(draws, "two"), 17);
  sl_draws_destroy(draws);
}

static void values_stand_in_columns_chain_after_chain(void) {
  sl_error error;
  sl_draws *draws =
      read_content("# a comment\r\na, \"b\" \r\n\r\n1,-2.5e0\r\n# between\r\n nan , inf\r\nNA,-Infinity\r\n", &error);
  CHECK_TEXT(error.message, "");
  if (!draws) return;
  CHECK_INT((long)draws->draw_count, 3);
  CHECK_TEXT(draws->names[1], "b");
  const double *a = sl_draws_column(draws, 0), *b = sl_draws_column(draws, 1);
  CHECK(a[0] == 1 && isnan(a[1]) && isnan(a[2]));
  CHECK(b[0] == -2.5 && b[1] == INFINITY && b[2] == -INFINITY);
  sl_draws_destroy(draws);
}

/* More rows than a block holds, and chains of different length. */
static void long_chains_are_cut_to_the_shortest(void) {
  enum { rows = 10000, short_rows = 9001 };
  char second[] = "/tmp/stanlite-draws-XXXXXX";
  close(mkstemp(second));
  FILE *file = fopen(scratch, "w"), *other = fopen(second, "w");
  fprintf(file, "x,y,z\n");
  fprintf(other, "x,y,z\n");
  for (int i = 0; i < rows; i++) fprintf(file, "%d,%d,0.5\n", i, 2 * i);
  for (int i = 0; i < short_rows; i++) fprintf(other, "%d,%d,0.5\n", -i, -2 * i);
  fclose(file);
  fclose(other);
  const char *paths[] = {scratch, second};
  sl_error error = {0};
  sl_draws *draws = sl_draws_read(paths, 2, &error);
  CHECK_TEXT(error.message, "");
  if (!draws) return;
  CHECK_INT((long)draws->draw_count, short_rows);
  CHECK_INT((long)draws->chains[0].row_count, rows);
  const double *y = sl_draws_column(draws, 1);
  bool all = true;
  for (int i = 0; i < short_rows; i++) all = all && y[i] == 2 * i && y[short_rows + i] == -2 * i;
  CHECK(all);
  sl_draws_destroy(draws);
  remove(second);
}

static void warmup_is_left_out(void) {
  sl_error error;
  sl_draws *draws =
      read_content("# method = sample\n# num_warmup = 3\n# save_warmup = 1\n# thin = 2\nx\n1\n2\n3\n4\n", &error);
  CHECK_TEXT(error.message, "");
  if (draws) CHECK(draws->draw_count == 2 && sl_draws_column(draws, 0)[0] == 3);
  sl_draws_destroy(draws);
  draws = read_content("# algorithm = fixed_param\n# num_warmup = 3\n# save_warmup = 1\nx\n1\n2\n3\n4\n", &error);
  if (draws) CHECK_INT((long)draws->draw_count, 4);
  sl_draws_destroy(draws);
  draws = read_content("# method = variational\nx\n1\n2\n3\n", &error);
  if (draws) CHECK_INT((long)draws->draw_count, 2);
  sl_draws_destroy(draws);
  draws = read_content("# method = optimize\n#   algorithm = lbfgs (Default)\nx\n1\n2\n3\n", &error);
  if (draws) {
    CHECK(draws->draw_count == 1 && sl_draws_column(draws, 0)[0] == 3);
    CHECK_INT((long)draws->chains[0].warmup_row_count, 2);
    CHECK_TEXT(draws->chains[0].algorithm, "lbfgs");
  }
  sl_draws_destroy(draws);
  refused("# num_warmup = 3\n# save_warmup = true\nx\n1\n2\n", SL_BAD_DATA, "no draws after warmup");
}

static bool is_wanted(const void *context, const char *name) { return strncmp(name, context, strlen(context)) == 0; }

static void only_wanted_columns_are_read(void) {
  const char *path = scratch,
             content[] = "# unconstrained_parameters = 7\nlp__,y.1,x,y.2,z\n1,2,?,4,\n6,7,nothing,9,10\n";
  write_bytes(content, strlen(content));
  sl_error error = {0};
  sl_draws *draws = sl_draws_read_columns(&path, 1, is_wanted, "y.", &error);
  CHECK_TEXT(error.message, "");
  if (draws) {
    CHECK_INT((long)draws->column_count, 2);
    CHECK_INT((long)draws->header_count, 5);
    CHECK_INT((long)sl_draws_find(draws, "z"), 2);
    CHECK_TEXT(draws->names[1], "y.2");
    CHECK_TEXT(draws->header[4], "z");
    CHECK(draws->values[0] == 2 && draws->values[1] == 7 && draws->values[2] == 4 && draws->values[3] == 9);
    CHECK_INT(draws->chains[0].unconstrained_parameters, 7);
  }
  sl_draws_destroy(draws);
  draws = sl_draws_read_columns(&path, 1, is_wanted, "none", &error);
  CHECK(draws && draws->column_count == 0 && draws->draw_count == 2 && draws->header_count == 5);
  sl_draws_destroy(draws);
  const char crooked[][20] = {"a,b,c\n1,2\n", "a,b,c\n1,2,3,4\n", "a,b,c\n1,x,3\n"};
  for (size_t i = 0; i < 3; i++) {
    write_bytes(crooked[i], strlen(crooked[i]));
    CHECK(sl_draws_read_columns(&path, 1, is_wanted, "b", &error) == NULL);
    CHECK_INT(error.code, SL_BAD_DATA);
  }
}

static void a_line_that_was_being_written_is_left_out(void) {
  sl_error error;
  sl_draws *draws = read_content("x,y\n1,2\n3,4.", &error);
  CHECK_TEXT(error.message, "");
  if (draws) CHECK(draws->draw_count == 1 && draws->chains[0].cut_off);
  sl_draws_destroy(draws);
}

static void malformed_files_are_refused_with_their_line(void) {
  refused("", SL_BAD_DATA, "no line of column names");
  refused("# only comments\n", SL_BAD_DATA, "no line of column names");
  refused("x,y\n", SL_BAD_DATA, "no draws");
  refused("1,2\n3,4\n", SL_BAD_DATA, ":1: a number where");
  refused("x,,y\n", SL_BAD_DATA, ":1: column 2 has no name");
  refused("x,y\n1,2\n3\n", SL_BAD_DATA, ":3: 1 values, but there are 2 columns");
  refused("x,y\n1,2,3\n", SL_BAD_DATA, ":2: more than the 2 values");
  refused("x,y\n1,zwei\n", SL_BAD_DATA, ":2: `zwei` is not a number (column y)");
  refused("x,y\n1,\n", SL_BAD_DATA, ":2: `` is not a number");
  refused("x,y\n1 2,3\n", SL_BAD_DATA, "`1 2` is not a number");
  sl_error error = {0};
  const char *path = "tests/data/there is no such file";
  CHECK(sl_draws_read(&path, 1, &error) == NULL);
  CHECK_INT(error.code, SL_NO_INPUT);
  error = (sl_error){0};
  path = "tests/data";
  CHECK(sl_draws_read(&path, 1, &error) == NULL);
  CHECK_INT(error.code, SL_NO_INPUT);
}

static void chains_of_different_models_are_refused(void) {
  const char *paths[] = {"tests/data/schools_1.csv", scratch};
  write_bytes("lp__,x\n1,2\n", 11);
  sl_error error = {0};
  CHECK(sl_draws_read(paths, 2, &error) == NULL);
  CHECK_INT(error.code, SL_BAD_DATA);
  CHECK(strstr(error.message, "not chains of one model") != NULL);
}

static void names_are_printed_with_brackets(void) {
  static const char *const names[][2] = {{"mu", "mu"},        {"theta.1", "theta[1]"},
                                         {"m.1.2", "m[1,2]"}, {"p.2:1.3", "p[2].1[3]"},
                                         {"p:1", "p.1"},      {"lp__", "lp__"}};
  char pretty[40];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    sl_draws_pretty_name(names[i][0], pretty, sizeof pretty);
    CHECK_TEXT(pretty, names[i][1]);
  }
  for (size_t size = 1; size < 12; size++) {
    sl_draws_pretty_name("m.1.2:3.4", pretty, size);
    CHECK(strlen(pretty) < size);
  }
}

static unsigned long random_state = 88172645463325252ul;
static unsigned long random_number(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

static void numbers_are_those_of_strtod(void) {
  static const char *const awkward[] = {"0",
                                        "-0",
                                        "0.1",
                                        "1e22",
                                        "1e23",
                                        "9007199254740993",
                                        "1.7976931348623157e308",
                                        "5e-324",
                                        "2.2250738585072011e-308",
                                        "1e400",
                                        "1e-400",
                                        "123456789012345678901234567890",
                                        ".5",
                                        "5.",
                                        "0.000000000000000000000000000001",
                                        "1e99999999999999999999",
                                        "8.5e-22",
                                        "+3"};
  for (size_t i = 0; i < sizeof awkward / sizeof *awkward; i++) {
    double value = 1234;
    const char *end = awkward[i] + strlen(awkward[i]);
    CHECK(sl_read_number(awkward[i], end, &value) == end);
    CHECK_SAY(value == strtod(awkward[i], NULL), "%s is read as %.17g", awkward[i], value);
  }
  int wrong = 0;
  for (int i = 0; i < 100000; i++) {
    char text[60];
    double random = ldexp((double)random_number(), (int)(random_number() % 200) - 160), value;
    int length = snprintf(text, sizeof text, "%.*g", (int)(random_number() % 18) + 1, random);
    wrong += sl_read_number(text, text + length, &value) != text + length || value != strtod(text, NULL);
  }
  CHECK_INT(wrong, 0);
  double value;
  static const char *const none[] = {"", "-", ".", "e5", "+", "-.", "x", "i"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    CHECK_SAY(!sl_read_number(none[i], none[i] + strlen(none[i]), &value), "`%s` is read as a number", none[i]);
  const char *mark = "12e+";
  CHECK(sl_read_number(mark, mark + 4, &value) == mark + 2 && value == 12);
}

/* Under the sanitizers: a file cut at every length, and files with random bytes changed, are read or refused. */
static void no_bytes_can_hurt(void) {
  static char original[100000], bytes[100000];
  FILE *file = fopen("tests/data/schools_1.csv", "rb");
  CHECK(file != NULL);
  if (!file) return;
  size_t length = fread(original, 1, sizeof original, file), refusals = 0;
  fclose(file);
  const char *path = scratch;
  for (size_t round = 0; round < length / 7 + 500; round++) {
    size_t cut = round < length / 7 ? round * 7 : length;
    memcpy(bytes, original, cut);
    for (size_t hit = 0; round >= length / 7 && hit < 1 + round % 5; hit++) {
      static const char likely[] = "\n,#.e-=\r\0\"nN9";
      bytes[random_number() % cut] = round % 2 ? likely[random_number() % (sizeof likely - 1)] : (char)random_number();
    }
    file = fopen(scratch, "wb");
    fwrite(bytes, 1, cut, file);
    fclose(file);
    sl_error error = {0};
    sl_draws *draws = sl_draws_read(&path, 1, &error);
    refusals += draws == NULL;
    if (!draws && (error.code != SL_BAD_DATA || !error.message[0])) CHECK(false);
    sl_draws_destroy(draws);
  }
  CHECK(refusals > 100);
}

int main(void) {
  close(mkstemp(scratch));
  int result =
      run_suites("draws", (check_test[]){
                              {"a sampler's file is understood", a_sampler_file_is_understood},
                              {"values stand in columns", values_stand_in_columns_chain_after_chain},
                              {"chains are cut to the shortest", long_chains_are_cut_to_the_shortest},
                              {"warmup is left out", warmup_is_left_out},
                              {"an unfinished line is left out", a_line_that_was_being_written_is_left_out},
                              {"only wanted columns are read", only_wanted_columns_are_read},
                              {"malformed files are refused", malformed_files_are_refused_with_their_line},
                              {"chains of different models are refused", chains_of_different_models_are_refused},
                              {"names are printed with brackets", names_are_printed_with_brackets},
                              {"numbers are those of strtod", numbers_are_those_of_strtod},
                              {"no bytes can hurt", no_bytes_can_hurt},
                              {0},
                          });
  remove(scratch);
  return result;
}
