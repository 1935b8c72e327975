/* Messages: their order, the line and the caret, and the near name. */
#include <stdlib.h>
#include "support/message.h"
#include "tests/unit/check.h"

typedef struct page {
  arena *arena;
  messages messages;
  const source_file *file;
  char printed[20000];
} page;

static page *open_page(const char *text) {
  page *opened = calloc(1, sizeof *opened);
  opened->arena = arena_create();
  opened->messages.arena = opened->arena;
  opened->file = source_from_text(opened->arena, "p.stan", text, strlen(text));
  return opened;
}

static void close_page(page *page) {
  arena_destroy(page->arena);
  free(page);
}

static location at(const page *page, int line, int column, int end_column) {
  return (location){page->file, line, column, line, end_column};
}

static const char *printed(page *page) {
  FILE *out = fmemopen(page->printed, sizeof page->printed, "w");
  messages_print(&page->messages, out, false);
  fclose(out);
  return page->printed;
}

static void test_layout(void) {
  page *page = open_page("data {\n  int N;\n}\n");
  message *error = message_error(&page->messages, at(page, 2, 7, 7), "no %s", "good");
  message_hint(&page->messages, error, "first");
  message_hint(&page->messages, error, "second");
  CHECK_TEXT(printed(page),
             "p.stan:2:7: error: no good\n    2 |   int N;\n      |       ^\n    hint: first\n    hint: second\n");
  close_page(page);
}

static void test_order(void) {
  page *page = open_page("a\nb\nc\n");
  message_warning(&page->messages, at(page, 3, 1, 1), "third");
  message_error(&page->messages, at(page, 1, 1, 1), "first");
  message_error(&page->messages, at(page, 1, 1, 1), "second");
  const char *text = printed(page), *first = strstr(text, "first"), *second = strstr(text, "second");
  CHECK(first && second && first < second && second < strstr(text, "third"));
  CHECK_INT(page->messages.error_count, 2);
  CHECK_INT(page->messages.warning_count, 1);
  close_page(page);
}

/* The line that is shown for columns [first, last] of a line, and the line with the caret below it. */
static void check_caret(const char *line, int first, int last, const char *expected) {
  page *page = open_page(line);
  message_error(&page->messages, at(page, 1, first, last), "x");
  const char *shown = strchr(printed(page), '\n') + 1;
  CHECK_TEXT(shown, expected);
  close_page(page);
}

static void test_carets(void) {
  check_caret("x = foo;", 5, 7, "    1 | x = foo;\n      |     ^~~\n");
  check_caret("\tx = 1;", 2, 2, "    1 |     x = 1;\n      |     ^\n"); /* tabs to columns of four */
  check_caret("ab\tx = 1;", 4, 4, "    1 | ab  x = 1;\n      |     ^\n");
  check_caret("\"\xc3\xa9\" x", 6, 6, "    1 | \"\xc3\xa9\" x\n      |     ^\n"); /* one column, two bytes */
  check_caret("\xe6\x97\xa5 x", 5, 5, "    1 | \xe6\x97\xa5 x\n      |    ^\n");  /* two columns, three bytes */
  check_caret("a\x1b[31mb\xff c", 1, 1, "    1 | a?[31mb? c\n      | ^\n");       /* nothing reaches the terminal */
  check_caret("x = 1", 6, 6, "    1 | x = 1\n      |      ^\n");                  /* behind the end */
  check_caret("", 1, 1, "    1 | \n      | ^\n");
}

static void test_long_lines(void) {
  char line[1001] = "";
  for (int i = 0; i < 1000; i++) line[i] = (char)('a' + i % 26);
  page *page = open_page(line);
  message_error(&page->messages, at(page, 1, 501, 503), "x"); /* line[500] is 'g' */
  const char *text = strstr(printed(page), "| ") + 2, *end = strchr(text, '\n'), *caret = strstr(end, "| ") + 2;
  CHECK(strncmp(text, "...", 3) == 0 && strncmp(end - 3, "...", 3) == 0);
  CHECK(end - text <= 106);
  CHECK(text[strcspn(caret, "^")] == 'g');
  close_page(page);
}

static void test_no_place(void) {
  page *page = open_page("");
  message_error(&page->messages, (location){page->file, 0, 0, 0, 0}, "whole file");
  message_error(&page->messages, (location){0}, "nowhere");
  CHECK_TEXT(printed(page), "error: nowhere\np.stan: error: whole file\n");
  close_page(page);
}

static void test_limit(void) {
  page *page = open_page("x");
  for (int i = 0; i < 1000; i++)
    message_hint(&page->messages, message_error(&page->messages, at(page, 1, 1, 1), "e"), "h");
  CHECK_INT(page->messages.error_count, 1000);
  const char *end = strstr(printed(page), "and ");
  CHECK_TEXT(end, "and 980 more errors\n");
  close_page(page);
}

static void test_included(void) {
  page *page = open_page("a\n#include b\nc\n");
  source_file *inner = source_from_text(page->arena, "b.stan", "x\ny\n", 4);
  inner->included_from = page->file;
  inner->included_at_line = 2;
  message_error(&page->messages, at(page, 3, 1, 1), "third");
  message_error(&page->messages, (location){inner, 2, 1, 2, 1}, "second");
  message_error(&page->messages, at(page, 1, 1, 1), "first");
  const char *text = printed(page), *first = strstr(text, "first"), *second = strstr(text, "second");
  CHECK(first && second && first < second && second < strstr(text, "third"));
  CHECK(strstr(text, "b.stan:2:1: error: second\n    2 | y\n      | ^\n    included from p.stan:2\n") != NULL);
  close_page(page);
}

static void test_colour(void) {
  page *page = open_page("x");
  message_error(&page->messages, at(page, 1, 1, 1), "e");
  FILE *out = fmemopen(page->printed, sizeof page->printed, "w");
  messages_print(&page->messages, out, true);
  fclose(out);
  CHECK(strstr(page->printed, "\033[1;31merror: \033[0m") != NULL);
  CHECK(strchr(printed(page), '\033') == NULL);
  close_page(page);
}

static void test_near_names(void) {
  static const char *const names[] = {"normal", "lognormal", "gamma", "beta", "poisson", "normal_id_glm"};
  enum { COUNT = sizeof names / sizeof *names };
  CHECK_TEXT(nearest_name("nomal", names, COUNT), "normal");
  CHECK_TEXT(nearest_name("noraml", names, COUNT), "normal"); /* a transposition is one edit */
  CHECK_TEXT(nearest_name("Normal", names, COUNT), "normal");
  CHECK_TEXT(nearest_name("poison", names, COUNT), "poisson");
  CHECK_TEXT(nearest_name("bta", names, COUNT), "beta");
  CHECK(nearest_name("cauchy", names, COUNT) == NULL);
  CHECK(nearest_name("nrml", names, COUNT) == NULL); /* two edits in four letters are too many */
  CHECK(nearest_name("ab", names, COUNT) == NULL);
  CHECK(nearest_name("", names, COUNT) == NULL);
}

static void test_lines(void) {
  arena *arena = arena_create();
  const char *text = "one\r\ntwo\rthree\nfour";
  const source_file *file = source_from_text(arena, "p", text, strlen(text));
  static const char *const lines[] = {"one", "two", "three", "four", ""};
  for (int i = 0; i < 5; i++) {
    size_t length;
    const char *line = source_line(file, i + 1, &length);
    CHECK_TEXT(arena_text(arena, line, length), lines[i]);
  }
  arena_destroy(arena);
}

int main(void) {
  return run_suites("messages", (check_test[]){{"a message shows place, line, caret and hints", test_layout},
                                               {"messages come in order of place", test_order},
                                               {"the caret stands under the words", test_carets},
                                               {"a long line is cut around the caret", test_long_lines},
                                               {"a message may speak of a whole file, or of none", test_no_place},
                                               {"twenty errors are printed", test_limit},
                                               {"what is included stands at its #include", test_included},
                                               {"colour is for those who ask", test_colour},
                                               {"a near name is suggested, a far one not", test_near_names},
                                               {"lines end in any of three ways", test_lines},
                                               {0}});
}
