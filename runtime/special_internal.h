/* special_internal.h: what several of the special functions are made of. */
#ifndef STANLITE_RUNTIME_SPECIAL_INTERNAL_H
#define STANLITE_RUNTIME_SPECIAL_INTERNAL_H
#include "runtime/math.h"

#define SL_HALF_LOG_TWO_PI 0.91893853320467274178

/* What is left of lgamma(x) beyond (x-1/2) log x - x + log(2 pi)/2: sum of B_2k / (2k (2k-1) x^(2k-1)), DLMF 5.11.1.
 * From x = 8 on the first term left out is below 1e-16. */
static inline double sl_stirling_remainder(double x) {
  double w = 1.0 / x, z = w * w;
  double even = 1.0 / 12 + z * z * (1.0 / 1260 + z * z * (1.0 / 1188 + z * z * (1.0 / 156)));
  double odd = -1.0 / 360 + z * z * (-1.0 / 1680 + z * z * (-691.0 / 360360 + z * z * (-3617.0 / 122400)));
  return w * (even + z * odd);
}

/* lgamma(2+d)/d for |d| <= 1/2, relative error 3e-17. */
static inline double sl_lgamma_quotient(double d) {
  double s = d * d;
  double even = -5.811277768921246197665e-7;
  even = even * s - 0.000001974310688842106744355;
  even = even * s - 0.000009456288515101719173719;
  even = even * s - 0.0000449237275642476525886;
  even = even * s - 0.0002231549774629272317;
  even = even * s - 0.001192753900998308694434;
  even = even * s - 0.007385551028935544700021;
  even = even * s - 0.06735230105319563865287;
  even = even * s + 0.4227843350984671356013;
  double odd = 2.747539005190966392054e-7;
  odd = odd * s + 9.242852225162276741901e-7;
  odd = odd * s + 0.000004382854538384666771613;
  odd = odd * s + 0.00002050601970174761859779;
  odd = odd * s + 0.00009945761692157133131829;
  odd = odd * s + 0.0005096695196526672779748;
  odd = odd * s + 0.002890510330865900927688;
  odd = odd * s + 0.02058080842778337975533;
  odd = odd * s + 0.3224670334241132200395;
  return even + d * odd;
}

/* exp(t^2) erfc(t), t >= 0: a polynomial in u = (t-3.75)/(t+3.75) over 1+2t (Shepherd and Laframboise 1981, Math.
 * Comp. 36, p. 249, with the coefficients of tests/reference/make_coefficients.py), relative error 1e-17 before
 * rounding. */
static inline double sl_scaled_erfc(double t) {
  double u = (t - 3.75) / (t + 3.75), s = u * u;
  double even = 4.434959070009628260193e-10;
  even = even * s - 5.284286979631420566213e-9;
  even = even * s + 3.896545254898596810924e-8;
  even = even * s - 2.591069687796657852856e-7;
  even = even * s + 0.000001752057970166318102428;
  even = even * s - 0.00001144441243917172306219;
  even = even * s + 0.00005164921139070285187062;
  even = even * s + 0.0002937136342850081257507;
  even = even * s - 0.009746579552504242968176;
  even = even * s - 0.05869339859021236722494;
  even = even * s - 0.1088039301417178577854;
  even = even * s + 0.003585415485463774964241;
  even = even * s + 1.237512630837827581888;
  double odd = 3.11031071983916499311e-10;
  odd = odd * s - 3.743568033634583216552e-9;
  odd = odd * s + 2.326191327669656739399e-8;
  odd = odd * s - 5.721597255990987179019e-8;
  odd = odd * s - 9.735619015182663293958e-7;
  odd = odd * s + 0.00002238424031422443833341;
  odd = odd * s - 0.0002901540809795271306952;
  odd = odd * s + 0.001755625853001725794531;
  odd = odd * s + 0.02836227741894066479912;
  odd = odd * s + 0.09230432116037876714058;
  odd = odd * s + 0.08227673849014515912262;
  odd = odd * s - 0.1402405985855469619085;
  return (even + u * odd) / (1.0 + 2.0 * t);
}

/* x log(x/m) + m - x, not negative, without cancellation where x is near m (Loader 2000, "Fast and accurate
 * computation of binomial probabilities", section 4). x, m > 0. */
static inline double sl_deviance(double x, double m) {
  double difference = x - m, v = 0.5 * difference / (0.5 * x + 0.5 * m); /* halves: the sum may overflow */
  if (!(fabs(v) <= 0.1)) return x * log(x / m) - difference;
  double sum = difference * v, term = 2.0 * (x * v);
  for (int j = 3; j < 21; j += 2) { /* 0.1^20 is beyond the last digit */
    term *= v * v;
    sum += term / j;
  }
  return sum;
}

/* lgamma(1+a) for |a| <= 1/2, relative to itself. */
static inline double sl_lgamma_one_plus(double a) { return a * sl_lgamma_quotient(a) - log1p(a); }

#endif
