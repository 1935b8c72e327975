/* test_arguments.c: the command line of a sampler. */
#include "tests/unit/check.h"
#include "runtime/arguments.h"

static sl_arguments arguments;
static sl_error error;

/* Parses the words of `line`. */
static bool parse(const char *line) {
  static char text[1000];
  char *argv[50] = {"model"};
  int argc = 1;
  snprintf(text, sizeof text, "%s", line);
  for (char *word = strtok(text, " "); word && argc < 49; word = strtok(NULL, " ")) argv[argc++] = word;
  error = (sl_error){0};
  return sl_arguments_parse(&arguments, argc, argv, &error);
}

static void check_parses(const char *line) { CHECK_SAY(parse(line), "%s: %.500s", line, error.message); }

static void check_refused(const char *line, const char *reason) {
  CHECK_SAY(!parse(line) && error.code == SL_USAGE, "%s was taken", line);
  CHECK_SAY(strstr(error.message, reason) != NULL, "%s: \"%.500s\" lacks \"%s\"", line, error.message, reason);
}

static void test_defaults(void) {
  check_parses("sample");
  CHECK(sl_argument_choice(&arguments, SL_ARG_METHOD) == SL_ARG_SAMPLE);
  CHECK(sl_argument_choice(&arguments, SL_ARG_ENGINE) == SL_ARG_NUTS);
  CHECK(sl_argument_choice(&arguments, SL_ARG_METRIC) == SL_ARG_DIAG_E);
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_NUM_CHAINS), 4);
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_NUM_SAMPLES), 1000);
  CHECK_NEAR(sl_argument_real(&arguments, SL_ARG_DELTA), 0.8, 0);
  CHECK_TEXT(sl_argument_text(&arguments, SL_ARG_OUTPUT_FILE), "output.csv");
  CHECK(sl_argument_int(&arguments, SL_ARG_NUM_THREADS) >= 1);
  CHECK(sl_argument_int(&arguments, SL_ARG_SEED) >= 0);
}

static void test_nested(void) {
  check_parses("method=sample num_samples=10 num_warmup=20 save_warmup=true thin=2 adapt delta=0.95 window=5 "
               "algorithm=hmc engine=nuts max_depth=12 metric=dense_e metric_file=m.json stepsize=0.5 num_chains=2 "
               "data file=d.json init=0 random seed=42 id=7 output file=o.csv refresh=0 sig_figs=12 num_threads=3");
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_NUM_WARMUP), 20);
  CHECK(sl_argument_bool(&arguments, SL_ARG_SAVE_WARMUP));
  CHECK_NEAR(sl_argument_real(&arguments, SL_ARG_DELTA), 0.95, 0);
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_MAX_DEPTH), 12);
  CHECK(sl_argument_choice(&arguments, SL_ARG_METRIC) == SL_ARG_DENSE_E);
  CHECK_TEXT(sl_argument_text(&arguments, SL_ARG_METRIC_FILE), "m.json");
  CHECK_TEXT(sl_argument_text(&arguments, SL_ARG_DATA_FILE), "d.json");
  CHECK_TEXT(sl_argument_text(&arguments, SL_ARG_OUTPUT_FILE), "o.csv");
  CHECK_TEXT(sl_argument_text(&arguments, SL_ARG_INIT), "0");
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_SEED), 42);
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_ID), 7);
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_NUM_CHAINS), 2);
  check_parses("id=3 data file=a=b.json sample");
  CHECK_TEXT(sl_argument_text(&arguments, SL_ARG_DATA_FILE), "a=b.json");
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_NUM_CHAINS), 1);
}

static void test_unique_names(void) {
  check_parses("sample data file=d.json delta=0.9 max_depth=8 seed=1 metric=unit_e num_samples=5");
  CHECK_NEAR(sl_argument_real(&arguments, SL_ARG_DELTA), 0.9, 0);
  CHECK_INT(sl_argument_int(&arguments, SL_ARG_MAX_DEPTH), 8);
  CHECK(sl_argument_choice(&arguments, SL_ARG_METRIC) == SL_ARG_UNIT_E);
  check_refused("sample file=x", "data file=");
  check_refused("sample int_time=2", "engine=static int_time=");
}

static void test_refusals(void) {
  check_refused("sample num_threads=0", "0 < value");
  check_refused("sample threads_per_chain=0", "0 < value");
  check_refused("data file=x", "method must be specified");
  check_refused("sample num_sample=10", "num_samples");
  check_refused("sampel", "sample");
  check_refused("sample adapt dleta=0.9", "sample adapt delta");
  check_refused("sample nonsense", "mistyped or misplaced");
  check_refused("sample num_samples=-1", "0 <= value");
  check_refused("sample num_samples=1.5", "integers");
  check_refused("sample num_samples=", "num_samples");
  check_refused("sample num_samples=10x", "num_samples");
  check_refused("sample num_samples=99999999999", "num_samples");
  check_refused("sample num_samples", "num_samples=");
  check_refused("sample adapt=1", "takes no value");
  check_refused("sample adapt delta=1", "delta");
  check_refused("sample adapt delta=nan", "delta");
  check_refused("sample save_warmup=yes", "true");
  check_refused("sample algorithm=gibbs", "hmc, mh, fixed_param");
  check_refused("sample sample", "twice");
  check_refused("sample id=1 id=2", "twice");
  check_refused("variational", "not built");
  check_refused("method=pathfinder", "not built");
  check_refused("method=guess", "sample");
}

static void test_requests(void) {
  check_parses("help");
  CHECK(arguments.request == SL_REQUEST_HELP && arguments.help_about == SL_ARG_ROOT);
  check_parses("sample adapt help");
  CHECK(arguments.request == SL_REQUEST_HELP && arguments.help_about == SL_ARG_ADAPT);
  check_parses("help-all");
  CHECK(arguments.request == SL_REQUEST_HELP_ALL);
  check_parses("info");
  CHECK(arguments.request == SL_REQUEST_INFO);
  check_parses("--version");
  CHECK(arguments.request == SL_REQUEST_VERSION);
}

static void test_table(void) {
  for (int id = 0; id < SL_ARGUMENT_COUNT; id++) {
    const sl_argument *argument = &sl_argument_table[id];
    CHECK_SAY((int)argument->parent < id, "%s stands before its parent", argument->name);
    CHECK_SAY(argument->help[0] != '\0', "%s has no help", argument->name);
    for (int other = 0; other < id; other++)
      CHECK_SAY(sl_argument_table[other].parent != argument->parent ||
                    strcmp(sl_argument_table[other].name, argument->name),
                "%s stands twice in a group", argument->name);
  }
}

static void add_line(void *context, const char *line) {
  strcat(context, line);
  strcat(context, "\n");
}

static void test_listing(void) {
  char text[10000] = "";
  check_parses(
      "sample num_samples=10 adapt delta=0.9 algorithm=hmc engine=static int_time=2 random seed=1 num_threads=1");
  sl_arguments_list(&arguments, add_line, text);
  CHECK(strncmp(text, "method = sample (Default)\n  sample\n    num_samples = 10\n    num_warmup = 1000 (Default)\n",
                80) == 0);
  CHECK(strstr(text, "    adapt\n      engaged = 1 (Default)\n") != NULL);
  CHECK(strstr(text, "      delta = 0.9\n") != NULL);
  CHECK(strstr(text, "        engine = static\n          static\n            int_time = 2\n"
                     "        metric = diag_e (Default)\n        metric_file =  (Default)\n") != NULL);
  CHECK(strstr(text, "nuts") == NULL && strstr(text, "log_prob") == NULL);
  CHECK(strstr(text, "\nrandom\n  seed = 1\noutput\n  file = output.csv (Default)\n") != NULL);
}

int main(void) {
  return run_suites("arguments", (check_test[]){{"what is not given has its default", test_defaults},
                                                {"groups nest as in CmdStan", test_nested},
                                                {"a name that occurs once may stand anywhere", test_unique_names},
                                                {"a wrong word is refused with a suggestion", test_refusals},
                                                {"help, info and version are asked for anywhere", test_requests},
                                                {"the table is well formed", test_table},
                                                {"the configuration is listed as CmdStan lists it", test_listing},
                                                {0}});
}
