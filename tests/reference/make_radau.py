#!/usr/bin/python3
"""Writes runtime/ode_radau_method.h: Radau's collocation method with s stages, in the form in which runtime/ode_radau.c uses it.

The nodes are the roots of d^(s-1)/dx^(s-1) [x^(s-1) (x-1)^s] (Hairer and Wanner 1996, IV.5, equation (5.7)); A is the matrix of the
collocation method on them; eigenvalues and eigenvectors are those of A^-1, found with 60 digits.
"""
from functools import reduce
from mpmath import eig, inverse, matrix, mp, mpf, nstr, polyroots, quad

mp.dps = 60
S = 7


def nodes():
    p = [mpf(0)] * (S - 1) + [mpf(1)]
    for _ in range(S):
        p = [(p[i - 1] if i else 0) - (p[i] if i < len(p) else 0) for i in range(len(p) + 1)]
    for _ in range(S - 1):
        p = [i * a for i, a in enumerate(p)][1:]
    return sorted(r.real for r in polyroots(p[::-1], maxsteps=500, extraprec=400))[:-1] + [mpf(1)]


def product(values):
    return reduce(lambda a, b: a * b, values, mpf(1))


c = nodes()
powers = matrix(S, S)
integrals = matrix(S, S)
for i in range(S):
    for k in range(S):
        powers[i, k], integrals[i, k] = c[i] ** k, c[i] ** (k + 1) / (k + 1)
inverse_a = inverse(integrals * inverse(powers))
values, vectors = eig(inverse_a)
order = sorted(range(S), key=lambda k: abs(values[k].imag))
real = order[0]
pairs = sorted((k for k in order[1:] if values[k].imag > 0), key=lambda k: values[k].imag)
t = matrix(S, S)
for i in range(S):
    t[i, 0] = (vectors[i, real] / vectors[S - 1, real]).real
    for p, k in enumerate(pairs):
        v = vectors[i, k] / vectors[S - 1, k]
        t[i, 1 + 2 * p], t[i, 2 + 2 * p] = v.real, -v.imag
inverse_t = inverse(t)
diagonal = inverse_t * inverse_a * t
for p, k in enumerate(pairs):
    for i, j, wanted in ((1, 1, values[k].real), (1, 2, -values[k].imag), (2, 1, values[k].imag), (2, 2, values[k].real)):
        assert abs(diagonal[2 * p + i, 2 * p + j] - wanted) < mpf(10) ** -40

# Lagrange's polynomials on 0 and the nodes: the factor before the product, and the derivative at 0.
lagrange = [1 / (c[i] * product(c[i] - c[j] for j in range(S) if j != i)) for i in range(S)]
slope = [lagrange[i] * product(-c[j] for j in range(S) if j != i) for i in range(S)]
# The error of the collocation polynomial is the integral of its defect, a multiple of the nodes' polynomial.
defect = lambda x: product(x - node for node in c)
error = max(abs(quad(defect, [0] + c[: j + 1])) for j in range(S)) / abs(defect(mpf(0)))

# The largest of |x (x - c_1) ... (x - c_S)| on [0, 1], near which the interpolation error of a smooth function is largest.
between = max(abs(x * defect(x)) for x in (mpf(i) / 4096 for i in range(4097)))


def row(numbers):
    return "{" + ", ".join(nstr(x, 20) for x in numbers) + "}"


def rows(m):
    return "{" + ",\n".join(row(m[i, j] for j in range(S)) for i in range(S)) + "}"


print(f"""/* ode_radau_method.h: the numbers of the method in ode_radau.c. Written by tests/reference/make_radau.py, which says what they are. */
#ifndef STANLITE_RUNTIME_ODE_RADAU_METHOD_H
#define STANLITE_RUNTIME_ODE_RADAU_METHOD_H

enum {{ STAGES = {S}, PAIRS = {S // 2} }};

static const double nodes[STAGES] = {row(c)};

/* A^-1 T = T Lambda, where Lambda has the real eigenvalue and then for each pair re +- i im the block (re, -im; im, re). */
static const double eigenvalue = {nstr(values[real].real, 20)};
static const double pair_re[PAIRS] = {row(values[k].real for k in pairs)};
static const double pair_im[PAIRS] = {row(values[k].imag for k in pairs)};
static const double t_matrix[STAGES][STAGES] = {rows(t)};
static const double t_inverse[STAGES][STAGES] = {rows(inverse_t)};

/* Lagrange's polynomials on 0 and the nodes: L_i(x) = lagrange[i] x prod (x - c_j), j != i, and their derivatives at 0. */
static const double lagrange[STAGES] = {row(lagrange)};
static const double slope_at_start[STAGES] = {row(slope)};

/* The largest error of the collocation polynomial over h times its defect at 0. */
static const double error_constant = {nstr(error, 20)};

/* The largest of x prod |x - c_j| on [0, 1]. */
static const double largest_between = {nstr(between, 20)};

#endif""")
