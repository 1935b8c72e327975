// header comment
/* block
   comment */
functions { // the functions
  # old comment
  real f(real x,
         data real y) { // body
    return x+y; // sum
  }


  // before g
  void g(vector v) { print("a, b", v); }
}
data { int N; // the number
  int K; int y[N]; // outcome

  vector[N] x, z; matrix[N,K] a_rather_long_name[10], another_rather_long_name[20]; }
parameters { real a; /* inline */ real b; }
model {
  for (i in 1:N) { // each row
    y[i] ~ poisson_log(a + b * x[i] + some_function_name(x[i], z[i], a, b) * another_function(x[i]) - 3.0);
  } // end of loop
  if (a > b) target += 1; else if (a < b) { target += 2; } // hm
  else
    // nothing
    target += 3;
  y ~ normal(a, // location
             b); // scale
  while (a<b) { }
  if (a > 0) { a ~ normal(0, 1); } else // otherwise
  {
    target += f(a

                // the first
                + b,

                // the second
                b);
  }
  {
    real local;
  }
  a ~ normal(0,1) T[0,]; b ~ normal(0,1) T[,5]; a ~ normal(0,1) T[0,1];
  increment_log_prob(a);
  // the end
}
generated quantities {
}
// after everything
