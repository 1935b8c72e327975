#!/usr/bin/python3
"""Writes special.h: values of the special functions at wide and boundary points, computed with 60 digits, 25 printed.

Arguments are exact doubles (hexadecimal), so the value belongs to the very argument that the test passes on.
"""
import random
from mpmath import (mp, mpf, loggamma, gamma, psi, log, exp, erfc, sqrt, pi, gammainc, besselj,
                    bessely, besseli, besselk, lambertw, quad, log1p, expm1)

mp.dps = 60
random.seed(20240601)


def log_uniform(low, high, count):
    return [float(mp.mpf(low) * (mpf(high) / mpf(low)) ** mpf(random.random())) for _ in range(count)]


def uniform(low, high, count):
    return [random.uniform(low, high) for _ in range(count)]


def table(name, function, rows):
    print(name, flush=True)
    lines = []
    for row in rows:
        row = row if isinstance(row, tuple) else (row,)
        value = function(*[mpf(v) if isinstance(v, float) else v for v in row])
        value = mp.re(value)
        if value != 0 and (abs(value) < mpf(10) ** -300 or abs(value) > mpf(10) ** 307):
            continue
        arguments = ", ".join(float(v).hex() for v in row)
        lines.append("  {{%s}, %s}," % (arguments, mp.nstr(value, 25, min_fixed=1, max_fixed=0)))
    return "static const reference_value %s_reference[] = {\n%s\n};\n" % (name, "\n".join(lines))


def std_normal_log_cdf(x):
    return log1p(-erfc(x / sqrt(2)) / 2) if x > 0 else log(erfc(-x / sqrt(2)) / 2)


def phi_ratio(x):
    return exp(-x * x / 2) / sqrt(2 * pi) / (erfc(-x / sqrt(2)) / 2)


def inverse_phi(p):
    """Newton on log Phi from the asymptotic start; p below 1/2 keeps its digits."""
    if p > mpf(1) / 2:
        return -inverse_phi(1 - p)
    return log_quantile(log(p))


def log_quantile(log_p):
    if log_p > log(mpf(1) / 2):
        return -log_quantile(log(-expm1(log_p)))
    if log_p < -2:
        z = sqrt(-2 * log_p)
        for _ in range(8):
            z = sqrt(max(mpf("0.1"), -2 * log_p - log(2 * pi) - 2 * log(z)))
        x = -z
    else:
        x = mpf(0)
    for _ in range(100):
        step = (std_normal_log_cdf(x) - log_p) / phi_ratio(x)
        x -= step
        if abs(step) < mpf(10) ** -50 * (1 + abs(x)):
            return x
    raise ValueError(log_p)


def owens_t(h, a):
    return quad(lambda t: exp(-h * h * (1 + t * t) / 2) / (1 + t * t), mp.linspace(0, a, 9)) / (2 * pi)


def lchoose(n, k):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1)


def lower(a, x):
    """P(a,x) by its series, all of whose terms are positive."""
    if x == 0:
        return mpf(0)
    with mp.workdps(90):
        return +exp(a * log(x) - x - loggamma(a + 1)) * mp.hyp1f1(1, a + 1, x)


def upper(a, x):
    if x < a:
        with mp.workdps(200):
            return 1 - exp(a * log(x) - x - loggamma(a + 1)) * mp.hyp1f1(1, a + 1, x)
    return gammainc(a, x, regularized=True)


def numeric(function, x):
    """Derivative by central differences of order 8 at 120 digits."""
    with mp.workdps(120):
        h = x * mpf(10) ** -12
        f = [function(x + k * h) - function(x - k * h) for k in (1, 2, 3, 4)]
        return (f[0] * 4 / 5 - f[1] / 5 + f[2] * 4 / 105 - f[3] / 280) / h


def lower_shape(a, x):
    if x > a:
        return -numeric(lambda s: gammainc(s, x, regularized=True), a)
    return numeric(lambda s: exp(s * log(x) - x - loggamma(s + 1)) * mp.hyp1f1(1, s + 1, x), a)


def incomplete_beta(a, b, x):
    """I_x(a,b) = x^a (1-x)^b / (a B(a,b)) 2F1(a+b, 1; a+1; x), all terms positive; reflected above the mean."""
    if x == 0 or x == 1:
        return mpf(x)
    if x > a / (a + b) and x > mpf(1) / 2:
        with mp.workdps(mp.dps + 320):
            return 1 - incomplete_beta(b, a, 1 - x)
    return exp(a * log(x) + b * log1p(-x) - log(a) - loggamma(a) - loggamma(b) + loggamma(a + b)) * mp.hyp2f1(
        a + b, 1, a + 1, x)


def log_bessel_i(v, z):
    return log(besseli(v, z))


def main():
    wide = ([1.0, 2.0, 3.0, 0.5, 1.5, 2.5, 7.5, 8.0, 8.000000000000002, 7.999999999999999, 1e-300, 1e-20, 1e-10, 1e5, 1e15, 1e100,
             1e300, 0.9999999999, 1.0000000001, 2.000000001, 1.9999999, 1.4616321449683622] + log_uniform(1e-8, 1e8, 40) +
            uniform(0.0, 9.0, 40))
    negative = [-0.5, -1.5, -2.457, -10.3, -1e-10, -100.7, -0.9999] + [-v for v in uniform(0.0, 30.0, 15)]
    pairs = ([(1.0, 1.0), (0.5, 0.5), (1e-10, 1e-10), (1e-200, 1e-200), (1e-5, 1e10), (8.0, 8.0), (7.9, 8.1), (7.9, 7.9), (3.0, 4.9),
              (1e6, 1e6), (1e15, 1e15), (1e-8, 3.0), (0.1, 1e8), (20.0, 1e12), (1e100, 1e100), (5.0, 1e20)] +
             list(zip(log_uniform(1e-4, 1e6, 40), log_uniform(1e-4, 1e6, 40))) +
             list(zip(uniform(0.01, 12.0, 40), uniform(0.01, 12.0, 40))))
    normal = ([0.0, -1e-10, 1e-10, -0.5, 0.5, -1.0, 1.0, -5.0, 5.0, -8.3, 8.3, -20.0, 30.0, -37.0, -38.4, 37.5] +
              uniform(-37.0, 10.0, 60))
    far = normal + [-50.0, -100.0, -1e4, -1e10, -1e100]
    probabilities = ([1e-300, 1e-100, 1e-30, 1e-10, 1e-5, 0.02425, 0.075, 0.2, 0.5, 0.925, 0.9999, 0.999999999999, 0.5000000001] +
                     uniform(0.0, 1.0, 40) + log_uniform(1e-250, 0.1, 30))
    log_probabilities = [-1e-300, -1e-20, -1e-10, -1e-3, -0.5, -0.6931471805599453, -0.7, -2.0, -30.0, -700.0, -750.0, -1e4, -1e8,
                         -1e200] + [-v for v in log_uniform(1e-6, 1e5, 30)]
    shapes = ([(a, a * r) for a in log_uniform(0.01, 1e4, 12) for r in (0.01, 0.3, 0.9, 1.0, 1.1, 3.0)] +
              [(1.0, 1.0), (0.5, 1e-10), (1e-5, 0.1), (1e-5, 3.0), (1e-3, 20.0), (100.0, 100.0), (1e6, 1e6), (1e6, 1.001e6), (1e5, 9.97e4),
               (10.0, 200.0), (30.0, 1.0), (0.3, 600.0), (1000.0, 200.0), (200.0, 900.0), (1.0, 3.0), (2.0, 4.0),
               (5.0, 9.0)] +
              list(zip(log_uniform(0.05, 200.0, 25), log_uniform(0.05, 200.0, 25))))
    betas = ([(1.0, 1.0, 0.3), (0.5, 0.5, 0.5), (2.0, 3.0, 1e-10), (0.1, 0.2, 0.999), (1e-3, 2.0, 0.5), (50.0, 50.0, 0.5),
              (1000.0, 2000.0, 0.34), (1e4, 1e4, 0.501), (1e5, 3.0, 0.9999), (0.5, 1e4, 1e-4), (200.0, 0.3, 0.98),
              (5.0, 7.0, 0.9999999), (2.0, 4.0, 0.2), (1.0, 2.0, 0.9), (20.0, 30.0, 0.05)] +
             list(zip(log_uniform(0.05, 300.0, 45), log_uniform(0.05, 300.0, 45), uniform(0.0, 1.0, 45))) +
             [(a, b, min(0.999, a / (a + b) * u)) for a, b, u in
              zip(log_uniform(0.1, 1e4, 25), log_uniform(0.1, 1e4, 25), uniform(0.7, 1.3, 25))])
    orders = [(float(n), x) for n in (0, 1, 2, 5, 20, -1, -4) for x in (0.01, 0.5, 1.0, 3.7, 10.0, 30.5, 100.0)]
    real_orders = [(v, z) for v in (0.0, 0.5, 1.0, 2.3, 10.0, 47.5, 150.0, 999.0, 1000.0, 2e4, -0.5) for z in
                   (1e-5, 0.1, 1.0, 5.0, 14.0, 40.0, 300.0, 5000.0, 1e6) if v < 2000 or z < 1e5]
    logits = [0.0, -1e-300, 1e-10, -0.5, 0.5, 3.0, -3.0, 40.0, -40.0, 700.0, -650.0] + uniform(-50.0, 50.0, 20)
    negatives = [-1e-300, -1e-20, -1e-3, -0.6931471805599453, -0.6931471805599454, -5.0, -40.0, -690.0] + uniform(-40.0, 0.0, 20)
    tables = [
        table("inv_logit", lambda x: 1 / (1 + exp(-x)), logits),
        table("inv_logit_derivative", lambda x: 1 / ((1 + exp(-x)) * (1 + exp(x))), logits),
        table("log1p_exp", lambda x: log1p(exp(x)), logits),
        table("log_inv_logit", lambda x: -log1p(exp(-x)), logits),
        table("log1m_exp", lambda x: log(-expm1(x)) if x > -1 else log1p(-exp(x)), negatives),
        table("lgamma", lambda x: log(abs(gamma(x))) if x < 0 else loggamma(x), wide + negative),
        table("tgamma", gamma, [v for v in wide if 1e-300 < v < 170] + negative),
        table("digamma", lambda x: psi(0, x), wide + negative),
        table("trigamma", lambda x: psi(1, x), [v for v in wide if 1e-120 < v < 1e120] + negative),
        table("tetragamma", lambda x: psi(2, x), [v for v in wide if 1e-90 < v < 1e90] + negative),
        table("lbeta", lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b) if max(a, b) < mpf(10) ** 30 else big_lbeta(a, b), pairs),
        table("digamma_difference", lambda a, b: psi(0, a) - psi(0, a + b), [p for p in pairs if 1e-90 < p[0] and p[1] < 1e30]),
        table("log_rising_factorial", lambda x, n: loggamma(x + n) - loggamma(x), [p for p in pairs if p[0] < 1e30 and p[1] > 1e-90]),
        table("lchoose", lchoose, [(1.0, 1.0), (5.0, 2.0), (1e6, 1.0), (1e6, 3.0), (1e15, 2.0), (1e6, 5e5), (100.0, 37.0), (10.5, 3.2),
                                   (1e10, 12.0), (50.0, 50.0), (3.0, 0.0), (30.0, 29.0)]),
        table("Phi", lambda x: erfc(-x / sqrt(2)) / 2, normal),
        table("std_normal_log_cdf", std_normal_log_cdf, far),
        table("std_normal_log_cdf_derivative", phi_ratio, [x for x in far if x < 36]),
        table("inv_Phi", inverse_phi, probabilities),
        table("std_normal_log_qf", log_quantile, log_probabilities),
        table("owens_t", owens_t, [(h, a) for h in (0.0, 0.1, 0.7, 2.0, 5.0, -1.5, 12.0) for a in (0.05, 0.5, 1.0, 3.0, 20.0, -0.8)]),
        table("gamma_p", lower, shapes),
        table("gamma_q", upper, shapes),
        table("log_gamma_p", lambda a, x: log(lower(a, x)) if x < a else log1p(-upper(a, x)), shapes + [(50.0, 1e-20), (3000.0, 10.0)]),
        table("log_gamma_q", lambda a, x: log(upper(a, x)) if x > a else log1p(-lower(a, x)), shapes + [(3.0, 5000.0), (40.0, 1e5)]),
        table("gamma_p_shape_derivative", lower_shape, shapes),
        table("inc_beta", incomplete_beta, betas),
        table("inc_beta_a_derivative", lambda a, b, x: numeric(lambda s: incomplete_beta(s, b, x), a), betas),
        table("inc_beta_b_derivative", lambda a, b, x: numeric(lambda s: incomplete_beta(a, s, x), b), betas),
        table("bessel_first_kind", lambda n, x: besselj(n, x), orders),
        table("bessel_second_kind", lambda n, x: bessely(n, x), orders),
        table("modified_bessel_first_kind", lambda n, x: besseli(n, x), orders),
        table("modified_bessel_second_kind", lambda n, x: besselk(n, x), orders),
        table("log_modified_bessel_first_kind", log_bessel_i, real_orders),
        table("lambert_w0", lambertw, [-0.36787944117144233, -0.3678794, -0.36, -0.3, -0.1, -1e-10, 0.0, 1e-10, 0.1, 0.5, 1.0, 2.718281828459045,
                                       10.0, 1e5, 1e100, 1e300] + uniform(-0.367, 5.0, 20)),
        table("lambert_wm1", lambda x: lambertw(x, -1), [-0.36787944117144233, -0.3678794, -0.36, -0.3, -0.1, -1e-3, -1e-10, -1e-100, -1e-300] +
              [-v for v in uniform(0.001, 0.367, 20)]),
    ]
    with open(__file__.rsplit("/", 1)[0] + "/special.h" if "/" in __file__ else "special.h", "w") as out:
        out.write("/* special.h: written by make_special.py (mpmath, 60 digits): {arguments}, value. Do not edit. */\n\n")
        out.write("typedef struct reference_value {\n  double argument[3];\n  double value;\n} reference_value;\n\n")
        out.write("\n".join(tables))


def big_lbeta(a, b):
    with mp.workdps(420):
        return loggamma(a) + loggamma(b) - loggamma(a + b)


if __name__ == "__main__":
    main()
