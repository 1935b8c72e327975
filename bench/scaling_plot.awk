# scaling_plot.awk: the table of bench/scaling as an SVG: microseconds by rows, and memory over the size of the data by rows; both axes of the
# first and the horizontal one of the second are logarithmic.
function text(x, y, anchor, words) {
  printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, words
}
function stroke(colour, dashes) {
  return "stroke=\"" colour "\"" (dashes ? " stroke-width=\"1.5\" stroke-dasharray=\"" dashes "\"" : "")
}
function line(x1, y1, x2, y2, colour, dashes) {
  printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, stroke(colour, dashes)
}
function log10(x) { return log(x) / log(10) }
function across(panel, rows) { return left[panel] + (log10(rows) - 3) / (most - 3) * width }
function up(panel, value) {
  return bottom - (panel == 1 ? (log10(value) - low) / (high - low) : value / highest) * height
}
# Points of a series of a panel, joined, and its name in the first panel.
function series(panel, name, colour, dashes,    i, points, last_x, last_y, value) {
  points = ""
  for (i = 1; i <= count; i++) {
    value = panel == 1 ? (name ~ /^Stan/ ? stan[i] : gradient[i]) : times[i]
    if (program[i] != (name ~ /^Stan/ ? substr(name, 7) : name) || value == "-" || (panel == 2 && rows[i] < 1e5)) continue
    last_x = across(panel, rows[i])
    last_y = up(panel, value)
    points = points sprintf(" %.1f,%.1f", last_x, last_y)
    printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>\n", last_x, last_y, colour
  }
  if (points == "") return
  printf "<polyline points=\"%s\" fill=\"none\" %s/>\n", substr(points, 2), stroke(colour, dashes)
  if (panel == 2) return
  names++
  line(left[1] + 12, 48 + 16 * names, left[1] + 36, 48 + 16 * names, colour, dashes)
  text(left[1] + 42, 52 + 16 * names, "start", name)
}
function ten(k) { return "10<tspan dy=\"-5\" font-size=\"9\">" k "</tspan>" }
BEGIN {
  FS = "\t"
  left[1] = 70; left[2] = 510; width = 360; height = 320; bottom = 370
  low = -1; high = 6; highest = 4; most = 7
}
/^#/ || $1 == "program" { next }
{ count++; program[count] = $1; rows[count] = $2; gradient[count] = $4; times[count] = $7; stan[count] = $8 }
END {
  print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 420\" font-family=\"sans-serif\" font-size=\"12\">"
  print "<rect width=\"900\" height=\"420\" fill=\"white\"/>"
  for (panel = 1; panel <= 2; panel++) {
    for (k = 3; k <= most; k++) {
      line(across(panel, 10 ^ k), bottom, across(panel, 10 ^ k), bottom - height, "#dddddd")
      text(across(panel, 10 ^ k), bottom + 20, "middle", ten(k))
    }
    text(left[panel] + width / 2, bottom + 40, "middle", "rows")
  }
  for (k = low; k <= high; k++) {
    line(left[1], up(1, 10 ^ k), left[1] + width, up(1, 10 ^ k), "#dddddd")
    text(left[1] - 8, up(1, 10 ^ k) + 4, "end", ten(k))
  }
  for (k = 0; k <= highest; k++) {
    line(left[2], up(2, k), left[2] + width, up(2, k), k == 3 ? "#cc0000" : "#dddddd")
    text(left[2] - 8, up(2, k) + 4, "end", k)
  }
  text(left[1], 30, "start", "microseconds: a gradient; for Stan a leapfrog step")
  text(left[2], 30, "start", "the sampler's memory over the size of the data")
  split("wells|wells without collapse|radon|radon without collapse|Stan, wells|Stan, radon", name, "|")
  split("#1f5fa8|#7fb0e0|#b5541c|#e8ab84|#1f5fa8|#b5541c", colour, "|")
  for (panel = 1; panel <= 2; panel++)
    for (i = 1; i <= (panel == 1 ? 6 : 4); i++) series(panel, name[i], colour[i], i > 4 ? "5 3" : "none")
  print "</svg>"
}
