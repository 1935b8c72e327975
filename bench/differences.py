"""differences.py: the derivative at 0 of a function of one number that is known by its rounded values alone.

On [-h, h] the function is expanded in Chebyshev polynomials: values at the n nodes h cos(pi (j + 1/2) / n) give the coefficients
c_k = 2/n sum_j f_j cos(pi k (j + 1/2) / n), and f'(0) = 1/h sum over odd k of (-1)^((k-1)/2) k c_k (Mason and Handscomb 2003, chapters
2 and 6). The coefficients of a smooth function fall geometrically; those of rounding errors s do not fall, and are about
s sqrt(2/n) each. So the upper half of the coefficients tells what rounding makes of one, e; those above the last one that stands
out of it, d, are left out; and the derivative is known to e/h sqrt(1^2 + 3^2 + ... + d^2 + (d + 2)^2), the last term for what was
left out. That is a fit by least squares: the error falls with the square root of the number of values, and a wide interval, where
rounding counts for less, may have its higher degree. Where n is too small for the interval, the upper half has not fallen, and
the error says so.

`python3 differences.py` tests it on functions whose derivatives are known, with noise of a known size.
"""
import math
import random
import sys

STANDS_OUT = 4.0  # times what rounding makes of a coefficient
FEW, MANY = 16, 128  # values in an interval: where to look, and at most
WIDTHS = [2.0 ** -k for k in range(2, 27, 2)]


def derivative_on(evaluate, width, count):
    """f'(0), and its standard error, from the values that evaluate(list of numbers) gives at `count` nodes of [-width, width]."""
    angles = [math.pi * (j + 0.5) / count for j in range(count)]
    values = evaluate([width * math.cos(angle) for angle in angles])
    if not all(map(math.isfinite, values)):
        return 0.0, math.inf
    middle = math.fsum(values) / count
    apart = [value - middle for value in values]
    coefficients = [2 / count * math.fsum(y * math.cos(k * angle) for y, angle in zip(apart, angles)) for k in range(count)]
    upper = coefficients[count // 2:]
    rounding = math.sqrt(math.fsum(c * c for c in upper) / len(upper))
    rounding = max(rounding, 2.0 ** -53 * max(map(abs, values)) * math.sqrt(2 / count), sys.float_info.min)
    odd = range(1, count // 2, 2)
    degree = max((k for k in odd if abs(coefficients[k]) > STANDS_OUT * rounding), default=1)
    kept = range(1, degree + 1, 2)
    slope = math.fsum((-1) ** (k // 2) * k * coefficients[k] for k in kept) / width
    return slope, rounding / width * math.sqrt(sum(k * k for k in kept) + (degree + 2) ** 2)


def mean(estimates):
    """The mean of (value, error) by the inverse of the variances, and its error."""
    estimates = [(value, error) for value, error in estimates if error < math.inf]
    if not estimates:
        return math.nan, math.inf
    least = min(error for _, error in estimates)
    weights = [(least / error) ** 2 for _, error in estimates]
    total = math.fsum(weights)
    return math.fsum(w * value for w, (value, _) in zip(weights, estimates)) / total, least / math.sqrt(total)


def derivative(evaluate, wanted):
    """f'(0) and its standard error: with more and more values, in intervals about the best so far, until it is known to `wanted`,
    relative, or there are as many as one should ask for."""
    estimates = {(width, FEW): derivative_on(evaluate, width, FEW) for width in WIDTHS}
    count = FEW
    while True:
        value, error = mean(estimates.values())
        if error <= wanted * abs(value) or count == MANY or error == math.inf:
            return value, error
        count *= 2
        best = min(estimates, key=lambda key: estimates[key][1])[0]
        for width in (best, 2 * best):  # more values allow a wider interval
            estimates[width, count] = derivative_on(evaluate, width, count)


def test():
    """Errors of known functions, in units of the error that `derivative` tells: their mean square must be about one."""
    cases = [('exp(x)', math.exp, 1.0, 0.0), ('sin(30 x + 1)', lambda x: math.sin(30 * x + 1), 30 * math.cos(1), 0.0),
             ('tanh(200 x + 1)', lambda x: math.tanh(200 * x + 1), 200 / math.cosh(1) ** 2, 0.0),
             ('log(x + 0.01)', lambda x: math.log(x + 0.01) if x > -0.01 else math.nan, 100.0, 0.0),
             ('7 x - 3', lambda x: 7 * x - 3, 7.0, 0.0), ('x^3 - x^2', lambda x: x ** 3 - x ** 2, 0.0, 0.0),
             ('5e4 + 800 x + noise of 1e-10', lambda x: 5e4 + 800 * x, 800.0, 1e-10),
             ('5e4 + tanh(3000 x + 1) + noise of 1e-10', lambda x: 5e4 + math.tanh(3000 * x + 1), 3000 / math.cosh(1) ** 2, 1e-10),
             ('1e6 exp(x) + noise of 1e-6', lambda x: 1e6 * math.exp(x), 1e6, 1e-6)]
    generator, failed = random.Random(1), 0
    for name, f, truth, noise in cases:
        ratios, errors = [], []
        for _ in range(20):
            value, error = derivative(lambda points: [f(x) + (noise and generator.gauss(0, noise)) for x in points], 1e-10)
            ratios.append((value - truth) / error)
            errors.append(error)
        size, largest = math.sqrt(sum(r * r for r in ratios) / len(ratios)), max(map(abs, ratios))
        fails = not (size < 1.5 and (noise == 0 or size > 0.3) and largest < 5)
        failed += fails
        print(f'{name:42} error {max(errors):8.1e} told, {size:5.2f} times that in the mean square, {largest:5.2f} at most'
              f'{"  FAILS" if fails else ""}')
    return failed


if __name__ == '__main__':
    sys.exit(1 if test() else 0)
