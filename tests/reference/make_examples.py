#!/usr/bin/python3
"""Writes examples.json: the exact posteriors of examples/, by quadrature and closed forms in mpmath; ten digits hold."""
import json
import os
from mpmath import mp, mpf, quad, exp, findroot, sqrt, erfinv

mp.dps = 30
HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, '..', '..', 'examples')


def data(name):
    with open(os.path.join(EXAMPLES, name, name + '.json')) as file:
        return json.load(file)


def row(mean, sd, quantile):
    values = {'mean': mean, 'sd': sd, 'q5': quantile(mpf(5) / 100), 'q50': quantile(mpf(1) / 2), 'q95': quantile(mpf(95) / 100)}
    return {key: float(mp.nstr(value, 14)) for key, value in values.items()}


def on_unit_interval(density):
    """Mean, sd and quantiles of a density on [0, 1] that need not be normalised."""
    total = quad(density, [0, 0.5, 1])
    mean = quad(lambda p: p * density(p), [0, 0.5, 1]) / total
    sd = sqrt(quad(lambda p: (p - mean)**2 * density(p), [0, 0.5, 1]) / total)
    return row(mean, sd, lambda u: findroot(lambda q: quad(density, [0, q]) / total - u, mean))


def normal(mean, sd):
    return row(mean, sd, lambda u: mean + sd * sqrt(mpf(2)) * erfinv(2 * u - 1))


def beta_binomial():
    d = data('beta_binomial')
    return {'p': on_unit_interval(lambda p: p**d['r'] * (1 - p)**(d['n'] - d['r']))}


def bernoulli():
    d = data('bernoulli')
    return {'p': on_unit_interval(lambda p: p**(d['heads'] + 1) * (1 - p)**(d['tails'] + 1) * exp(-p**2))}


def normal_known_variance():
    d = data('normal_known_variance')
    y = [mpf(str(value)) for value in d['y']]
    sigma, sigma_0, mu_0 = mpf(d['sigma']), mpf(str(d['sigma_0'])), mpf(d['mu_0'])
    precision = len(y) / sigma**2 + 1 / sigma_0**2
    mean = (sum(y) / sigma**2 + mu_0 / sigma_0**2) / precision
    return {'mu': normal(mean, 1 / sqrt(precision)), 'y_new': normal(mean, sqrt(1 / precision + sigma**2))}


cases = {function.__name__: {'summary': function()} for function in (beta_binomial, bernoulli, normal_known_variance)}
with open(os.path.join(HERE, 'examples.json'), 'w') as file:
    json.dump(cases, file, indent=1)
    file.write('\n')
