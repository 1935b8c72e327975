#!/usr/bin/python3
"""Writes more of tests/library, as library_values.py does, which explains how; groups that were added later."""
import random
import library_values as lv
from library_values import S, P, U, add, cdfs, groups, lbeta, log, exp, sqrt, pi, mpf, Phi, lchoose, lgamma, real, count, trials, some_of
from mpmath import betainc, inf, mp, rf, sin, binomial, erfinv

groups.clear()
lv.script = 'library_values_more.py'
random.seed(20261121)

# ---- distribution functions as sums, and others (group `sums`) ----


def more(name, kinds, f, rows, c=None, parts='lcdf lccdf cdf', **kw):
    """As `cdfs`, in this group."""
    c = c or (lambda *a: 1 - f(*a))
    for part in parts.split():
        g = {'cdf': f, 'lcdf': lambda *a: log(f(*a)), 'lccdf': lambda *a: log(c(*a))}[part]
        add('sums', name + '_' + part, kinds, g, rows, vectorised=part != 'cdf', **kw)


def emg(y, m, s, l):
    z = (y - m) / s
    return Phi(z) - exp(l * s * (l * s / 2 - z)) * Phi(z - l * s)


more('exp_mod_normal', 'r r r r', emg, S(real(3), real(2), P(.3, 4), P(.3, 4)) + [(-8.0, 0.0, 1.0, 1.0), (30.0, 0.0, 1.0, 2.0)],
     tolerance=1e-11)


def beta_binomial(k, M, a, b):
    return binomial(M, k) * exp(lbeta(k + a, M - k + b) - lbeta(a, b))


more('beta_binomial', 'i i r r', lambda n, M, a, b: sum(beta_binomial(k, M, a, b) for k in range(n + 1)),
     [(min(n, M - 1), M, a, b) for n, M, a, b in some_of(S(trials(), P(.1, 20), P(.1, 20)))])


def beta_neg_binomial(n, r, a, b):
    return exp(lbeta(n + r, a + b) - lbeta(r, a)) * rf(b, n) / mp.factorial(n)


add('sums', 'beta_neg_binomial_lpmf', 'i r r r', lambda *a: log(beta_neg_binomial(*a)), S(count(), P(.1, 20), P(.1, 20), P(.1, 20)))
more('beta_neg_binomial', 'i r r r', lambda n, r, a, b: sum(beta_neg_binomial(k, r, a, b) for k in range(n + 1)),
     S(count(), P(.3, 10), P(.3, 5), P(.3, 10)), tolerance=1e-11)
add('sums', 'yule_simon_lpmf', 'i r', lambda n, a: log(a) + lbeta(n, a + 1), [(n + 1, a) for n, a in S(count(), P(.1, 20))])
more('yule_simon', 'i r', lambda n, a: 1 - n * exp(lbeta(n, a + 1)), [(n + 1, a) for n, a in S(count(), P(.1, 20))],
     lambda n, a: n * exp(lbeta(n, a + 1)))
add('sums', 'inv_erfc', 'r', lambda p: erfinv(1 - p), S(U) + [(1e-12,), (1.75,), (1.0,)])
add('sums', 'ldexp', 'r i', lambda x, k: x * mpf(2) ** k, [(1.5, 3), (-2.25, -2)], vectorised=False)
add('sums', 'binary_log_loss', 'i r', lambda y, p: -log(p if y else 1 - p), [(0, .25), (1, .25)])


# ---- first passage times (group `diffusion`) ----
def passage(t, e):
    """Of the time from a distance e to the boundary 1, without drift; both series, the one that converges faster."""
    if t < 2:
        return sum((e + 2 * j) * exp(-(e + 2 * j) ** 2 / (2 * t)) for j in range(-40, 41)) / sqrt(2 * pi * t ** 3)
    return pi * sum(k * exp(-k * k * pi ** 2 * t / 2) * sin(k * pi * e) for k in range(1, 40))


def wiener(y, a, t0, w, v, sv=mpf(0)):
    t, e = y - t0, 1 - w
    spread = 1 + sv ** 2 * t
    return log(passage(t / a ** 2, e)) - 2 * log(a) - log(spread) / 2 + (sv ** 2 * (a * e) ** 2 + 2 * a * v * e - v ** 2 * t) / (2 * spread)


def passages(n, *more_arguments):
    rows = []
    for _ in range(n):
        a, t0 = random.uniform(.3, 4), random.uniform(0, .5)
        w = random.choice([random.random(), 10 ** -random.uniform(1, 6), 1 - 10 ** -random.uniform(1, 5)])
        rows.append((t0 + a * a * 10 ** random.uniform(-1.5, 1.2), a, t0, w, random.gauss(0, 2)) + tuple(s() for s in more_arguments))
    return rows


add('diffusion', 'wiener_lpdf', 'r r r r r', wiener, passages(20))
add('diffusion', 'wiener_lpdf', 'r r r r r r', wiener, passages(20, P(.01, 2)))

if __name__ == '__main__':
    lv.write_chosen(groups)
