functions {
  #include parts.stanfunctions
  real twice(real x) { return 2*x; } // own
}
data { int N;
#include declarations.stan
}
model { target += half(x) + twice(N); }
