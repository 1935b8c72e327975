# programs.awk: a Stan program of about `lines` lines in one of several shapes, for bench/compile.
#
#   awk -v shape=scalars -v lines=1000 -f bench/programs.awk
#
# Each shape makes one thing large: what a person, or a program that writes programs, makes large.
BEGIN {
  n = lines + 0
  if (shape == "scalars") scalars()
  else if (shape == "functions") functions()
  else if (shape == "control") control()
  else if (shape == "straight") straight()
  else if (shape == "literal") literal()
  else if (shape == "densities") densities()
  else if (shape == "sum") sum()
  else if (shape == "generated") generated()
  else {
    print "no such shape: " shape > "/dev/stderr"
    exit 64
  }
}

# Scalar parameters, half of them constrained, each with a prior and in a statement of its own.
function scalars(i, k) {
  k = int(n / 3)
  print "data { int<lower=0> N; vector[N] y; }\nparameters {"
  for (i = 1; i <= k; i++) print i % 2 ? "  real b" i ";" : "  real<lower=0> b" i ";"
  print "}\nmodel {\n  real m = 0;"
  for (i = 1; i <= k; i++) print i % 2 ? "  b" i " ~ normal(0, 2);" : "  b" i " ~ exponential(1);"
  for (i = 1; i <= k; i++) print "  m += 0.5 * b" i ";"
  print "  y ~ normal(m, 1);\n}"
}

# Functions of five lines, each of which calls the one before it twice removed, and is called once.
function functions(i, k) {
  k = int(n / 6)
  print "functions {"
  for (i = 1; i <= k; i++) {
    print "  real f" i "(real x, vector v) {\n    real total = 0;"
    print "    for (j in 1:size(v)) total += v[j] * x / " i ";"
    print "    if (total > 100) return 100;\n    return total;\n  }"
  }
  print "}\ndata { int<lower=0> N; vector[N] v; }\nparameters { real x; }\nmodel {\n  x ~ normal(0, 1);"
  for (i = 1; i <= k; i++) print "  target += -square(f" i "(x, v));"
  print "}"
}

# Loops and branches, four deep, one after the other.
function control(i, k) {
  k = int(n / 11)
  print "data { int<lower=0> N; array[N] real y; array[N] int<lower=1, upper=N> g; }\nparameters { vector[N] a; real b; }\nmodel {"
  for (i = 1; i <= k; i++) {
    print "  for (n in 1:N) {\n    if (y[n] > " i ") {\n      for (m in 1:n) {"
    print "        real z = y[m] - a[g[m]];\n        if (z > b) target += -0.5 * square(z);"
    print "        else target += -abs(z) * " i ";\n      }\n    } else {"
    print "      target += -0.5 * square(a[n] - b);\n    }\n  }"
  }
  print "}"
}

# Transformed parameters, each from the ones before it.
function straight(i) {
  print "parameters { vector[3] u; }\ntransformed parameters {\n  real t1 = u[1];\n  real t2 = u[2];"
  for (i = 3; i <= n - 5; i++) print "  real t" i " = 0.5 * t" i - 1 " + sin(t" i - 2 ") - u[" i % 3 + 1 "];"
  print "}\nmodel {\n  u ~ normal(0, 1);\n  target += -square(t" n - 5 ");\n}"
}

# An array literal, ten numbers a line.
function literal(i, j, row) {
  print "transformed data {\n  array[" (n - 8) * 10 "] real y = {"
  for (i = 1; i <= n - 8; i++) {
    row = "   "
    for (j = 0; j < 10; j++) row = row " " (i * 7 + j * 13) % 101 / 10 (i == n - 8 && j == 9 ? "" : ",")
    print row
  }
  print "  };\n}\nparameters { real m; real<lower=0> s; }\nmodel {\n  y ~ normal(m, s);\n}"
}

# Vectorised densities of several families.
function densities(i) {
  print "data { int<lower=0> N; vector[N] y; array[N] int<lower=0> c; array[N] int<lower=0, upper=1> z; matrix[N, 3] x; }"
  print "parameters { real a; vector[3] b; real<lower=0> s; }\nmodel {"
  for (i = 1; i <= n - 4; i++) {
    if (i % 5 == 0) print "  y ~ normal(a + x * b, s);"
    if (i % 5 == 1) print "  c ~ poisson_log(a + x * b);"
    if (i % 5 == 2) print "  z ~ bernoulli_logit(" i " * a + x[, 1]);"
    if (i % 5 == 3) print "  b ~ student_t(4, a, s);"
    if (i % 5 == 4) print "  y ~ cauchy(a * " i ", s);"
  }
  print "}"
}

# One sum, a summand a line.
function sum(i) {
  print "parameters { vector[10] b; }\nmodel {\n  b ~ normal(0, 1);\n  target += -square(b[1]"
  for (i = 1; i <= n - 5; i++) print "    + 0.5 * b[" i % 10 + 1 "]"
  print "  );\n}"
}

# Generated quantities: draws and functions of parameters.
function generated(i) {
  print "parameters { real m; real<lower=0> s; }\nmodel { m ~ normal(0, 1); s ~ exponential(1); }\ngenerated quantities {"
  for (i = 1; i <= n - 4; i++) print i % 2 ? "  real q" i " = normal_rng(m, s);" : "  real q" i " = exp(m) + " i " * q" i - 1 ";"
  print "}"
}
