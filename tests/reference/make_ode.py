#!/usr/bin/env python3
"""Writes tests/functions/lotka.json, a point of lotka.stanlite, and lotka.expected: log density and gradient there.

The states and their sensitivities are solved for together by mpmath's Taylor series to 30 digits; all 15 digits hold.
"""
import json
import os
from mpmath import mp, mpf, odefun

mp.dps = 30
Z0, THETA, T0, T = [1.2, 0.7], [0.9, 0.6, 1.1, 0.5], 0.25, [1.0, 2.5, 6.0]
z0, theta, t0, times = [mpf(x) for x in Z0], [mpf(x) for x in THETA], mpf(T0), [mpf(x) for x in T]


def slope(z):
    return [(theta[0] - theta[1] * z[1]) * z[0], (-theta[2] + theta[3] * z[0]) * z[1]]


def coupled(_, w):
    """States, then the sensitivities by z0 and theta, column by column: S' = J S + df/dp."""
    u, v = w[0], w[1]
    jacobian = [[theta[0] - theta[1] * v, -theta[1] * u], [theta[3] * v, -theta[2] + theta[3] * u]]
    by_theta = [[u, 0], [-u * v, 0], [0, -v], [0, u * v]]
    out = slope(w)
    for c in range(6):
        s = w[2 + 2 * c : 4 + 2 * c]
        for i in range(2):
            out.append(sum(jacobian[i][j] * s[j] for j in range(2)) + (by_theta[c - 2][i] if c >= 2 else 0))
    return out


start = z0 + [mpf(x) for x in (1, 0, 0, 1)] + [mpf(0)] * 8
solution = odefun(coupled, t0, start, tol=mpf(10) ** -24)
value, gradient = mpf(0), [mpf(0)] * 10  # z0, theta, t0, t
for k, time in enumerate(times):
    w = solution(time)
    u, v = w[0], w[1]
    value += (k + 1) * u - v / 2 + u * v / 10
    by_state = [(k + 1) + v / 10, -mpf(1) / 2 + u / 10]
    for c in range(6):
        gradient[c] += sum(by_state[i] * w[2 + 2 * c + i] for i in range(2))
    gradient[7 + k] += sum(a * b for a, b in zip(by_state, slope(w)))
    for c in range(2):
        gradient[6] -= sum(by_state[i] * w[2 + 2 * c + i] for i in range(2)) * slope(z0)[c]

folder = os.path.join(os.path.dirname(__file__), "..", "functions")
with open(os.path.join(folder, "lotka.json"), "w") as out:
    json.dump({"params_r": Z0 + THETA + [T0] + T}, out)
    out.write("\n")
with open(os.path.join(folder, "lotka.expected"), "w") as out:
    for x in [value] + gradient:
        print(repr(float(x)), file=out)
