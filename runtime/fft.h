/* fft.h: the fast Fourier transform of a power-of-two length, for convolutions and autocovariances.
 *
 * The forward transform leaves its result in bit-reversed order and the inverse takes it in that order: whoever only
 * multiplies spectra element by element needs no reordering. Real and imaginary parts are separate arrays, transformed
 * in place. */
#ifndef STANLITE_RUNTIME_FFT_H
#define STANLITE_RUNTIME_FFT_H
#include <stddef.h>

typedef struct sl_fft sl_fft; /* the roots of unity for one length; immutable, may be shared by threads */

/* length must be a power of two. NULL when there is no memory. */
sl_fft *sl_fft_create(size_t length);
void sl_fft_destroy(sl_fft *fft);

/* X[k] = sum over j of x[j] exp(-2 pi i j k / length), X[k] stored at the bit-reversed index of k. */
void sl_fft_forward(const sl_fft *fft, double *real, double *imaginary);
/* The inverse of sl_fft_forward times length (no division). */
void sl_fft_inverse(const sl_fft *fft, double *real, double *imaginary);

#endif
