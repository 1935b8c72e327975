/* special_owens_t.c: Owen's T, T(h,a) = 1/(2 pi) * integral of exp(-h^2 (1+x^2)/2) / (1+x^2) over 0 < x < a. */
#include "runtime/special_internal.h"

/* 0 <= a <= 1 and h >= 0: Gauss and Legendre's rule with 20 points on each half of the part of (0,a) that has
 * weight. */
static double owens_t_unit(double h, double a) {
  static const double nodes[10][2] = {
      {0.076526521133497333755, 0.1527533871307258507},  {0.22778585114164507808, 0.14917298647260374679},
      {0.37370608871541956067, 0.14209610931838205133},  {0.510867001950827098, 0.1316886384491766269},
      {0.63605368072651502545, 0.11819453196151841731},  {0.74633190646015079261, 0.10193011981724043504},
      {0.83911697182221882339, 0.083276741576704748725}, {0.91223442825132590587, 0.06267204833410906357},
      {0.96397192727791379127, 0.040601429800386941331}, {0.99312859918509492479, 0.017614007139152118312}};
  double end = h * a > 9.0 ? 9.0 / h : a, half = 0.25 * end, sum = 0.0;
  for (int part = 0; part < 2; part++)
    for (int i = 0; i < 10; i++)
      for (int side = -1; side <= 1; side += 2) {
        double x = half * (1 + 2 * part) + side * half * nodes[i][0];
        sum += nodes[i][1] * exp(-0.5 * h * h * x * x) / (1.0 + x * x);
      }
  return sum * half * exp(-0.5 * h * h) / SL_TWO_PI;
}

/* T is even in h and odd in a; for a > 1 T(h,a) = (q+r)/2 - q r - T(ah,1/a) with the upper tails q, r of h and ah
 * (Owen 1956, eq. 2.3 and 2.5, in tails so that nothing cancels for large h). */
double sl_owens_t(double h, double a) {
  if (h != h || a != a) return NAN;
  if (fabs(h) > 1e150) return copysign(0.0, a);
  double size = fabs(a), x = fabs(h), value;
  if (size <= 1.0) {
    value = owens_t_unit(x, size);
  } else if (x == 0.0) {
    value = atan(size) / SL_TWO_PI;
  } else {
    double q = sl_Phi(-x), r = sl_Phi(-x * size);
    value = 0.5 * (q + r) - q * r - owens_t_unit(x * size, 1.0 / size);
  }
  return a < 0.0 ? -value : value;
}

/* -phi(h) * (Phi(ah) - 1/2) */
double sl_owens_t_h_derivative(double h, double a) {
  return -0.5 * SL_INV_SQRT_TWO_PI * exp(-0.5 * h * h) * erf(a * h * 0.70710678118654752440);
}
