#!/usr/bin/python3
"""Writes triangle.h: a matrix of data whose columns have means far from zero, one of them nearly a combination of others, and
the triangle R of its QR decomposition with a positive diagonal (mpmath, 60 digits).

The columns: 1, a year, the year's square over 1000, that plus a small wave, an outcome near a line in the year."""
from mpmath import mp, mpf, matrix, qr

mp.dps = 60
ROWS = 40


def row(n):
    year = 1960 + 1.5 * n + (n * n % 7) / 8
    square = year * year / 1000
    return [1.0, year, square, square + (n * 5 % 11) / 2, 3.25 * year - 4000 + (n * 3 % 13) / 4]


data = [row(n) for n in range(ROWS)]
_, r = qr(matrix([[mpf(x) for x in line] for line in data]), mode='skinny')
width = len(data[0])
print('/* triangle.h: written by make_triangle.py (mpmath, 60 digits). Do not edit. */')
print(f'enum {{ TRIANGLE_ROWS = {ROWS}, TRIANGLE_WIDTH = {width} }};')
print('static const double triangle_data[TRIANGLE_ROWS][TRIANGLE_WIDTH] = {')
for line in data:
    print('    {' + ', '.join(x.hex() for x in line) + '},')
print('};\nstatic const double triangle_expected[TRIANGLE_WIDTH][TRIANGLE_WIDTH] = {')
for i in range(width):
    sign = 1 if r[i, i] > 0 else -1
    print('    {' + ', '.join('0' if j < i else mp.nstr(sign * r[i, j], 20) for j in range(width)) + '},')
print('};')
