#!/usr/bin/python3
"""Prints the maximum likelihood estimates and standard errors of examples/tutoring/tutoring_likelihood.stanlite.

The likelihood is Laplace's approximation to the integral over each site's effect, evaluated with 40 digits; Newton's method by
central differences finds its maximum, and the standard errors come from the inverse negative Hessian there.
"""
import json
import os
from mpmath import exp, inverse, log, lu_solve, matrix, mp, mpf, nstr, sqrt

mp.dps = 40
here = os.path.dirname(os.path.abspath(__file__))
data = json.load(open(os.path.join(here, "../../examples/tutoring/tutoring.json")))


def log_lik_site(b, site):
    rows = [n for n in range(data["N"]) if data["site"][n] == site]
    eta = [b[0] + b[1] * data["method"][n] for n in rows]
    z = mpf(0)
    while True:
        p = [1 / (1 + exp(-(e + b[2] * z))) for e in eta]
        slope = b[2] * sum(data["passed"][n] - q for n, q in zip(rows, p)) - z
        curvature = 1 + b[2] ** 2 * sum(q * (1 - q) for q in p)
        if abs(slope) < mpf(10) ** -35:
            break
        z += slope / curvature
    terms = [data["passed"][n] * (e + b[2] * z) - log(1 + exp(e + b[2] * z)) for n, e in zip(rows, eta)]
    return sum(terms) - z * z / 2 - log(curvature) / 2


def log_lik(b):
    return sum(log_lik_site(b, site) for site in range(1, data["J"] + 1))


def moved(b, i, by):
    return [v + by if k == i else v for k, v in enumerate(b)]


def gradient(b, h=mpf(10) ** -9):
    return [(log_lik(moved(b, i, h)) - log_lik(moved(b, i, -h))) / (2 * h) for i in range(3)]


def hessian(b, h=mpf(10) ** -8):
    rows = [[(u - v) / (2 * h) for u, v in zip(gradient(moved(b, i, h)), gradient(moved(b, i, -h)))] for i in range(3)]
    return matrix(rows)


b = [mpf(1), mpf(-3), mpf(3)]
for _ in range(8):
    step = lu_solve(hessian(b), matrix([-g for g in gradient(b)]))
    b = [v + s for v, s in zip(b, step)]
covariance = inverse(-hessian(b))
print("log likelihood", nstr(log_lik(b), 12))
for i, name in enumerate(("beta_0", "beta_method", "sigma_site")):
    print(name, nstr(b[i], 12), nstr(sqrt(covariance[i, i]), 12))
