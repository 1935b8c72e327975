#!/usr/bin/python3
"""Writes vector_mathematics.h: values of the functions that loops call, by mpmath with 60 digits, as the sum of two doubles.

A value of 106 bits lets tests/unit/test_ulp.c say errors in hundredths of an ulp. Arguments are exact doubles: the boundaries of
each function's domain, points where formulas change over, and random ones, uniform and log-uniform.
"""
import math
import random
import mpmath
from mpmath import mp, mpf

mp.dps = 60
random.seed(20261121)
POINTS = 60


def both(low, high):
    """Uniform, and log-uniform of both signs."""
    points = [random.uniform(low, high) for _ in range(POINTS)]
    for _ in range(POINTS // 2):
        size = math.exp(random.uniform(math.log(1e-12), math.log(max(abs(low), abs(high)))))
        points += [x for x in (size, -size) if low <= x <= high]
    return points


def positive(low, high):
    return [math.exp(random.uniform(math.log(low), math.log(high))) for _ in range(POINTS)] + \
        [random.uniform(0.2, 4) for _ in range(POINTS)]


def standard_normal_cdf(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def inverse_phi(p):
    if p > mpf(1) / 2:
        return -inverse_phi(1 - p)
    x = -mpmath.sqrt(max(-2 * mpmath.log(2 * p), mpf(10) ** -40))
    for _ in range(200):
        cdf = standard_normal_cdf(x)
        ratio = mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi) / cdf
        step = (mpmath.log(cdf) - mpmath.log(p)) / ratio
        x -= step
        if abs(step) < mpf(10) ** -50:
            return x
    raise ValueError(p)


def log_gamma(x):
    return mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x)


TINY, SMALL = 5e-324, 2.2250738585072014e-308
NEAR_ONE = [1.0, 1 + 2.0 ** -52, 1 - 2.0 ** -53, 1 + 1e-9, 1 - 1e-9, 0.99, 1.01]
NEAR_ZERO = [TINY, -TINY, SMALL, -SMALL, 1e-300, 1e-20, -1e-20, 1e-9, -1e-9]
FUNCTIONS = [  # name, function, points
    ('exp', mpmath.exp, both(-700, 700) + both(-2, 2) + NEAR_ZERO + [709.7, -708.0]),
    ('exp2', lambda x: mpf(2) ** x, both(-1000, 1000) + NEAR_ZERO),
    ('expm1', mpmath.expm1, both(-40, 700) + both(-1, 1) + NEAR_ZERO[2:]),
    ('log', mpmath.log, positive(1e-300, 1e300) + NEAR_ONE + [SMALL, 1e308]),
    ('log2', lambda x: mpmath.log(x) / mpmath.log(2), positive(1e-300, 1e300) + NEAR_ONE),
    ('log10', mpmath.log10, positive(1e-300, 1e300) + NEAR_ONE),
    ('log1p', mpmath.log1p, positive(1e-15, 1e300) + both(-0.999, 1) + NEAR_ZERO[2:]),
    ('cbrt', lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), positive(1e-300, 1e300) + [-x for x in positive(1e-5, 1e5)]),
    ('sin', mpmath.sin, both(-100, 100) + NEAR_ZERO[2:]),
    ('cos', mpmath.cos, both(-100, 100)),
    ('tan', mpmath.tan, both(-100, 100) + NEAR_ZERO[2:]),
    ('asin', mpmath.asin, both(-1, 1) + NEAR_ZERO[2:]),
    ('acos', mpmath.acos, both(-1, 1)),
    ('atan', mpmath.atan, both(-1000, 1000) + both(-1, 1) + NEAR_ZERO[2:]),
    ('sinh', mpmath.sinh, both(-700, 700) + both(-2, 2) + NEAR_ZERO[2:]),
    ('cosh', mpmath.cosh, both(-700, 700) + both(-2, 2)),
    ('tanh', mpmath.tanh, both(-20, 20) + both(-1, 1) + NEAR_ZERO[2:]),
    ('asinh', mpmath.asinh, both(-1e6, 1e6) + both(-1, 1) + NEAR_ZERO[2:]),
    ('acosh', mpmath.acosh, [1 + x for x in positive(1e-6, 1e10)]),
    ('atanh', mpmath.atanh, both(-0.9999, 0.9999) + NEAR_ZERO[2:]),
    ('erf', mpmath.erf, both(-6, 6) + both(-1, 1) + NEAR_ZERO[4:]),
    ('erfc', mpmath.erfc, both(-6, 26) + both(-1, 1)),
    ('inv_logit', lambda x: 1 / (1 + mpmath.exp(-x)), both(-700, 40) + both(-3, 3)),
    ('log1p_exp', lambda x: mpmath.log1p(mpmath.exp(x)), both(-700, 700) + both(-3, 3)),
    ('log1m_exp', lambda x: mpmath.log(-mpmath.expm1(x)) if x > -1 else mpmath.log1p(-mpmath.exp(x)),
     [-x for x in positive(1e-15, 700)]),
    ('lgamma', log_gamma, positive(1e-300, 1e300) + NEAR_ONE + [2 * x for x in NEAR_ONE] + both(0.01, 30)),
    ('digamma', lambda x: mpmath.psi(0, x), positive(1e-300, 1e300) + NEAR_ONE + both(0.01, 30)),
    ('trigamma', lambda x: mpmath.psi(1, x), positive(1e-150, 1e300) + NEAR_ONE + both(0.01, 30)),
    ('Phi', standard_normal_cdf, both(-37, 8) + both(-1, 1)),
    ('log_Phi', lambda x: mpmath.log(standard_normal_cdf(x)) if x < 0 else mpmath.log1p(-standard_normal_cdf(-x)),
     both(-1000, 8) + both(-2, 2)),
    ('inv_Phi', inverse_phi, [random.random() for _ in range(POINTS)] + positive(1e-300, 0.4)[:POINTS]),
]

with open('tests/reference/vector_mathematics.h', 'w', encoding='utf-8') as out:
    out.write('/* vector_mathematics.h: written by make_vector_mathematics.py (mpmath, 60 digits): argument, and the value as the sum of two '
              'doubles. Do\n * not edit. */\n\ntypedef struct ulp_reference {\n  double argument, value, rest;\n} ulp_reference;\n')
    for name, function, points in FUNCTIONS:
        out.write('\nstatic const ulp_reference %s_reference[] = {\n' % name)
        for x in points:
            value = mpmath.re(function(mpf(x)))
            high = float(value)
            if math.isinf(high) or (high != 0 and abs(high) < SMALL):
                continue
            out.write('  {%s, %s, %s},\n' % (x.hex(), high.hex(), float(value - mpf(high)).hex()))
        out.write('};\n')
