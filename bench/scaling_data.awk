# scaling_data.awk: data for the programs of bench/scaling_programs, N rows, in the precision in which such data come.
# Use: awk -v program=wells|radon -v N=1000 -f scaling_data.awk
function column(name, kind,    n, x) {
  printf ",\n\"%s\": [", name
  for (n = 0; n < N; n++) {
    if (n) printf ","
    if (kind == "yes or no") printf "%d", rand() < 0.57
    else if (kind == "metres") printf "%.3f", -0.5 * log(1 - rand())             # hundreds of
    else if (kind == "micrograms") printf "%.2f", 0.5 - 1.1 * log(1 - rand())
    else if (kind == "years") printf "%.2f", int(18 * rand()) / 4                # four of
    else if (kind == "county") { x = rand(); printf "%d", 1 + int(J * x * x) }   # of different size
    else printf "%.12g", log(int(10 * exp(1.3 + 0.8 * normal()) + 1) / 10)       # picocuries, to 0.1
  }
  printf "]"
}
function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }
BEGIN {
  srand(1)
  J = 85
  printf "{\"N\": %d", N
  if (program == "wells") {
    column("switched", "yes or no")
    column("dist", "metres")
    column("arsenic", "micrograms")
    column("educ", "years")
  } else {
    printf ", \"J\": %d", J
    column("county", "county")
    column("basement", "yes or no")
    column("log_radon", "radon")
  }
  print "}"
}
