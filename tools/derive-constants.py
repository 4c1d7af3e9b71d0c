#!/usr/bin/python3
"""Recomputes every constant of the exponential (src/xnnx/exp-constants.h is the committed result) with mpmath.

exp(x) = 2^(k/N) * p(t),  k = round(N * x * log2 e),  t = x - k/N * ln 2  (Cody and Waite: ln 2 as a float plus a float
correction), with N = 1 and p of degree 6, or with N = 8 or 16, p of degree 3 and a table of N floats.

The table has 2^(k/N) / (1 + c0) instead of 2^(k/N), and p(0) = 1 + c0 makes good for it. c0 is searched for: of N numbers
that are all multiplied by the same factor each rounds differently, and with a few million factors to choose from there are
some with which all N happen to be near floats (Gal's accurate tables, with one parameter for all entries).

Without a table p(0) = 1 and the derivative p'(0) = 1, which the kernels use. The other coefficients minimise the largest
relative error over |t| <= half_width, up to a constant factor s near 1, because softmax divides by a sum of the same
polynomial, where s cancels. They are rounded to floats one by one from the lowest degree up, each time solving again
for the rest, so that the later ones make good for the rounding of the earlier ones. The minimum is a linear program:
the smallest L such that, for some s, -L <= p(t) / (p(0) exp(t)) - s <= L at every point of a grid.
"""

import argparse
import pathlib
import sys

import mpmath
import numpy
import scipy.optimize

mpmath.mp.prec = 200

CONSTANTS_FILE = pathlib.Path(__file__).resolve().parent.parent / "src" / "xnnx" / "exp-constants.h"
LOG2E = float(numpy.float32(float(1 / mpmath.log(2))))
LN2 = mpmath.log(2)
# Relative, of a float in [1, 2).
ERROR_UNIT = 2.0 ** -24
# Of those c0 between which a table of 8 or 16 has to choose.
CANDIDATES = 2 ** 22
# Up to here p(t) - 1 is rounded to 2^-29 at least.
LARGEST_P_MINUS_1 = 2.0 ** -4


def to_float32(value):
    """Rounds a number to the nearest float."""
    return float(numpy.float32(float(value)))


def evaluate(coefficients, t):
    return mpmath.polyval([mpmath.mpf(coefficient) for coefficient in reversed(coefficients)], t)


class Polynomial:
    """The polynomial of one degree for arguments reduced to 1/subdivisions of ln 2."""

    def __init__(self, degree, subdivisions, fixed):
        self.degree = degree
        self.fixed = fixed
        # Half of the step, widened by what the error of log2 e as a float can add at 2^16, up to which x itself is
        # used.
        self.half_width = float(LN2 * (0.5 / subdivisions + 2 ** 16 * abs(LOG2E - 1 / LN2)))
        self.grid = [self.half_width * mpmath.cos(mpmath.pi * k / 2000) for k in range(2001)]
        self.coefficients = list(fixed)
        while len(self.coefficients) <= degree:
            self.coefficients.append(to_float32(self.minimax(self.coefficients)[0]))

    def minimax(self, fixed):
        """The coefficients above the fixed ones that minimise the largest error.

        The programme is solved for what has to be added to Taylor's coefficients, because its solver works in doubles.
        """
        powers = range(len(fixed), self.degree + 1)
        taylor = [fixed[0] / mpmath.factorial(power) for power in powers]
        error = numpy.array(
            [float((evaluate(fixed + taylor, t) / (fixed[0] * mpmath.exp(t)) - 1) / ERROR_UNIT) for t in self.grid])
        # Scaled, so that the unknown additions have the size of their terms in units of ERROR_UNIT.
        terms = numpy.array(
            [[float((t / self.half_width) ** power / (fixed[0] * mpmath.exp(t))) for power in powers]
             for t in self.grid])
        ones = numpy.ones((len(self.grid), 1))
        # Unknowns: the additions, s - 1 and L.
        result = scipy.optimize.linprog(
            c=[0] * (terms.shape[1] + 1) + [1],
            A_ub=numpy.block([[terms, -ones, -ones], [-terms, ones, -ones]]),
            b_ub=numpy.concatenate([-error, error]),
            bounds=(None, None),
        )
        if not result.success:
            raise ArithmeticError(f"no minimum for degree {len(fixed)}: {result.message}")
        additions = result.x[:terms.shape[1]] * ERROR_UNIT
        return [
            taylor[k] + mpmath.mpf(additions[k]) / mpmath.mpf(self.half_width) ** power
            for k, power in enumerate(powers)]

    def largest_relative_error(self):
        """The largest relative error up to a constant factor: half of the distance between the extremes."""
        ratios = [evaluate(self.coefficients, t) / mpmath.exp(t) for t in self.grid]
        return (max(ratios) - min(ratios)) / (max(ratios) + min(ratios))

    def constants(self, prefix):
        return {f"{prefix}C{power}": self.coefficients[power] for power in range(len(self.fixed), self.degree + 1)}


class Table:
    """A table of `size` floats, with the polynomial of degree 3 for what it leaves."""

    def __init__(self, size):
        self.size = size
        self.powers = numpy.array([float(mpmath.mpf(2) ** (mpmath.mpf(k) / size)) for k in range(size)])
        # Negative: the smallest entry is above 1 then. Not as large that the largest one reaches 2.
        most_negative = -(LARGEST_P_MINUS_1 - float(LN2) * 0.51 / size)
        most_negative = max(most_negative, self.powers[-1] / 2 - 1)
        candidates = numpy.float32(most_negative * (numpy.arange(CANDIDATES) + 1) / CANDIDATES).astype(float)
        self.c0 = float(candidates[numpy.argmin(self.largest_error(candidates))])
        self.values = [to_float32(value) for value in self.powers / (1 + self.c0)]
        self.polynomial = Polynomial(degree=3, subdivisions=size, fixed=[1 + self.c0])

    def largest_error(self, c0):
        """The largest relative error of an entry for each of `c0`, up to a constant factor, in ERROR_UNITs."""
        least = numpy.full(len(c0), numpy.inf)
        most = -least
        for power in self.powers:
            exact = power / (1 + c0)
            error = (exact.astype(numpy.float32) / exact - 1) / ERROR_UNIT
            numpy.minimum(least, error, out=least)
            numpy.maximum(most, error, out=most)
        return (most - least) / 2

    def constants(self):
        prefix = f"LUT{self.size}_"
        return {f"{prefix}C0": self.c0, **self.polynomial.constants(prefix)}


def c_array(kind, name, numbers, literal):
    rows = [", ".join(literal(number) for number in numbers[k:k + 4]) for k in range(0, len(numbers), 4)]
    return f"static const {kind} {name}[{len(numbers)}] = {{\n" + "".join(f"  {row},\n" for row in rows) + "};\n"


def derive():
    """The text of the header, and a report."""
    without_table = Polynomial(degree=6, subdivisions=1, fixed=[1.0, 1.0])
    tables = [Table(8), Table(16)]
    ln2_hi = to_float32(LN2)
    constants = {"LOG2E": LOG2E, "LN2_HI": ln2_hi, "LN2_LO": to_float32(LN2 - mpmath.mpf(ln2_hi))}
    constants.update(without_table.constants(""))
    for table in tables:
        constants.update(table.constants())
    text = "// The constants of the exponential; tools/derive-constants.py derives and writes them.\n\n#pragma once\n\n"
    text += "".join(f"#define XNNX_EXP_{name} {c_literal(value)}\n" for name, value in constants.items())
    for table in tables:
        text += f"\n// 2^(k / {table.size}) / (1 + XNNX_EXP_LUT{table.size}_C0).\n"
        text += c_array("float", f"xnnx_exp_lut{table.size}_values", table.values, c_literal)
    text += "\n// 2^(k / 16).\n"
    text += c_array("double", "xnnx_exp_powers_of_sixteenth", tables[-1].powers.tolist(), float.hex)
    report = "".join(
        f"largest relative error of degree {polynomial.degree} over |t| <= {polynomial.half_width:.4f}: "
        f"{mpmath.nstr(polynomial.largest_relative_error() / ERROR_UNIT, 4)} x 2^-24\n"
        for polynomial in (without_table, *(table.polynomial for table in tables)))
    report += "\n".join(
        f"largest relative error in the table of {table.size}: {table.largest_error(numpy.array([table.c0]))[0]:.4f} x 2^-24"
        for table in tables)
    return text, report


def c_literal(value):
    """A float as the shortest hexadecimal C literal."""
    mantissa, exponent = value.hex().split("p")
    mantissa += "" if "." in mantissa else "."
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}f"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if src/xnnx/exp-constants.h differs, write nothing")
    arguments = parser.parse_args()
    text, report = derive()
    print(report)
    if not arguments.check:
        CONSTANTS_FILE.write_text(text)
        return 0
    if text != CONSTANTS_FILE.read_text():
        print(f"{CONSTANTS_FILE.name} differs from what was derived:\n{text}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
