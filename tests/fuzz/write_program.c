/* write_program.c: `write_program SEED`, or `write_program --bytes FILE` for what a fuzzer has found: the program of
 * random_program.h on standard output; `write_program --data` its data. */
#include "tests/fuzz/random_program.h"

enum { MOST_BYTES = 4096 };

int main(int argc, char **argv) {
  static uint8_t bytes[MOST_BYTES];
  size_t count = 0;
  if (argc == 2 && strcmp(argv[1], "--data") == 0) return fputs(random_program_data, stdout) < 0;
  if (argc == 3 && strcmp(argv[1], "--bytes") == 0) {
    FILE *in = fopen(argv[2], "rb");
    if (!in) return 66;
    count = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
  } else if (argc == 2) {
    uint64_t state = strtoull(argv[1], NULL, 10);
    count = 100 + state * 37 % 900;
    for (size_t i = 0; i < count; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
      bytes[i] = (uint8_t)(state >> 56);
    }
  } else {
    fputs("usage: write_program SEED | --bytes FILE | --data\n", stderr);
    return 64;
  }
  char *text = random_program_text(bytes, count);
  fputs(text, stdout);
  free(text);
  return 0;
}
