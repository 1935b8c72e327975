#!/usr/bin/python3
"""Prints the Taylor coefficients in eta of C_0 ... C_5 in Temme's expansion of the incomplete gamma function.

Temme (1979), "The asymptotic expansion of the incomplete gamma functions", SIAM J. Math. Anal. 10, eq. 1.7 to 1.10;
DLMF 8.12.9 to 8.12.12: with eta^2/2 = lambda - 1 - log(lambda) and the Stirling coefficients of 1/gamma*(a) = sum gamma_k / a^k,
    C_0 = 1/(lambda-1) - 1/eta,    C_k = gamma_k / (lambda-1) + (1/eta) dC_(k-1)/d eta.
"""
from mpmath import mp, mpf

mp.dps = 60
ORDER = 34


def multiply(p, q):
    return [sum(p[i] * q[n - i] for i in range(n + 1)) for n in range(len(p))]


def reciprocal(p):
    out = [1 / p[0]]
    for n in range(1, len(p)):
        out.append(-sum(p[i] * out[n - i] for i in range(1, n + 1)) / p[0])
    return out


def offset_series():
    """mu = lambda - 1 as a series in eta, from mu mu' = eta (1 + mu), mu = eta + eta^2/3 + ..."""
    mu = [mpf(0), mpf(1)]
    for n in range(2, ORDER + 2):
        # coefficient of eta^n in mu mu' - eta mu - eta = 0; mu_n appears with the factor n + 1
        known = sum(mu[i] * (n + 1 - i) * mu[n + 1 - i] for i in range(2, n))
        mu.append((mu[n - 1] - known) / (n + 1))
    return mu


def stirling_coefficients(count):
    """Coefficients of gamma*(a) in 1/a, by exponentiating Stirling's series."""
    log_series = [mpf(0)] * (count + 1)
    for k in range(1, count // 2 + 2):
        if 2 * k - 1 <= count:
            log_series[2 * k - 1] = mp.bernoulli(2 * k) / (2 * k * (2 * k - 1))
    out = [mpf(1)]
    for n in range(1, count + 1):
        out.append(sum(i * log_series[i] * out[n - i] for i in range(1, n + 1)) / n)
    return out


if __name__ == "__main__":
    mu = offset_series()
    inverse = reciprocal(mu[1:])  # eta/mu
    gamma_star = stirling_coefficients(6)
    # 1/(lambda-1) = sum inverse[n] eta^(n-1); C_0 drops its pole
    c = inverse[1:]
    terms = [18, 15, 13, 10, 8, 6]
    for k in range(6):
        print("C_%d:" % k, ", ".join(mp.nstr(v, 20) for v in c[: terms[k]]))
        derivative = [(n + 1) * c[n + 1] for n in range(len(c) - 1)]
        # (C_k' + (-1)^(k+1) g eta/(lambda-1)) / eta, whose numerator vanishes at 0
        g = (-1) ** (k + 1) * gamma_star[k + 1]
        numerator = [derivative[n] + g * inverse[n] for n in range(len(derivative))]
        assert abs(numerator[0]) < mpf(10) ** -45, numerator[0]
        c = numerator[1:]
