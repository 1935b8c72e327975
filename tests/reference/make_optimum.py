#!/usr/bin/python3
"""Prints the maximum likelihood estimates and standard errors that tests/system/optimize.sh expects of its logistic regression.

scipy's Newton method in double precision, with the exact gradient and Hessian of the log likelihood; the standard errors are
the square roots of the diagonal of the inverse negative Hessian.
"""
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

x = np.array([-2.1, -1.4, -0.9, -0.3, 0.0, 0.4, 0.8, 1.5, 1.9, 2.6])
w = np.array([100.0, 340.0, 220.0, 180.0, 290.0, 410.0, 130.0, 250.0, 370.0, 200.0])
y = np.array([0, 0, 1, 0, 0, 1, 0, 1, 1, 1])
design = np.column_stack([np.ones(10), x, w])


def value(b):
    eta = design @ b
    return -np.sum(y * eta - np.logaddexp(0, eta))


def gradient(b):
    return -design.T @ (y - expit(design @ b))


def hessian(b):
    p = expit(design @ b)
    return design.T @ (design * (p * (1 - p))[:, None])


fit = minimize(value, np.zeros(3), jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-13})
b = fit.x
for _ in range(5):
    b = b - np.linalg.solve(hessian(b), gradient(b))
errors = np.sqrt(np.diag(np.linalg.inv(hessian(b))))
print("log likelihood", repr(-value(b)))
for name, estimate, error in zip(("b.1", "b.2", "b.3"), b, errors):
    print(name, repr(float(estimate)), repr(float(error)))
