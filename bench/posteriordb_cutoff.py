"""posteriordb_cutoff.py: what Stan's bernoulli_logit leaves out, for the two programs of posteriordb where it can be seen.

With s = 2 y - 1 and t = s eta the log probability is -log(1 + exp(-t)) and its derivative by eta s / (1 + exp(t)). Beyond |t| = 20
CmdStan 2.33 takes shorter forms (stan/math/prim/prob/bernoulli_logit_lpmf.hpp): the derivative is -exp(-t) for t > 20, which has
the wrong sign for y = 1, and s for t < -20. Each is wrong by up to 4e-9, which the sum over ten thousand answers makes visible.
`correction` is the exact derivative less Stan's, carried over to the parameters; after it the gradients agree to twelve digits.
"""
import math

CUTOFF = 20.0


def missing(y, eta):
    """The derivative by eta of bernoulli_logit(y | eta), less what Stan takes for it."""
    sign = 2 * y - 1
    t = sign * eta
    if abs(t) <= CUTOFF:
        return 0.0
    small = math.exp(-abs(t))
    exact = sign / (1.0 + small) * (small if t > 0 else 1.0)
    return exact + small if t > 0 else exact - sign


def latent_regression(data, point):
    """2pl_latent_reg_irt: eta = alpha[i] theta[j] - beta[i], the last beta minus the sum of the others; parameters log alpha,
    beta, theta, lambda."""
    items, persons = data['I'], data['J']
    alpha = [math.exp(x) for x in point[:items]]
    beta = point[items:2 * items - 1]
    beta = beta + [-sum(beta)]
    first_theta = 2 * items - 1
    theta = point[first_theta:first_theta + persons]
    result = [0.0] * len(point)
    for i, j, y in zip(data['ii'], data['jj'], data['y']):
        i, j = i - 1, j - 1
        slope = missing(y, alpha[i] * theta[j] - beta[i])
        if slope:
            result[i] += slope * alpha[i] * theta[j]
            result[first_theta + j] += slope * alpha[i]
            if i < items - 1:
                result[items + i] -= slope
            else:
                for k in range(items, 2 * items - 1):
                    result[k] += slope
    return result


def hierarchical(data, point):
    """hier_2pl: eta = exp(xi1[i]) (theta[j] - xi2[i]); parameters theta, xi1, xi2, and more."""
    items, persons = data['I'], data['J']
    first_xi2 = persons + items
    result = [0.0] * len(point)
    for i, j, y in zip(data['ii'], data['jj'], data['y']):
        i, j = i - 1, j - 1
        alpha = math.exp(point[persons + i])
        eta = alpha * (point[j] - point[first_xi2 + i])
        slope = missing(y, eta)
        if slope:
            result[persons + i] += slope * eta
            result[first_xi2 + i] -= slope * alpha
            result[j] += slope * alpha
    return result


PROGRAMS = {'2pl_latent_reg_irt': latent_regression, 'hier_2pl': hierarchical}


def correction(model, data, point):
    """What to add to Stan's gradient, or None where the program is none of these."""
    return PROGRAMS[model](data, point) if model in PROGRAMS else None
