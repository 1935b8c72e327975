#!/usr/bin/python3
"""Prints the polynomial coefficients in runtime/special_gamma.c and runtime/special_normal.c.

Each is the interpolant through the Chebyshev nodes (within a factor of about two of minimax), found with 60 digits.
"""
from mpmath import mp, mpf, cos, pi, loggamma, erfc, exp, matrix, lu_solve, bernoulli, euler

mp.dps = 60


def chebyshev_fit(function, low, high, degree):
    """Monomial coefficients in x, lowest first."""
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * j + 1) / (2 * degree + 2)) for j in range(degree + 1)]
    system = matrix(degree + 1, degree + 1)
    right = matrix(degree + 1, 1)
    for i, node in enumerate(nodes):
        right[i] = function(node)
        for j in range(degree + 1):
            system[i, j] = node**j
    return list(lu_solve(system, right))


def worst(function, coefficients, low, high):
    points = [low + (high - low) * mpf(i) / 997 for i in range(998)]
    return max(abs(mp.polyval(coefficients[::-1], x) / function(x) - 1) for x in points)


def show(title, coefficients):
    print(title)
    for c in coefficients:
        print("  " + mp.nstr(c, 22) + ",")


def lgamma_quotient(d):
    return 1 - euler if abs(d) < mpf(10) ** -30 else loggamma(2 + d) / d


K = mpf("3.75")


def scaled_erfc(u):
    """(1+2t) exp(t^2) erfc(t), u = (t-K)/(t+K)"""
    if u == 1:
        return 2 / mp.sqrt(pi)
    t = K * (1 + u) / (1 - u)
    return (1 + 2 * t) * exp(t * t) * erfc(t)


def sine_quotient(s):
    return mp.sin(pi * mp.sqrt(s)) / mp.sqrt(s)


def cosine(s):
    return cos(pi * mp.sqrt(s))


if __name__ == "__main__":
    half = mpf(1) / 2
    c = chebyshev_fit(lgamma_quotient, -half, half, 17)
    show("lgamma(2+d)/d, relative error " + mp.nstr(worst(lgamma_quotient, c, -half, half), 3), c)
    c = chebyshev_fit(scaled_erfc, mpf(-1), mpf(1), 24)
    show("(1+2t) erfcx(t) in u, relative error " + mp.nstr(worst(scaled_erfc, c, mpf(-1), 1 - mpf(10) ** -6), 3), c)
    for name, function in (("sin(pi r)/r", sine_quotient), ("cos(pi r)", cosine)):
        c = chebyshev_fit(function, mpf(0), half * half, 8)
        error = max(abs(mp.polyval(c[::-1], mpf(i) / 4000) - function(mpf(i) / 4000)) for i in range(1, 1001))
        show(name + " in r^2 up to 1/4, absolute error " + mp.nstr(error, 3), c)
    show("lgamma: B_2k/(2k(2k-1))", [bernoulli(2 * k) / (2 * k * (2 * k - 1)) for k in range(1, 11)])
    show("digamma: B_2k/(2k)", [bernoulli(2 * k) / (2 * k) for k in range(1, 12)])
    show("trigamma: B_2k", [bernoulli(2 * k) for k in range(1, 14)])
    show("tetragamma: B_2k (2k+1)", [bernoulli(2 * k) * (2 * k + 1) for k in range(1, 15)])
