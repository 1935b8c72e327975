# rows.awk: data for rows.stanlite: N rows, groups in turn, no random numbers; is_reduced, and rows whose limit is `low`.
BEGIN {
  for (n = 1; n <= N; n++) {
    comma = n < N ? "," : ""
    x1 = sin(n)
    x2 = cos(1.7 * n)
    x = x sprintf("[%.4f,%.4f]%s", x1, x2, comma)
    group = group sprintf("%d%s", 1 + n % 5, comma)
    y = y sprintf("%d%s", sin(n * n) < 0.3 + 0.5 * x1, comma)
    z = z sprintf("%.4f%s", 0.4 * x1 - 0.2 * x2 + sin(3.1 * n), comma)
    limit = limit sprintf("%g%s", n == first_low || n == second_low ? low + (n == second_low) : 1000, comma)
  }
  printf "{\"N\":%d,\"J\":5,\"group\":[%s],\"X\":[%s],\"y\":[%s],\"z\":[%s],\"limit\":[%s],\"is_reduced\":%d}\n", N, group, x, y, z, limit, is_reduced
}
