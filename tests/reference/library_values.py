#!/usr/bin/python3
"""Writes tests/library: for each group of library functions a program that evaluates them, its data and what must come out.

The references are the textbook formulas in mpmath with 90 digits, at exact doubles; derivatives are differences at that
precision. A program holds all real arguments in one flat vector t = x + e, with data x and parameters e that are 0, and
multiplies point i by w[i] = 1 + u[i]: so the gradient by u gives the values, that by e the derivatives. With `vectorised`
the same points go through the overloads for containers, where u has no part.
"""
import json
import os
import random
import sys
from mpmath import (mp, mpf, mpc, matrix, loggamma, gamma, log, exp, erfc, sqrt, pi, gammainc, betainc, besseli, cos, tanh, log1p,
                    expm1, inf, atan, fabs, det, inverse, lu_solve)

mp.dps = 90
random.seed(20240611)
HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '..', 'library')


def lgamma(x):
    return loggamma(mpf(x)).real


def lbeta(a, b):
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def lchoose(n, k):
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def Phi(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def F(x):
    return 1 / (1 + exp(-x))


def lse(*x):
    return log(sum(exp(v) for v in x))


# ---- samplers of arguments: exact doubles ----
def real(scale=3.0, *extra):
    return lambda: random.gauss(0, scale) if random.random() > 0.15 or not extra else random.choice(extra)


def positive(low=1e-3, high=1e3):
    return lambda: low * (high / low) ** random.random()


def unit(low=1e-6):
    return lambda: random.choice([random.random() * 0.98 + 0.01, low ** random.random(), 1 - low ** random.random() * 0.5])


def count(high=50):
    return lambda: int(high ** random.random() * random.random() * 1.2) if random.random() > 0.2 else 0


def trials(high=60):
    return lambda: random.randint(1, high)


class Case:
    """name; kinds: r real, i int, vK vector of K, o vector of K increasing ..., m matrix; args: tuples"""
    def __init__(self, name, kinds, f, rows, call=None, vectorised=True, tolerance=1e-12, data_only=()):
        self.name, self.kinds, self.f, self.rows = name, kinds.split(), f, rows
        self.call, self.vectorised, self.tolerance, self.data_only = call, vectorised, tolerance, data_only


def sample(n, *samplers):
    return [tuple(s() for s in samplers) for _ in range(n)]


N = 20
groups = {}


def add(group, *args, **kwargs):
    groups.setdefault(group, []).append(Case(*args, **kwargs))


# ---- the reals ----
def normal(y, m, s):
    return -((y - m) / s) ** 2 / 2 - log(s) - log(2 * pi) / 2


def student_t(y, nu, m, s):
    return lgamma((nu + 1) / 2) - lgamma(nu / 2) - log(nu * pi) / 2 - log(s) - (nu + 1) / 2 * log1p(((y - m) / s) ** 2 / nu)


def logistic(y, m, s):
    z = (y - m) / s
    return -z - log(s) - 2 * log1p(exp(-z))


loc_scale = lambda n=N, wide=True: sample(n, real(3), real(3), positive(0.05, 50)) + [(0.0, 0.0, 1.0), (1e3, -2.0, 0.5),
                                                                       (-40.0, 1.0, 1.25)]
add('continuous', 'normal_lpdf', 'r r r', normal, loc_scale())
add('continuous', 'std_normal_lpdf', 'r', lambda y: normal(y, 0, 1), sample(N, real(3)) + [(0.0,), (37.5,), (1e-9,)])
add('continuous', 'student_t_lpdf', 'r r r r', student_t,
    sample(N, real(5), positive(0.1, 1e6), real(3), positive(0.05, 50)) + [(0.5, 1.0, 0.5, 2.0), (3.0, 1e9, 1.0, 1.0)])
add('continuous', 'cauchy_lpdf', 'r r r', lambda y, m, s: -log(pi) - log(s) - log1p(((y - m) / s) ** 2), loc_scale())
add('continuous', 'double_exponential_lpdf', 'r r r', lambda y, m, s: -fabs(y - m) / s - log(2 * s),
    sample(N, real(3), real(3), positive(0.05, 50)))
add('continuous', 'logistic_lpdf', 'r r r', logistic, loc_scale())
add('continuous', 'gumbel_lpdf', 'r r r', lambda y, m, s: -(y - m) / s - exp(-(y - m) / s) - log(s),
    sample(N, real(3), real(3), positive(0.5, 50)) + [(0.0, 0.0, 1.0)])
add('continuous', 'skew_normal_lpdf', 'r r r r',
    lambda y, m, s, a: normal(y, m, s) + log(2 * Phi(a * (y - m) / s)),
    sample(N, real(3), real(3), positive(0.5, 5), real(2)), tolerance=1e-11)
add('continuous', 'exp_mod_normal_lpdf', 'r r r r',
    lambda y, m, s, l: log(l) + l / 2 * (2 * m + l * s * s - 2 * y) + log(erfc((m + l * s * s - y) / sqrt(mpf(2)) / s) / 2),
    sample(N, real(3), real(3), positive(0.2, 5), positive(0.1, 5)), tolerance=1e-11)
add('continuous', 'skew_double_exponential_lpdf', 'r r r r',
    lambda y, m, s, t: log(2) + log(t) + log(1 - t) - log(s)
    - 2 / s * ((1 - t) * (m - y) if y < m else t * (y - m)),
    sample(N, real(3), real(3), positive(0.2, 5), lambda: 0.05 + 0.9 * random.random()))

# ---- positive ----
def gamma_density(y, a, b):
    return a * log(b) - lgamma(a) + (a - 1) * log(y) - b * y


def inv_gamma_density(y, a, b):
    return a * log(b) - lgamma(a) - (a + 1) * log(y) - b / y


def weibull(y, a, s):
    return log(a / s) + (a - 1) * log(y / s) - (y / s) ** a


P = positive
add('positive', 'lognormal_lpdf', 'r r r', lambda y, m, s: normal(log(y), m, s) - log(y), sample(N, P(), real(3), P(.1, 10)))
add('positive', 'exponential_lpdf', 'r r', lambda y, b: log(b) - b * y, sample(N, P(1e-6), P()))
add('positive', 'gamma_lpdf', 'r r r', gamma_density, sample(N, P(), P(.01, 100), P(.01, 100)) + [(1.0, 1.0, 1.0), (0.5, 1.0, 3.0)])
add('positive', 'inv_gamma_lpdf', 'r r r', inv_gamma_density, sample(N, P(), P(.01, 100), P(.01, 100)))
add('positive', 'weibull_lpdf', 'r r r', weibull, sample(N, P(.1, 10), P(.1, 4), P(.1, 10)) + [(2.0, 1.0, 3.0)], tolerance=1e-11)
add('positive', 'frechet_lpdf', 'r r r', lambda y, a, s: log(a / s) - (1 + a) * log(y / s) - (y / s) ** -a,
    sample(N, P(.1, 10), P(.1, 4), P(.1, 10)), tolerance=1e-11)
add('positive', 'chi_square_lpdf', 'r r', lambda y, nu: gamma_density(y, nu / 2, mpf(1) / 2), sample(N, P(), P(.1, 100)))
add('positive', 'inv_chi_square_lpdf', 'r r', lambda y, nu: inv_gamma_density(y, nu / 2, mpf(1) / 2), sample(N, P(), P(.1, 100)))
add('positive', 'scaled_inv_chi_square_lpdf', 'r r r', lambda y, nu, s: inv_gamma_density(y, nu / 2, nu * s * s / 2),
    sample(N, P(.01, 100), P(.1, 100), P(.1, 10)))
add('positive', 'rayleigh_lpdf', 'r r', lambda y, s: log(y) - 2 * log(s) - y * y / (2 * s * s), sample(N, P(.01, 100), P(.1, 10)))
add('positive', 'loglogistic_lpdf', 'r r r', lambda y, a, b: log(b / a) + (b - 1) * log(y / a) - 2 * log1p((y / a) ** b),
    sample(N, P(.01, 100), P(.1, 10), P(.1, 10)))
add('positive', 'pareto_lpdf', 'r r r', lambda y, m, a: log(a) + a * log(m) - (a + 1) * log(y),
    [(m * (1 + p), m, a) for p, m, a in sample(N, P(), P(), P(.1, 10))])
add('positive', 'pareto_type_2_lpdf', 'r r r r', lambda y, m, l, a: log(a / l) - (a + 1) * log1p((y - m) / l),
    [(m + p, m, l, a) for p, m, l, a in sample(N, P(), real(), P(.1, 10), P(.1, 10))])
add('positive', 'beta_lpdf', 'r r r', lambda y, a, b: (a - 1) * log(y) + (b - 1) * log(1 - y) - lbeta(a, b),
    sample(N, unit(), P(.01, 100), P(.01, 100)) + [(0.25, 1.0, 1.0)])
add('positive', 'beta_proportion_lpdf', 'r r r',
    lambda y, m, k: (m * k - 1) * log(y) + ((1 - m) * k - 1) * log(1 - y) - lbeta(m * k, (1 - m) * k),
    sample(N, unit(), lambda: .05 + .9 * random.random(), P(.1, 100)))
add('positive', 'uniform_lpdf', 'r r r', lambda y, a, b: -log(b - a), [(a + w * u, a, a + w) for u, a, w in
                                                                   sample(N, lambda: .01 + .98 * random.random(), real(), P(.1, 100))])
add('positive', 'von_mises_lpdf', 'r r r', lambda y, m, k: k * cos(y - m) - log(2 * pi) - log(besseli(0, k)),
    sample(N, real(2), real(2), P(.01, 500)), tolerance=1e-11)

# ---- counts ----
def neg_binomial_2(n, mu, phi):
    return lgamma(n + phi) - lgamma(phi) - lgamma(n + 1) + phi * log(phi / (mu + phi)) + n * log(mu / (mu + phi))


def binomial_logit(n, M, a):
    return lchoose(M, n) + n * log(F(a)) + (M - n) * log(F(-a))


def some_of(f):  # (n, N, rest...) with 0 <= n <= N
    return [(random.choice([0, r[0], random.randint(0, r[0])]),) + r for r in f]


U = unit()
add('counts', 'bernoulli_lpmf', 'i r', lambda y, t: log(t) if y else log(1 - t), sample(N, lambda: random.randint(0, 1), U))
add('counts', 'bernoulli_logit_lpmf', 'i r', lambda y, a: log(F(a)) if y else log(F(-a)),
    sample(N, lambda: random.randint(0, 1), real(5)) + [(0, 0.0), (1, 0.0), (1, 40.0), (1, -40.0), (0, 750.0), (1, 750.0), (0, 1e-9)])
add('counts', 'binomial_lpmf', 'i i r', lambda n, M, t: lchoose(M, n) + n * log(t) + (M - n) * log(1 - t), some_of(sample(N, trials(), U)))
add('counts', 'binomial_logit_lpmf', 'i i r', binomial_logit,
    some_of(sample(N, trials(), real(4))) + [(3, 7, 0.0), (0, 5, 0.0), (5, 5, 40.0), (5, 5, -40.0), (0, 5, 750.0)])
add('counts', 'beta_binomial_lpmf', 'i i r r', lambda n, M, a, b: lchoose(M, n) + lbeta(n + a, M - n + b) - lbeta(a, b),
    some_of(sample(N, trials(), P(.05, 50), P(.05, 50))))
add('counts', 'poisson_lpmf', 'i r', lambda n, l: n * log(l) - l - lgamma(n + 1), sample(N, count(), P(.001, 100)))
add('counts', 'poisson_log_lpmf', 'i r', lambda n, a: n * a - exp(a) - lgamma(n + 1), sample(N, count(), real(2)) + [(0, -800.0)])
add('counts', 'neg_binomial_2_lpmf', 'i r r', neg_binomial_2,
    sample(N, count(), P(.01, 100), P(.01, 100)) + [(3, 2.5, 1e8), (0, 2.5, 1e8), (40, 2.5, 1e12)])
add('counts', 'neg_binomial_2_log_lpmf', 'i r r', lambda n, e, phi: neg_binomial_2(n, exp(e), phi),
    sample(N, count(), real(2), P(.01, 100)) + [(3, 0.0, 1.0), (3, 1.0, 1e8), (0, 2.0, 1e8)])
add('counts', 'neg_binomial_lpmf', 'i r r', lambda n, a, b: lchoose(n + a - 1, n) + a * log(b / (b + 1)) - n * log(b + 1),
    sample(N, count(), P(.05, 100), P(.01, 100)))
add('counts', 'geometric_lpmf', 'i r', lambda n, t: log(t) + n * log(1 - t), sample(N, count(), U))
add('counts', 'ordered_logistic_lpmf', 'i r v3', lambda k, e, c:
    log((F(c[k - 1] - e) if k < 4 else 1) - (F(c[k - 2] - e) if k > 1 else 0)),
    [(random.randint(1, 4), random.gauss(0, 3), sorted(random.gauss(0, 2) for _ in range(3))) for _ in range(N)]
    + [(2, 0.5, [0.5, 0.75, 2.0]), (3, 0.75, [0.5, 0.75, 2.0]), (2, 60.0, [0.0, 1.0, 2.0]), (3, -60.0, [0.0, 1.0, 2.0]),
       (4, 0.0, [-1.0, -0.5, 0.0])], vectorised=False)
add('counts', 'ordered_probit_lpmf', 'i r v3', lambda k, e, c:
    log((Phi(c[k - 1] - e) if k < 4 else 1) - (Phi(c[k - 2] - e) if k > 1 else 0)),
    [(random.randint(1, 4), random.gauss(0, 3), sorted(random.gauss(0, 2) for _ in range(3))) for _ in range(N)]
    + [(2, 10.0, [0.0, 1.0, 2.0]), (3, -10.0, [0.0, 1.0, 2.0])], vectorised=False, tolerance=1e-11)
add('counts', 'categorical_logit_lpmf', 'i v3', lambda k, b: b[k - 1] - lse(*b),
    [(random.randint(1, 3), [random.gauss(0, 3) for _ in range(3)]) for _ in range(N)], vectorised=False)
add('counts', 'categorical_lpmf', 'i v3', lambda k, t: log(t[k - 1]),
    [(1, [.25, .5, .25]), (2, [.25, .5, .25]), (3, [.125, .75, .125])], vectorised=False)

# ---- distribution functions ----
def P_gamma(a, x):
    return gammainc(a, 0, x, regularized=True)


def Q_gamma(a, x):
    return gammainc(a, x, inf, regularized=True)


def I(a, b, x):
    return betainc(a, b, 0, x, regularized=True)


def t_cdf(y, nu, m, s):
    z = (y - m) / s
    tail = I(nu / 2, mpf(1) / 2, nu / (nu + z * z)) / 2
    return 1 - tail if z > 0 else tail


def cdfs(name, kinds, f, rows, c=None, parts='lcdf lccdf cdf', **kw):
    c = c or (lambda *a: 1 - f(*a))
    for part in parts.split():
        g = {'cdf': f, 'lcdf': lambda *a: log(f(*a)), 'lccdf': lambda *a: log(c(*a))}[part]
        add('functions', name + '_' + part, kinds, g, rows, vectorised=part != 'cdf', **kw)


n = 8
S = lambda *s: sample(n, *s)
cdfs('normal', 'r r r', lambda y, m, s: Phi((y - m) / s), S(real(3), real(3), P(.5, 5)) + [(-30.0, 0.0, 1.0)],
     lambda y, m, s: Phi((m - y) / s))
cdfs('std_normal', 'r', Phi, S(real(3)), lambda y: Phi(-y))
cdfs('cauchy', 'r r r', lambda y, m, s: atan((y - m) / s) / pi + mpf(1) / 2, S(real(3), real(3), P(.1, 10)) + [(-1e6, 0.0, 1.0)])
cdfs('double_exponential', 'r r r', lambda y, m, s: exp((y - m) / s) / 2 if y < m else 1 - exp((m - y) / s) / 2,
     S(real(3), real(3), P(.1, 10)))
cdfs('logistic', 'r r r', lambda y, m, s: F((y - m) / s), S(real(3), real(3), P(.1, 10)), lambda y, m, s: F((m - y) / s))
cdfs('gumbel', 'r r r', lambda y, m, s: exp(-exp(-(y - m) / s)), S(real(3), real(3), P(1, 10)))
cdfs('lognormal', 'r r r', lambda y, m, s: Phi((log(y) - m) / s), S(P(), real(2), P(.5, 5)), lambda y, m, s: Phi((m - log(y)) / s))
cdfs('exponential', 'r r', lambda y, b: -expm1(-b * y), S(P(.01, 10), P(.01, 10)))
cdfs('weibull', 'r r r', lambda y, a, s: -expm1(-(y / s) ** a), S(P(.1, 10), P(.3, 3), P(.5, 10)))
cdfs('frechet', 'r r r', lambda y, a, s: exp(-(y / s) ** -a), S(P(.5, 10), P(.3, 3), P(.1, 5)))
cdfs('rayleigh', 'r r', lambda y, s: -expm1(-y * y / (2 * s * s)), S(P(.1, 10), P(1, 10)))
cdfs('pareto', 'r r r', lambda y, m, a: 1 - (m / y) ** a, [(m * (1 + p), m, a) for p, m, a in S(P(.01, 10), P(), P(.1, 5))])
cdfs('pareto_type_2', 'r r r r', lambda y, m, l, a: 1 - (1 + (y - m) / l) ** -a,
     [(m + p, m, l, a) for p, m, l, a in S(P(.01, 10), real(), P(.1, 10), P(.1, 5))])
cdfs('uniform', 'r r r', lambda y, a, b: (y - a) / (b - a), [(a + w * u, a, a + w) for u, a, w in
                                                             S(lambda: .1 + .8 * random.random(), real(), P(.1, 100))], tolerance=1e-11)
cdfs('loglogistic', 'r r r', lambda y, a, b: 1 / (1 + (y / a) ** -b), S(P(.1, 10), P(.1, 10), P(.3, 3)), parts='cdf')
cdfs('bernoulli', 'i r', lambda y, t: 1 - t, [(0, .25), (0, .9)], lambda y, t: t)
loose = dict(tolerance=1e-10)
cdfs('gamma', 'r r r', lambda y, a, b: P_gamma(a, b * y), S(P(.3, 10), P(.5, 20), P(.3, 3)), lambda y, a, b: Q_gamma(a, b * y), **loose)
cdfs('inv_gamma', 'r r r', lambda y, a, b: Q_gamma(a, b / y), S(P(.3, 10), P(.5, 20), P(.3, 10)), lambda y, a, b: P_gamma(a, b / y), **loose)
cdfs('chi_square', 'r r', lambda y, nu: P_gamma(nu / 2, y / 2), S(P(.5, 30), P(.5, 30)), lambda y, nu: Q_gamma(nu / 2, y / 2), **loose)
cdfs('poisson', 'i r', lambda k, l: Q_gamma(k + 1, l), S(count(), P(.5, 40)), lambda k, l: P_gamma(k + 1, l), **loose)
cdfs('beta', 'r r r', lambda y, a, b: I(a, b, y), S(lambda: .02 + .96 * random.random(), P(.3, 20), P(.3, 20)), **loose)
cdfs('binomial', 'i i r', lambda k, M, t: I(M - k, k + 1, 1 - t),
     [(min(a, M - 1), M, t) for a, M, t in some_of(S(trials(), lambda: .02 + .96 * random.random()))], **loose)
cdfs('neg_binomial_2', 'i r r', lambda k, m, p: I(p, k + 1, p / (p + m)), S(count(), P(.5, 20), P(.5, 20)), **loose)
cdfs('student_t', 'r r r r', t_cdf, S(real(3), P(.5, 100), real(1), P(.5, 5)) + [(1.0, 3.0, 1.0, 2.0), (1.0 + 1e-7, 3.0, 1.0, 2.0),
                                                                            (-1e4, 2.0, 0.0, 1.0)],
     lambda y, nu, m, s: t_cdf(2 * m - y, nu, m, s), **loose)
cdfs('skew_double_exponential', 'r r r r', lambda y, m, s, t: t * exp(2 * (1 - t) * (y - m) / s) if y < m else
     1 - (1 - t) * exp(-2 * t * (y - m) / s), S(real(3), real(3), P(.2, 5), lambda: .05 + .9 * random.random()))

# ---- functions of scalars and of vectors ----
def fn(name, kinds, f, rows, **kw):
    add('functions', name, kinds, f, rows, **kw)


def call(text, **kw):
    return dict(call=text, vectorised=False, **kw)


fn('logit', 'r', lambda x: log(x / (1 - x)), S(U))
fn('inv_logit', 'r', F, S(real(5)) + [(0.0,), (-50.0,), (50.0,), (-745.0,)])
fn('log1p_exp', 'r', lambda x: log1p(exp(x)), S(real(5)) + [(0.0,), (-50.0,), (50.0,), (800.0,)])
fn('log1m_exp', 'r', lambda x: log(-expm1(x)), [(-a,) for (a,) in S(P(1e-10, 50))])
fn('log_inv_logit', 'r', lambda x: log(F(x)), S(real(5)) + [(0.0,), (-800.0,), (40.0,)])
fn('log1m_inv_logit', 'r', lambda x: log(F(-x)), S(real(5)) + [(0.0,)])
fn('log_inv_logit_diff', 'r r', lambda x, y: log(F(x) - F(y)), [(y + d, y) for d, y in S(P(.01, 5), real(3))], tolerance=1e-11)
fn('log1m', 'r', lambda x: log(1 - x), S(U))
fn('inv_cloglog', 'r', lambda x: -expm1(-exp(x)), S(real(2)))
fn('Phi_approx', 'r', lambda x: F(mpf(0.07056) * x ** 3 + mpf(1.5976) * x), S(real(2)), tolerance=1e-11)
fn('Phi', 'r', Phi, S(real(3)))
fn('log_diff_exp', 'r r', lambda a, b: log(exp(a) - exp(b)), [(b + d, b) for d, b in S(P(.01, 10), real(3))], tolerance=1e-11,
   vectorised=False)
fn('log_sum_exp', 'r r', lse, S(real(5), real(5)) + [(1.0, 1.0), (0.0, -800.0)], vectorised=False)
fn('log_mix', 'r r r', lambda t, a, b: log(t * exp(a) + (1 - t) * exp(b)), S(U, real(3), real(3)) + [(.5, 2.0, 2.0)], vectorised=False)
fn('lmultiply', 'r r', lambda a, b: a * log(b), S(real(3), P()))
fn('lbeta', 'r r', lbeta, S(P(.01, 100), P(.01, 100)))
fn('lchoose', 'r r', lchoose, [(n + k, k) for n, k in S(P(.1, 50), P(.1, 50))], tolerance=1e-11)
fn('lmgamma', 'i r', lambda k, x: k * (k - 1) * log(pi) / 4 + sum(lgamma(x + mpf(1 - j) / 2) for j in range(1, k + 1)),
   [(3, 2.5), (1, 0.5), (4, 10.0)], vectorised=False)
fn('log_rising_factorial', 'r r', lambda x, m: lgamma(x + m) - lgamma(x), S(P(.01, 1e6), P(.1, 50)))
fn('log_falling_factorial', 'r r', lambda x, m: lgamma(x + 1) - lgamma(x - m + 1), [(a + b, b) for a, b in S(P(.1, 1e3), P(.1, 50))],
   tolerance=1e-11)
fn('rising_factorial', 'r i', lambda x, m: gamma(x + m) / gamma(x), S(P(.1, 10), lambda: random.randint(0, 6)), vectorised=False)
fn('falling_factorial', 'r i', lambda x, m: gamma(x + 1) / gamma(x - m + 1),
   [(6.5 + x, m) for x, m in S(P(.1, 10), lambda: random.randint(0, 6))], vectorised=False)
fn('gamma_p', 'r r', P_gamma, S(P(.3, 20), P(.3, 20)), **loose)
fn('gamma_q', 'r r', Q_gamma, S(P(.3, 20), P(.3, 20)), **loose)
fn('inc_beta', 'r r r', I, S(P(.3, 20), P(.3, 20), lambda: .02 + .96 * random.random()), **loose)

vec = lambda K, s=2.0: (lambda: [random.gauss(0, s) for _ in range(K)])
pos = lambda K: (lambda: [0.05 * 200 ** random.random() for _ in range(K)])
W3 = '[0.5, -1.25, 2]'


def dot3(v):
    return mpf(.5) * v[0] - mpf(1.25) * v[1] + 2 * v[2]


def softmax(x):
    s = sum(exp(v) for v in x)
    return [exp(v) / s for v in x]


def variance(x):
    m = sum(x) / len(x)
    return sum((v - m) ** 2 for v in x) / (len(x) - 1)


fn('log_sum_exp_vector', 'v4', lambda x: lse(*x), S(vec(4)) + [([900.0, 900.0, -900.0, 899.0],)], **call('log_sum_exp({0})'))
fn('softmax', 'v3', lambda x: dot3(softmax(x)), S(vec(3)), **call(f'{W3} * softmax({{0}})'))
fn('log_softmax', 'v3', lambda x: dot3([log(v) for v in softmax(x)]), S(vec(3)), **call(f'{W3} * log_softmax({{0}})'))
fn('log_mix_vector', 'v3 v3', lambda t, l: log(sum(p * exp(v) for p, v in zip(t, l))),
   [(t, l) for t, l in zip([[.25, .5, .25], [.125, .125, .75]], [[1.0, 2.0, -1.0], [-5.0, 0.0, 3.0]])], **call('log_mix({0}, {1})'))
fn('mean', 'v4', lambda x: sum(x) / 4, S(vec(4)), **call('mean({0})'))
fn('variance', 'v4', variance, S(vec(4)), **call('variance({0})'))
fn('sd', 'v4', lambda x: sqrt(variance(x)), S(vec(4)), **call('sd({0})'))
fn('dot_self', 'v4', lambda x: sum(v * v for v in x), S(vec(4)), **call('dot_self({0})'))
fn('distance', 'v3 v3', lambda x, y: sqrt(sum((a - b) ** 2 for a, b in zip(x, y))), S(vec(3), vec(3)), **call('distance({0}, {1})'))
fn('norm1', 'v3', lambda x: sum(fabs(v) for v in x), S(vec(3)), **call('norm1({0})'))
fn('norm2', 'v3', lambda x: sqrt(sum(v * v for v in x)), S(vec(3)), **call('norm2({0})'))
fn('dirichlet_lpdf', 'v3 v3', lambda t, a: lgamma(sum(a)) - sum(lgamma(v) for v in a) + sum((v - 1) * log(p) for v, p in zip(a, t)),
   [([.25, .5, .25], [1.0, 2.5, .75]), ([.125, .125, .75], [20.0, .1, 3.0])], **call('dirichlet_lpdf({0} | {1})'))
fn('multinomial_lpmf', 'v3', lambda t: lgamma(7) - lgamma(3) - lgamma(5) + 2 * log(t[0]) + 4 * log(t[2]),
   [([.25, .5, .25],), ([.125, .125, .75],)], **call('multinomial_lpmf({{2, 0, 4}} | {0})'))
fn('multinomial_logit_lpmf', 'v3', lambda t: lgamma(7) - lgamma(3) - lgamma(5) + 2 * t[0] + 4 * t[2] - 6 * lse(*t),
   S(vec(3)), **call('multinomial_logit_lpmf({{2, 0, 4}} | {0})'))

fn('dirichlet_multinomial_lpmf', 'v3', lambda a: lgamma(7) - lgamma(3) - lgamma(5) + lgamma(sum(a)) - lgamma(sum(a) + 6)
   + lgamma(a[0] + 2) - lgamma(a[0]) + lgamma(a[2] + 4) - lgamma(a[2]), S(pos(3)), **call('dirichlet_multinomial_lpmf({{2, 0, 4}} | {0})'))


# ---- matrices: a lower triangle by rows, completed in the call ----
def mv(K, v):  # flat column-major to mpmath
    return matrix(K, K) if v is None else matrix([[v[i + K * j] for j in range(K)] for i in range(K)])


def spd(flat):  # B B' + I of a full matrix
    B = mv(3, flat)
    return B * B.T + matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]])


def multi_normal(y, m, S_):
    r = matrix([a - b for a, b in zip(y, m)])
    return -(r.T * lu_solve(S_, r))[0] / 2 - log(det(S_)) / 2 - len(y) * log(2 * pi) / 2


def tri(flat):  # lower triangle with positive diagonal
    B = mv(3, flat)
    return matrix([[exp(B[i, i]) if i == j else (B[i, j] if j < i else mpf(0)) for j in range(3)] for i in range(3)])


SPD = 'add_diag(to_matrix({%d}, 3, 3) * to_matrix({%d}, 3, 3)\', 1)'
spd_call = lambda k: SPD % (k, k)
TRI = 'lower_triangle({%d})'
add('matrices', 'multi_normal_lpdf', 'v3 v3 v9', lambda y, m, b: multi_normal(y, m, spd(b)), S(vec(3), vec(3), vec(9, 1.0)),
    **call(f'multi_normal_lpdf({{0}} | {{1}}, {spd_call(2)})', tolerance=1e-11))
add('matrices', 'multi_normal_prec_lpdf', 'v3 v3 v9', lambda y, m, b: multi_normal(y, m, inverse(spd(b))), S(vec(3), vec(3), vec(9, 1.0)),
    **call(f'multi_normal_prec_lpdf({{0}} | {{1}}, {spd_call(2)})', tolerance=1e-11))
add('matrices', 'multi_normal_cholesky_lpdf', 'v3 v3 v9', lambda y, m, b: multi_normal(y, m, tri(b) * tri(b).T),
    S(vec(3), vec(3), vec(9, 1.0)), **call(f'multi_normal_cholesky_lpdf({{0}} | {{1}}, {TRI % 2})', tolerance=1e-11))
add('matrices', 'multi_normal_cholesky_rows', 'v3 v3 v3 v9',
    lambda x, y, m, b: multi_normal(x, m, tri(b) * tri(b).T) + multi_normal(y, m, tri(b) * tri(b).T),
    S(vec(3), vec(3), vec(3), vec(9, 1.0)),
    **call(f'multi_normal_cholesky_lpdf({{{{{{0}}, {{1}}}}}} | {{2}}, {TRI % 3})', tolerance=1e-11))
add('matrices', 'multi_normal_rows_and_means', 'v3 v3 v3 v3 v9',
    lambda x, y, m, l, b: multi_normal(x, m, spd(b)) + multi_normal(y, l, spd(b)),
    S(vec(3), vec(3), vec(3), vec(3), vec(9, 1.0)),
    **call(f'multi_normal_lpdf({{{{{{0}}, {{1}}}}}} | {{{{{{2}}\', {{3}}\'}}}}, {spd_call(4)})', tolerance=1e-11))
add('matrices', 'multi_student_t_lpdf', 'v3 r v3 v9', lambda y, nu, m, b: lgamma((nu + 3) / 2) - lgamma(nu / 2) - 3 * log(nu * pi) / 2
    - log(det(spd(b))) / 2 - (nu + 3) / 2 * log1p(quadratic(y, m, spd(b)) / nu), S(vec(3), P(.5, 50), vec(3), vec(9, 1.0)),
    **call(f'multi_student_t_lpdf({{0}} | {{1}}, {{2}}, {spd_call(3)})', tolerance=1e-11))


def quadratic(y, m, S_):
    r = matrix([a - b for a, b in zip(y, m)])
    return (r.T * lu_solve(S_, r))[0]


def lmgamma3(x):
    return 3 * log(pi) / 2 + lgamma(x) + lgamma(x - mpf(1) / 2) + lgamma(x - 1)


def trace(M):
    return sum(M[i, i] for i in range(M.rows))


add('matrices', 'wishart_lpdf', 'v9 r v9', lambda w, nu, s: (nu - 4) / 2 * log(det(spd(w))) - trace(inverse(spd(s)) * spd(w)) / 2
    - nu / 2 * log(det(spd(s))) - nu * 3 / 2 * log(2) - lmgamma3(nu / 2), S(vec(9, 1.0), P(3, 50), vec(9, 1.0)),
    **call(f'wishart_lpdf({spd_call(0)} | {{1}}, {spd_call(2)})', tolerance=1e-11))
add('matrices', 'inv_wishart_lpdf', 'v9 r v9', lambda w, nu, s: -(nu + 4) / 2 * log(det(spd(w))) - trace(inverse(spd(w)) * spd(s)) / 2
    + nu / 2 * log(det(spd(s))) - nu * 3 / 2 * log(2) - lmgamma3(nu / 2), S(vec(9, 1.0), P(3, 50), vec(9, 1.0)),
    **call(f'inv_wishart_lpdf({spd_call(0)} | {{1}}, {spd_call(2)})', tolerance=1e-11))


def lkj_constant(eta, K):  # as a product of the beta densities of the partial correlations (LKJ 2009, section 2.4)
    total = mpf(0)
    for j in range(1, K):
        b = eta + mpf(K - 1 - j) / 2
        total -= (K - j) * (lbeta(b, b) + (2 * b - 1) * log(2))
    return total


add('matrices', 'lkj_corr_cholesky_lpdf', 'v3 r',
    lambda y, eta: lkj_constant(eta, 3) + sum((1 - k + 2 * eta - 1) * log(corr_cholesky(y)[0][k, k]) for k in (1, 2)),
    S(vec(3, 1.0), P(.5, 5)) + [([.5, -.25, 1.0], 1.0)],
    **call('lkj_corr_cholesky_lpdf(corr_factor({0}) | {1})', tolerance=1e-11))


def corr_cholesky(y):  # rows of unit vectors by partial correlations, and the logarithm of the Jacobian determinant
    K, k, x, j = 3, 0, mp.zeros(3), mpf(0)
    x[0, 0] = mpf(1)
    for i in range(1, K):
        rest = mpf(1)
        for m in range(i):
            z = tanh(y[k])
            x[i, m] = z * sqrt(rest)
            j += log(1 - z * z) + log(rest) / 2
            rest -= x[i, m] ** 2
            k += 1
        x[i, i] = sqrt(rest)
    return x, j


def jacobian_log_det(f, y):  # by differences, of a map with as many outputs
    n = len(y)
    J = matrix(n, n)
    for j in range(n):
        h = mpf(10) ** -15
        up, down = f([v + (h if i == j else 0) for i, v in enumerate(y)]), f([v - (h if i == j else 0) for i, v in enumerate(y)])
        for i in range(n):
            J[i, j] = (up[i] - down[i]) / (2 * h)
    return log(fabs(det(J)))


# ---- transforms: a weighted sum of the outputs, plus what goes to the target ----
def weights(n):
    return [mpf(k + 1) / 4 for k in range(n)]


def transform(name, kinds, f, rows, call_text, free, **kw):
    """f gives all outputs; free picks as many as there are inputs, whose determinant is the Jacobian's."""
    def total(*args):
        y, rest = args[0], args[1:]
        ys = y if isinstance(y, list) else [y]
        out = f(y, *rest)
        g = lambda v: free(f(v if isinstance(y, list) else v[0], *rest))
        return sum(w * o for w, o in zip(weights(len(out)), out)) + jacobian_log_det(g, ys)
    add('transforms', name, kinds, total, rows, call=call_text, vectorised=False, **kw)


def ordered(y):
    x = [y[0]]
    for v in y[1:]:
        x.append(x[-1] + exp(v))
    return x


def sum_to_zero(y):  # column n: n times 1, then -n
    K = len(y) + 1
    x = [mpf(0)] * K
    for n in range(1, K):
        w = y[n - 1] / sqrt(mpf(n * (n + 1)))
        for i in range(n):
            x[i] += w
        x[n] -= n * w
    return x


def corr(y):  # by columns
    K, k = 3, 0
    L, rest = mp.zeros(3), [mpf(1)] * 3
    for j in range(K):
        L[j, j] = sqrt(rest[j])
        for i in range(j + 1, K):
            L[i, j] = tanh(y[k]) * sqrt(rest[i])
            rest[i] -= L[i, j] ** 2
            k += 1
    return flat(L * L.T)


def cov_factor(y):
    return matrix([[exp(y[0]), 0, 0], [y[1], exp(y[2]), 0], [y[3], y[4], exp(y[5])]])


def flat(M):  # column-major
    return [M[i, j] for j in range(M.cols) for i in range(M.rows)]


everything = lambda v: v
T = lambda K, s=1.0: [(vec(K, s)(),) for _ in range(4)] + [([0.0] * K,)]
bound = lambda f: (lambda y, *a: [f(y, *a)])
transform('lower_bound', 'r r', bound(lambda y, a: a + exp(y)), S(real(2), real(2)), '0.25 * lower_bound_jacobian({0}, {1})', everything)
transform('upper_bound', 'r r', bound(lambda y, b: b - exp(y)), S(real(2), real(2)), '0.25 * upper_bound_jacobian({0}, {1})', everything)
transform('lower_upper_bound', 'r r r', bound(lambda y, a, b: a + (b - a) * F(y)),
          [(y, a, a + w) for y, a, w in S(real(4), real(2), P(.1, 10))] + [(0.0, 0.0, 1.0), (35.0, 0.0, 1.0), (-35.0, 0.0, 1.0)],
          '0.25 * lower_upper_bound_jacobian({0}, {1}, {2})', everything)
transform('offset_multiplier', 'r r r', bound(lambda y, m, s: m + s * y), S(real(2), real(2), P(.1, 10)),
          '0.25 * offset_multiplier_jacobian({0}, {1}, {2})', everything)
transform('ordered', 'v4', ordered, T(4), 'weighted(ordered_jacobian({0}))', everything)
transform('positive_ordered', 'v4', lambda y: ordered([exp(y[0])] + y[1:]), T(4), 'weighted(positive_ordered_jacobian({0}))', everything)
transform('simplex', 'v3', lambda y: softmax(sum_to_zero(y)), T(3), 'weighted(simplex_jacobian({0}))', lambda x: x[:-1])
transform('cholesky_factor_corr', 'v3', lambda y: flat(corr_cholesky(y)[0]), T(3),
          'weighted(to_vector(cholesky_factor_corr_jacobian({0}, 3)))', lambda x: [x[1], x[2], x[5]])
transform('corr_matrix', 'v3', corr, T(3), 'weighted(to_vector(corr_matrix_jacobian({0}, 3)))', lambda x: [x[1], x[2], x[5]])
transform('cholesky_factor_cov', 'v6', lambda y: flat(cov_factor(y)), T(6),
          'weighted(to_vector(cholesky_factor_cov_jacobian({0}, 3)))', lambda x: [x[0], x[1], x[2], x[4], x[5], x[8]])
transform('cov_matrix', 'v6', lambda y: flat(cov_factor(y) * cov_factor(y).T), T(6),
          'weighted(to_vector(cov_matrix_jacobian({0}, 3)))', lambda x: [x[0], x[1], x[2], x[4], x[5], x[8]])
add('transforms', 'sum_to_zero', 'v3', lambda y: sum(w * v for w, v in zip(weights(4), sum_to_zero(y))), T(3),
    call='weighted(sum_to_zero_jacobian({0}))', vectorised=False)
add('transforms', 'unit_vector', 'v3', lambda y: sum(w * v for w, v in zip(weights(3), y)) / sqrt(sum(v * v for v in y))
    - sum(v * v for v in y) / 2, [(vec(3)(),) for _ in range(4)], call='weighted(unit_vector_jacobian({0}))', vectorised=False)
transform('stochastic_column', 'v4', lambda y: softmax(sum_to_zero(y[:2])) + softmax(sum_to_zero(y[2:])), T(4),
          'weighted(to_vector(stochastic_column_jacobian(to_matrix({0}, 2, 2))))', lambda x: [x[0], x[1], x[3], x[4]])
transform('stochastic_row', 'v4', lambda y: softmax(sum_to_zero(y[:2])) + softmax(sum_to_zero(y[2:])), T(4),
          "weighted(to_vector(stochastic_row_jacobian(to_matrix({0}, 2, 2)')'))", lambda x: [x[0], x[1], x[3], x[4]])
# there and back
for name, kinds, rows, text in [
    ('lower_bound', 'r', S(real(2)), 'lower_bound_unconstrain(lower_bound_jacobian({0}, -1.5), -1.5)'),
    ('upper_bound', 'r', S(real(2)), 'upper_bound_unconstrain(upper_bound_jacobian({0}, 1.5), 1.5)'),
    ('lower_upper_bound', 'r', S(real(2)), 'lower_upper_bound_unconstrain(lower_upper_bound_jacobian({0}, -1, 3), -1, 3)'),
    ('offset_multiplier', 'r', S(real(2)), 'offset_multiplier_unconstrain(offset_multiplier_jacobian({0}, 2, 3), 2, 3)')]:
    add('inverses', name, kinds, lambda y: y, rows, call=text, vectorised=False, tolerance=1e-10)
for name, K, text in [('ordered', 4, 'ordered_unconstrain(ordered_jacobian({0}))'),
                      ('positive_ordered', 4, 'positive_ordered_unconstrain(positive_ordered_jacobian({0}))'),
                      ('simplex', 3, 'simplex_unconstrain(simplex_jacobian({0}))'),
                      ('sum_to_zero', 3, 'sum_to_zero_unconstrain(sum_to_zero_jacobian({0}))'),
                      ('sum_to_zero_matrix', 6, 'to_vector(sum_to_zero_unconstrain(sum_to_zero_jacobian(to_matrix({0}, 2, 3))))'),
                      ('stochastic_column', 6, 'to_vector(stochastic_column_unconstrain(stochastic_column_jacobian('
                       'to_matrix({0}, 2, 3))))'),
                      ('stochastic_row', 6, 'to_vector(stochastic_row_unconstrain(stochastic_row_jacobian(to_matrix({0}, 2, 3))))'),
                      ('cholesky_factor_corr', 3, 'cholesky_factor_corr_unconstrain(cholesky_factor_corr_jacobian({0}, 3))'),
                      ('corr_matrix', 3, 'corr_matrix_unconstrain(corr_matrix_jacobian({0}, 3))'),
                      ('cholesky_factor_cov', 6, 'cholesky_factor_cov_unconstrain(cholesky_factor_cov_jacobian({0}, 3))'),
                      ('cov_matrix', 6, 'cov_matrix_unconstrain(cov_matrix_jacobian({0}, 3))')]:
    add('inverses', name, f'v{K}', lambda y: sum(w * v for w, v in zip(weights(len(y)), y)), T(K, .8), call=f'weighted({text})',
        vectorised=False, tolerance=1e-10)

# ---- complex numbers: the real part less twice the imaginary one, over the parts of the arguments ----
def of_complex(name, f, rows, call_text=None, arguments=1, tolerance=1e-12):
    """f of mpc; call_text with Z for each argument in turn, the function's own name when there is none."""
    text = call_text or f'{name}(Z)' if arguments == 1 else call_text
    for k in range(arguments):
        text = text.replace('Z', f'to_complex({{{2 * k}}}, {{{2 * k + 1}}})', 1)

    def value(*parts):
        z = f(*[mpc(parts[2 * k], parts[2 * k + 1]) for k in range(arguments)])
        return z.real - 2 * z.imag if isinstance(z, mpc) else mpf(z)
    is_real = name in ('abs', 'arg', 'norm')
    add('complex', name, ' '.join(['r'] * 2 * arguments), value, rows,
        call=f'({text})' if is_real else f'(get_real({text}) - 2 * get_imag({text}))', vectorised=False, tolerance=tolerance)


Z = S(real(1.5), real(1.5))[:8]
FAR = Z + [(20.0, 2.0), (-15.0, -1.5), (1e-9, -2e-9), (-3.0, 1e-6)]
WIDE = FAR + [(1e155, -3e155), (-2e-155, 3e-155), (0.6, 0.8), (-0.8000001, 0.6), (1e-30, 2.5)]
of_complex('exp', mp.exp, FAR)
of_complex('log', mp.log, WIDE)
of_complex('log10', mp.log10, WIDE)
of_complex('sqrt', mp.sqrt, WIDE + [(1.5e308, 1e308), (-3.0, -1e-20)])
for name in ('sin', 'cos', 'sinh', 'cosh'):
    of_complex(name, getattr(mp, name), FAR)
for name in ('tan', 'tanh'):
    of_complex(name, getattr(mp, name), FAR + [(400.0, 1.0), (1.0, -400.0), (-300.0, 0.25)])
for name in ('asin', 'acos', 'asinh', 'acosh', 'atan', 'atanh'):
    of_complex(name, getattr(mp, name), FAR + [(0.25, 1e-20), (1e160, -1e160), (1.00001, 1e-3), (-1.25, -1e-3), (1e-3, 1.01)],
               tolerance=1e-11)
of_complex('abs', fabs, FAR + [(3e200, 4e200)])
of_complex('arg', mp.arg, FAR)
of_complex('norm', lambda z: z.real ** 2 + z.imag ** 2, FAR)
of_complex('conj', mp.conj, Z, 'conj(Z)')
of_complex('polar', lambda z: z.real * mp.expj(z.imag), Z, None)
groups['complex'][-1].call = '(get_real(polar({0}, {1})) - 2 * get_imag(polar({0}, {1})))'
PAIRS = S(real(1.5), real(1.5), real(1.5), real(1.5))[:8]
of_complex('pow', lambda z, w: mp.exp(w * mp.log(z)), PAIRS, 'pow(Z, Z)', 2)
of_complex('power', lambda z, w: mp.exp(w * mp.log(z)), PAIRS, 'Z ^ Z', 2)
of_complex('multiply', lambda z, w: z * w, PAIRS, 'Z * Z', 2)
of_complex('divide', lambda z, w: z / w, PAIRS + [(1e200, 2e200, 3e200, -1e200), (1.0, 2.0, 1e-150, 3e-150)], 'Z / Z', 2)
of_complex('square', lambda z: z * z, Z, '(Z) ^ 2')

HELPERS = '''functions {
  real weighted(vector x) {
    return dot_product(linspaced_vector(size(x), 0.25, 0.25 * size(x)), x);
  }
  matrix lower_triangle(vector x) {
    matrix[3, 3] L = rep_matrix(0, 3, 3);
    for (j in 1 : 3) {
      L[j, j] = exp(x[3 * (j - 1) + j]);
      for (i in j + 1 : 3) {
        L[i, j] = x[3 * (j - 1) + i];
      }
    }
    return L;
  }
  matrix corr_factor(vector y) {
    matrix[3, 3] L = rep_matrix(0, 3, 3);
    L[1, 1] = 1;
    L[2, 1] = tanh(y[1]);
    L[2, 2] = sqrt(1 - L[2, 1] ^ 2);
    L[3, 1] = tanh(y[2]);
    L[3, 2] = tanh(y[3]) * sqrt(1 - L[3, 1] ^ 2);
    L[3, 3] = sqrt(1 - L[3, 1] ^ 2 - L[3, 2] ^ 2);
    return L;
  }
}
'''


def flatten(a):
    return [mpf(v) for v in a] if isinstance(a, list) else [mpf(a)]


def evaluate(case, row):
    """value and the derivative by every real number in the row"""
    args = [a if k == 'i' else ([mpf(v) for v in a] if isinstance(a, list) else mpf(a)) for a, k in zip(row, case.kinds)]
    value = case.f(*args)
    derivatives = []
    for p, kind in enumerate(case.kinds):
        if kind == 'i':
            continue
        for e in range(len(flatten(row[p]))):
            base = flatten(row[p])[e]
            h = mpf(10) ** -12 * max(1, fabs(base)) if fabs(base) > mpf(10) ** -3 or base == 0 else fabs(base) * mpf(10) ** -12

            def moved(d):
                changed = list(args)
                changed[p] = [v + (d if i == e else 0) for i, v in enumerate(args[p])] if isinstance(args[p], list) else args[p] + d
                return case.f(*changed)
            derivatives.append((8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h))
    return value, derivatives


def text_of(value):
    value = mpf(value.real) if isinstance(value, mpc) else mpf(value)
    return mp.nstr(value, 20)


helpers = {group: HELPERS for group in ('matrices', 'transforms', 'inverses')}
script = 'library_values.py'


def write(group, cases):
    reals, ints, program, together, points = [], [], [], [], 0
    value_rows, derivative_rows = [], []
    jacobian = group in ('transforms', 'inverses')
    for case in cases:
        n = len(case.rows)
        start = {}
        sizes = [1 if k in 'ri' else int(k[1:]) for k in case.kinds]
        for p, kind in enumerate(case.kinds):  # argument by argument, point by point
            start[p] = len(ints) if kind == 'i' else len(reals)
            for row in case.rows:
                if kind == 'i':
                    ints.append(row[p])
                else:
                    reals.extend(row[p] if isinstance(row[p], list) else [row[p]])
        results = [evaluate(case, row) for row in case.rows]
        for i, (value, _) in enumerate(results):
            value_rows.append((f'{case.name}[{i + 1}]', value, case.tolerance))
        offset = 0
        by_argument = []
        for p, kind in enumerate(case.kinds):
            if kind == 'i':
                continue
            for i, (_, ds) in enumerate(results):
                for e in range(sizes[p]):
                    by_argument.append((f'{case.name}[{i + 1}] by argument {p + 1}' + (f'[{e + 1}]' if kind[0] == 'v' else ''),
                                        ds[offset + e], case.tolerance * 10))
            offset += sizes[p]
        derivative_rows += by_argument

        def argument(p):
            s, k = start[p], case.kinds[p]
            if k == 'i':
                return f'n[{s} + i]'
            return f't[{s} + i]' if k == 'r' else f'segment(t, {s} + 1 + {sizes[p]} * (i - 1), {sizes[p]})'

        def whole(p):
            return f'segment({"n" if case.kinds[p] == "i" else "t"}, {start[p] + 1}, {n})'
        density = case.name.endswith(('_lpdf', '_lpmf', '_lcdf', '_lccdf', '_cdf'))
        adds = density or case.name.endswith('_unnorm')

        def apply(arg):
            a = [arg(p) for p in range(len(case.kinds))]
            if case.call:
                return case.call.format(*a)
            if not density:
                return f'{case.name}({", ".join(a)})'
            return f'{case.name}({a[0]} | {", ".join(a[1:])})'
        program.append(f'    for (i in 1 : {n}) {{\n      target += w[{points} + i] * {apply(argument)};\n    }}')
        if case.vectorised:
            together.append(f'    target += {apply(whole)};' if adds else f'    target += sum({apply(whole)});')
        else:
            together.append(program[-1].replace(f'w[{points} + i] * ', ''))
        points += n
    lines = [f'// {group}.stanlite: written by tests/reference/{script}, which explains it. Do not edit.']
    if group in helpers:
        lines.append(helpers[group].rstrip())
    if jacobian:  # _jacobian functions live in transformed parameters, where w cannot reach the Jacobian
        lines += ['data {', '  int R;', '  vector[R] x;', '}', 'parameters {', '  vector[R] e;', '}', 'transformed parameters {',
                  '  vector[R] t = x + e;', f'  vector[{points}] v;']
        lines += [p[2:].replace('\n  ', '\n').replace('target += w[', 'v[').replace('] * ', '] = ', 1) for p in program]
        lines += ['}', 'model {', '  target += sum(v);', '}', '']
    else:
        lines += ['data {', '  int R;', '  vector[R] x;', '  int I;', '  array[I] int n;', '  int vectorised;', '}', 'parameters {',
                  '  vector[R] e;', f'  vector[{points}] u;', '}', 'model {', '  vector[R] t = x + e;', f'  vector[{points}] w = 1 + u;',
                  '  if (!vectorised) {'] + program + ['  } else {'] + together + ['  }', '}', '']
    data = {'R': len(reals), 'x': reals, 'I': len(ints), 'n': ints, 'vectorised': 0}
    if jacobian:
        data = {'R': len(reals), 'x': reals}
    with open(f'{OUT}/{group}.stanlite', 'w') as f:
        f.write('\n'.join(lines))
    with open(f'{OUT}/{group}.json', 'w') as f:
        json.dump(data, f)
        f.write('\n')
    # what log_prob must print: the sum, then by e, then (not for transforms) by u
    total = sum((mpf(v.real) if isinstance(v, mpc) else v) for _, v, _ in value_rows)
    with open(f'{OUT}/{group}.expected', 'w') as f:
        f.write(f'# written by tests/reference/{script}: expected, relative tolerance, what\n')
        f.write(f'{text_of(total)} 1e-11 the sum of all values\n')
        for what, value, tolerance in derivative_rows:
            f.write(f'{text_of(value)} {tolerance:g} {what}\n')
        if not jacobian:
            for what, value, tolerance in value_rows:
                f.write(f'{text_of(value)} {tolerance:g} {what}\n')
    print(group, len(cases), 'functions', points, 'points', len(reals), 'derivatives', flush=True)


def write_chosen(chosen):
    """Those that the command line names, or all."""
    for group, cases in chosen.items():
        if len(sys.argv) == 1 or group in sys.argv[1:]:
            write(group, cases)


if __name__ == '__main__':
    write_chosen(groups)
