/* fft.c: radix-2 transforms, decimation in frequency forwards and in time backwards
 * (Cooley & Tukey 1965; Gentleman & Sande 1966), see fft.h. */
#include "runtime/fft.h"
#include <math.h>
#include <stdlib.h>

struct sl_fft {
  size_t length;
  double *cosine; /* cos(2 pi k / length), k < length / 2, then as many sines */
  double *sine;
};

sl_fft *sl_fft_create(size_t length) {
  sl_fft *fft = malloc(sizeof *fft);
  double *roots = malloc((length + 2) * sizeof *roots);
  if (!fft || !roots) {
    free(fft);
    free(roots);
    return NULL;
  }
  size_t half = length / 2;
  *fft = (sl_fft){.length = length, .cosine = roots, .sine = roots + half};
  for (size_t k = 0; k < half; k++) {
    double angle = 2 * 3.14159265358979323846 * (double)k / (double)length;
    fft->cosine[k] = cos(angle);
    fft->sine[k] = sin(angle);
  }
  return fft;
}

void sl_fft_destroy(sl_fft *fft) {
  if (!fft) return;
  free(fft->cosine);
  free(fft);
}

/* Butterfly over pairs `span` apart: (a, b) -> (a + b, (a - b) w) with w = exp(-2 pi i k / (2 span)). */
void sl_fft_forward(const sl_fft *fft, double *restrict real, double *restrict imaginary) {
  for (size_t span = fft->length / 2, step = 1; span >= 1; span /= 2, step *= 2) {
    for (size_t start = 0; start < fft->length; start += 2 * span) {
      double *restrict real_a = real + start, *restrict real_b = real_a + span;
      double *restrict imaginary_a = imaginary + start, *restrict imaginary_b = imaginary_a + span;
      for (size_t k = 0; k < span; k++) {
        double c = fft->cosine[k * step], s = -fft->sine[k * step];
        double difference_real = real_a[k] - real_b[k], difference_imaginary = imaginary_a[k] - imaginary_b[k];
        real_a[k] += real_b[k];
        imaginary_a[k] += imaginary_b[k];
        real_b[k] = difference_real * c - difference_imaginary * s;
        imaginary_b[k] = difference_real * s + difference_imaginary * c;
      }
    }
  }
}

/* The steps of sl_fft_forward undone in reverse order: (a, b) -> (a + b w, a - b w) with w = exp(+2 pi i k / (2
 * span)). */
void sl_fft_inverse(const sl_fft *fft, double *restrict real, double *restrict imaginary) {
  for (size_t span = 1, step = fft->length / 2; span < fft->length; span *= 2, step /= 2) {
    for (size_t start = 0; start < fft->length; start += 2 * span) {
      double *restrict real_a = real + start, *restrict real_b = real_a + span;
      double *restrict imaginary_a = imaginary + start, *restrict imaginary_b = imaginary_a + span;
      for (size_t k = 0; k < span; k++) {
        double c = fft->cosine[k * step], s = fft->sine[k * step];
        double turned_real = real_b[k] * c - imaginary_b[k] * s;
        double turned_imaginary = real_b[k] * s + imaginary_b[k] * c;
        real_b[k] = real_a[k] - turned_real;
        imaginary_b[k] = imaginary_a[k] - turned_imaginary;
        real_a[k] += turned_real;
        imaginary_a[k] += turned_imaginary;
      }
    }
  }
}
