#!/usr/bin/python3
"""Writes more of tests/library, as library_values.py does, which explains how; groups that were added later."""
import random
import library_values as lv
from library_values import S, P, U, add, cdfs, groups, lbeta, log, exp, sqrt, pi, mpf, Phi, lchoose, lgamma, real, count, trials, some_of
from library_values import call, vec, mv, tri, trace, flat, softmax, multi_normal, jacobian_log_det, lkj_constant, lmgamma3
from mpmath import mp, rf, sin, binomial, erfinv, det, expm, eye, inverse, matrix, svd_r
from itertools import product

groups.clear()
lv.script = 'library_values_more.py'
random.seed(20261121)

# ---- distribution functions as sums, and others (group `sums`) ----


def more(name, kinds, f, rows, c=None, parts='lcdf lccdf cdf', **kw):
    """As `cdfs`, in this group."""
    c = c or (lambda *a: 1 - f(*a))
    for part in parts.split():
        g = {'cdf': f, 'lcdf': lambda *a: log(f(*a)), 'lccdf': lambda *a: log(c(*a))}[part]
        add('sums', name + '_' + part, kinds, g, rows, vectorised=part != 'cdf', **kw)


def emg(y, m, s, l):
    z = (y - m) / s
    return Phi(z) - exp(l * s * (l * s / 2 - z)) * Phi(z - l * s)


more('exp_mod_normal', 'r r r r', emg, S(real(3), real(2), P(.3, 4), P(.3, 4)) + [(-8.0, 0.0, 1.0, 1.0), (30.0, 0.0, 1.0, 2.0)],
     tolerance=1e-11)


def beta_binomial(k, M, a, b):
    return binomial(M, k) * exp(lbeta(k + a, M - k + b) - lbeta(a, b))


more('beta_binomial', 'i i r r', lambda n, M, a, b: sum(beta_binomial(k, M, a, b) for k in range(n + 1)),
     [(min(n, M - 1), M, a, b) for n, M, a, b in some_of(S(trials(), P(.1, 20), P(.1, 20)))])


def beta_neg_binomial(n, r, a, b):
    return exp(lbeta(n + r, a + b) - lbeta(r, a)) * rf(b, n) / mp.factorial(n)


add('sums', 'beta_neg_binomial_lpmf', 'i r r r', lambda *a: log(beta_neg_binomial(*a)), S(count(), P(.1, 20), P(.1, 20), P(.1, 20)))
more('beta_neg_binomial', 'i r r r', lambda n, r, a, b: sum(beta_neg_binomial(k, r, a, b) for k in range(n + 1)),
     S(count(), P(.3, 10), P(.3, 5), P(.3, 10)), tolerance=1e-11)
add('sums', 'yule_simon_lpmf', 'i r', lambda n, a: log(a) + lbeta(n, a + 1), [(n + 1, a) for n, a in S(count(), P(.1, 20))])
more('yule_simon', 'i r', lambda n, a: 1 - n * exp(lbeta(n, a + 1)), [(n + 1, a) for n, a in S(count(), P(.1, 20))],
     lambda n, a: n * exp(lbeta(n, a + 1)))
add('sums', 'inv_erfc', 'r', lambda p: erfinv(1 - p), S(U) + [(1e-12,), (1.75,), (1.0,)])
add('sums', 'ldexp', 'r i', lambda x, k: x * mpf(2) ** k, [(1.5, 3), (-2.25, -2)], vectorised=False)
add('sums', 'binary_log_loss', 'i r', lambda y, p: -log(p if y else 1 - p), [(0, .25), (1, .25)])


# ---- first passage times (group `diffusion`) ----
def passage(t, e):
    """Of the time from a distance e to the boundary 1, without drift; both series, the one that converges faster."""
    if t < 2:
        return sum((e + 2 * j) * exp(-(e + 2 * j) ** 2 / (2 * t)) for j in range(-40, 41)) / sqrt(2 * pi * t ** 3)
    return pi * sum(k * exp(-k * k * pi ** 2 * t / 2) * sin(k * pi * e) for k in range(1, 40))


def wiener(y, a, t0, w, v, sv=mpf(0)):
    t, e = y - t0, 1 - w
    spread = 1 + sv ** 2 * t
    return log(passage(t / a ** 2, e)) - 2 * log(a) - log(spread) / 2 + (sv ** 2 * (a * e) ** 2 + 2 * a * v * e - v ** 2 * t) / (2 * spread)


def passages(n, *more_arguments):
    rows = []
    for _ in range(n):
        a, t0 = random.uniform(.3, 4), random.uniform(0, .5)
        w = random.choice([random.random(), 10 ** -random.uniform(1, 6), 1 - 10 ** -random.uniform(1, 5)])
        rows.append((t0 + a * a * 10 ** random.uniform(-1.5, 1.2), a, t0, w, random.gauss(0, 2)) + tuple(s() for s in more_arguments))
    return rows


add('diffusion', 'wiener_lpdf', 'r r r r r', wiener, passages(20))
add('diffusion', 'wiener_lpdf', 'r r r r r r', wiener, passages(20, P(.01, 2)))

def arrives(a, w, v, sw=mpf(0)):
    """The probability to reach the upper boundary, from starts spread over sw."""
    spread = mp.sinh(v * a * sw) / (v * a * sw) if sw else 1
    return (1 - exp(-2 * v * a * w) * spread) / (1 - exp(-2 * v * a))


def later(t, a, w, v):
    """That to reach it after t: the integral of the series for long times."""
    e = 1 - w
    rates = [(k, (v ** 2 + (k * pi / a) ** 2) / 2) for k in range(1, 60)]
    return pi / a ** 2 * exp(a * v * e) * sum(k * sin(k * pi * e) / rate * exp(-rate * t) for k, rate in rates)


LATE = [(t0 + a * a * s, a, t0, w, v) for a, t0, w, v, s in
        [(1.25, .25, .5, 1.5, .125), (.75, .5, .25, -1.0, 1.0), (2.0, 0.0, .75, .5, .25), (1.5, .125, .0625, 2.0, .5), (1.0, .25, .9375, -2.0, 3.0)]]
add('diffusion', 'wiener_lccdf_unnorm', 'r r r r r', lambda y, a, t0, w, v: log(later(y - t0, a, w, v)), LATE)
add('diffusion', 'wiener_lcdf_unnorm', 'r r r r r', lambda y, a, t0, w, v: log(arrives(a, w, v) - later(y - t0, a, w, v)), LATE)
add('diffusion', 'wiener_spread_of_times', 'r r r r r r',
    lambda y, a, t0, w, v, st0: log((later(y - t0 - st0, a, w, v) - later(y - t0, a, w, v)) / st0),
    [row + ((row[0] - row[2]) * .5,) for row in LATE], **call('wiener_lpdf({0} | {1}, {2}, {3}, {4}, 0, 0, {5})'))
eight = '{0}, {1}, {2}, {3}, {4}, 0, {5}, {6}'
add('diffusion', 'wiener_all_that_arrives', 'r r r r r r r', lambda y, a, t0, w, v, sw, st0: log(arrives(a, w, v, sw)),
    [row + (min(row[3], 1 - row[3]), s) for row, s in zip(LATE, (.0625, 4.0, .5, .25, 8.0))],
    **call(f'log_sum_exp(wiener_lcdf_unnorm({eight}), wiener_lccdf_unnorm({eight}))'))

# ---- matrix functions (group `decompositions`) ----
W3 = [mpf(k + 1) / 4 for k in range(12)]


def weighted(M):
    return sum(w * x for w, x in zip(W3, flat(M)))


def of(rows, v):
    columns = len(v) // rows
    return matrix([[v[i + rows * j] for j in range(columns)] for i in range(rows)])


def decompose(name, size, f, text, rows=None, **kw):
    add('decompositions', name, f'v{size}', f, rows or S(vec(size, 1.0)), **call(text, **kw))


def gram_schmidt(M):
    """Q with as many columns as M has, and R with a positive diagonal."""
    m, n = M.rows, M.cols
    Q, R = mp.zeros(m, n), mp.zeros(n, n)
    for j in range(n):
        v = M[:, j]
        for i in range(j):
            R[i, j] = (Q[:, i].T * M[:, j])[0]
            v = v - Q[:, i] * R[i, j]
        R[j, j] = sqrt((v.T * v)[0])
        Q[:, j] = v / R[j, j]
    return Q, R


def pseudo_inverse(M):
    return inverse(M.T * M) * M.T if M.rows >= M.cols else M.T * inverse(M * M.T)


def outer_vectors(M):
    """What does not depend on the signs: u v', u u', v v' of each singular value."""
    U, _, V = svd_r(M)
    total = mpf(0)
    for k in range(min(M.rows, M.cols)):
        total += (k + 1) * (U[1, k] * V[k, 0] + U[0, k] * U[1, k] / 2 + V[k, 0] * V[k, 1] / 4)
    return total


BIG = [([20.0, -3.0, 1.0, 2.0, 15.0, 0.5, 7.0, -1.0, -25.0],), ([1e-9, 0.0, 2e-9, 0.0, 0.0, 1e-10, 0.0, 0.0, 1e-9],)]
decompose('determinant', 9, lambda v: det(mv(3, v)), 'determinant(to_matrix({0}, 3, 3))')
decompose('matrix_exp', 9, lambda v: weighted(expm(mv(3, v))), 'weighted(to_vector(matrix_exp(to_matrix({0}, 3, 3))))')
decompose('matrix_exp_log', 9, lambda v: log(trace(expm(mv(3, v)))), 'log(trace(matrix_exp(to_matrix({0}, 3, 3))))', BIG)
decompose('scale_matrix_exp_multiply', 9, lambda v: weighted(expm(mv(3, v) / 2) * mv(3, v)),
          'weighted(to_vector(scale_matrix_exp_multiply(0.5, to_matrix({0}, 3, 3), to_matrix({0}, 3, 3))))')
decompose('matrix_power', 9, lambda v: weighted(mv(3, v) ** 5), 'weighted(to_vector(matrix_power(to_matrix({0}, 3, 3), 5)))')
for m, n in ((4, 3), (3, 4), (3, 3)):
    A = f'to_matrix({{0}}, {m}, {n})'
    decompose(f'singular_values_{m}_{n}', m * n, lambda v, m=m: sum(w * x for w, x in zip(W3, svd_r(of(m, v), compute_uv=False))),
              f'weighted(singular_values({A}))')
    decompose(f'svd_{m}_{n}', m * n, lambda v, m=m: outer_vectors(of(m, v)), f'svd_products(svd({A}))', tolerance=1e-11)
    decompose(f'generalized_inverse_{m}_{n}', m * n, lambda v, m=m: weighted(pseudo_inverse(of(m, v))),
              f'weighted(to_vector(generalized_inverse({A})))', tolerance=1e-11)
for m, n in ((4, 3), (3, 3)):
    A = f'to_matrix({{0}}, {m}, {n})'
    decompose(f'qr_thin_Q_{m}_{n}', m * n, lambda v, m=m: weighted(gram_schmidt(of(m, v))[0]), f'weighted(to_vector(qr_thin_Q({A})))',
              tolerance=1e-11)
    decompose(f'qr_thin_R_{m}_{n}', m * n, lambda v, m=m: weighted(gram_schmidt(of(m, v))[1]), f'weighted(to_vector(qr_thin_R({A})))',
              tolerance=1e-11)
    # whatever the basis of the complement, Q Q' = I and Q R = A
    decompose(f'qr_{m}_{n}', m * n, lambda v: weighted(of(len(v) // 3, v)), f'weighted(to_vector(qr_Q({A}) * qr_R({A})))')
decompose('mdivide_right_spd', 9, lambda v: weighted(mv(3, v) * inverse(mv(3, v) * mv(3, v).T + eye(3))),
          'weighted(to_vector(mdivide_right_spd(to_matrix({0}, 3, 3), add_diag(tcrossprod(to_matrix({0}, 3, 3)), 1))))')
decompose('csr', 4, lambda v: v[0] * v[2] + 2 * (v[1] * v[3] + v[2] * v[2]),
          'dot_product([1, 2]\', csr_matrix_times_vector(2, 3, {0}[1 : 3], {{1, 2, 1}}, {{1, 2, 4}}, [{0}[3], {0}[4], 0]\'))')
lv.helpers['decompositions'] = '''functions {
  real weighted(vector x) {
    return dot_product(linspaced_vector(size(x), 0.25, 0.25 * size(x)), x);
  }
  real svd_products(tuple(matrix, vector, matrix) all) {
    real total = 0;
    for (k in 1 : size(all.2)) {
      total += k * (all.1[2, k] * all.3[1, k] + all.1[1, k] * all.1[2, k] / 2 + all.3[1, k] * all.3[2, k] / 4);
    }
    return total;
  }
}
'''


# ---- hidden states, and matrices of random variables (group `processes`) ----
def hmm_paths(omega, gamma, rho):
    """(path, probability with the observations) for two states and three observations."""
    O, G, r = of(2, omega), [softmax(gamma[:2]), softmax(gamma[2:])], softmax(rho)
    for path in product((0, 1), repeat=3):
        p = r[path[0]]
        for n in range(3):
            p *= exp(O[path[n], n]) * (G[path[n - 1]][path[n]] if n else 1)
        yield path, p


def hmm(name, f, text):
    arguments = "to_matrix({0}, 2, 3), [softmax({1}[1 : 2])', softmax({1}[3 : 4])'], softmax({2})"
    add('processes', name, 'v6 v4 v2', f, S(vec(6, 2.0), vec(4, 1.0), vec(2, 1.0)), **call(text % arguments, tolerance=1e-11))


def hidden_state(*a):
    paths = list(hmm_paths(*a))
    total = sum(p for _, p in paths)
    return sum(W3[k + 2 * n] * sum(p for path, p in paths if path[n] == k) / total for n in range(3) for k in (0, 1))


hmm('hmm_marginal', lambda *a: log(sum(p for _, p in hmm_paths(*a))), 'hmm_marginal(%s)')
hmm('hmm_hidden_state_prob', hidden_state, 'weighted(to_vector(hmm_hidden_state_prob(%s)))')


def spd2(v):
    B = of(2, v)
    return B * B.T + eye(2)


def dlm(y, F, G, V, W, m0, C0):
    """All observations are normal together: theta[t] = G^t theta[0] + sum of G^(t - s) noise[s]."""
    F, G, m0 = of(2, F), of(2, G), matrix(m0)
    power = [eye(2), G, G * G, G * G * G]
    mean, cov = mp.zeros(6, 1), mp.zeros(6, 6)
    for t in (1, 2, 3):
        m = F.T * power[t] * m0
        for s in (1, 2, 3):
            C = power[t] * C0 * power[s].T
            for k in range(1, min(s, t) + 1):
                C += power[t - k] * W * power[s - k].T
            C = F.T * C * F + (V if s == t else mp.zeros(2, 2))
            for i in (0, 1):
                mean[2 * t - 2 + i] = m[i]
                for j in (0, 1):
                    cov[2 * t - 2 + i, 2 * s - 2 + j] = C[i, j]
    return multi_normal(y, mean, cov)


SPD2 = 'add_diag(tcrossprod(to_matrix({%d}, 2, 2)), 1)'
six = (vec(6), vec(4, 1.0), vec(4, .7), vec(4, 1.0), vec(4, 1.0), vec(2), vec(4, 1.0))
add('processes', 'gaussian_dlm_obs_lpdf', 'v6 v4 v4 v4 v4 v2 v4', lambda y, F, G, V, W, m, C: dlm(y, F, G, spd2(V), spd2(W), m, spd2(C)),
    S(*six), **call('gaussian_dlm_obs_lpdf(to_matrix({0}, 2, 3) | to_matrix({1}, 2, 2), to_matrix({2}, 2, 2), '
                    + f'{SPD2 % 3}, {SPD2 % 4}, {{5}}, {SPD2 % 6})', tolerance=1e-11))
add('processes', 'gaussian_dlm_obs_diagonal', 'v6 v4 v4 v2 v4 v2 v4',
    lambda y, F, G, V, W, m, C: dlm(y, F, G, mp.diag([exp(x) for x in V]), spd2(W), m, spd2(C)),
    S(vec(6), vec(4, 1.0), vec(4, .7), vec(2), vec(4, 1.0), vec(2), vec(4, 1.0)),
    **call('gaussian_dlm_obs_lpdf(to_matrix({0}, 2, 3) | to_matrix({1}, 2, 2), to_matrix({2}, 2, 2), '
           + f'exp({{3}}), {SPD2 % 4}, {{5}}, {SPD2 % 6})', tolerance=1e-11))
gp_rows = lambda y, S_, w: sum(multi_normal([y[k], y[k + 2], y[k + 4]], [0, 0, 0], S_ / exp(w[k])) for k in (0, 1))
B3 = 'add_diag(tcrossprod(to_matrix({1}, 3, 3)), 1)'
add('processes', 'multi_gp_lpdf', 'v6 v9 v2', lambda y, b, w: gp_rows(y, mv(3, b) * mv(3, b).T + eye(3), w),
    S(vec(6), vec(9, 1.0), vec(2, 1.0)), **call(f'multi_gp_lpdf(to_matrix({{0}}, 2, 3) | {B3}, exp({{2}}))', tolerance=1e-11))
add('processes', 'multi_gp_cholesky_lpdf', 'v6 v9 v2', lambda y, b, w: gp_rows(y, tri(b) * tri(b).T, w),
    S(vec(6), vec(9, 1.0), vec(2, 1.0)),
    **call('multi_gp_cholesky_lpdf(to_matrix({0}, 2, 3) | lower_triangle({1}), exp({2}))', tolerance=1e-11))


def below(L):
    return [L[0, 0], L[1, 0], L[1, 1], L[2, 0], L[2, 1], L[2, 2]]


def factor_jacobian(L):
    def square(v):
        T = matrix([[v[0], 0, 0], [v[1], v[2], 0], [v[3], v[4], v[5]]])
        return below(T * T.T)
    return jacobian_log_det(square, below(L))


def wishart(W, nu, S_):
    return (nu - 4) / 2 * log(det(W)) - trace(inverse(S_) * W) / 2 - nu / 2 * log(det(S_)) - nu * 3 / 2 * log(2) - lmgamma3(nu / 2)


def inv_wishart(W, nu, S_):
    return -(nu + 4) / 2 * log(det(W)) - trace(inverse(W) * S_) / 2 + nu / 2 * log(det(S_)) - nu * 3 / 2 * log(2) - lmgamma3(nu / 2)


for name, f in (('wishart_cholesky', wishart), ('inv_wishart_cholesky', inv_wishart)):
    add('processes', name + '_lpdf', 'v9 r v9',
        lambda c, nu, l, f=f: f(tri(c) * tri(c).T, nu, tri(l) * tri(l).T) + factor_jacobian(tri(c)),
        S(vec(9, .7), P(3, 50), vec(9, .7))[:4], **call(f'{name}_lpdf(lower_triangle({{0}}) | {{1}}, lower_triangle({{2}}))', tolerance=1e-11))


def lkj_cov(b, mu, sigma, eta):
    M = mv(3, b) * mv(3, b).T + eye(3)
    s = [sqrt(M[i, i]) for i in range(3)]
    C = matrix([[M[i, j] / (s[i] * s[j]) for j in range(3)] for i in range(3)])
    return (sum(lv.normal(log(s[i]), mu[i], exp(sigma[i])) - log(s[i]) for i in range(3)) + (eta - 1) * log(det(C)) + lkj_constant(eta, 3))


add('processes', 'lkj_cov_lpdf', 'v9 v3 v3 r', lkj_cov, S(vec(9, 1.0), vec(3), vec(3, .5), P(.3, 5)),
    **call('lkj_cov_lpdf(add_diag(tcrossprod(to_matrix({0}, 3, 3)), 1) | {1}, exp({2}), {3})', tolerance=1e-11))
lv.helpers['processes'] = lv.HELPERS

if __name__ == '__main__':
    lv.write_chosen(groups)
