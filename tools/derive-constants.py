#!/usr/bin/python3
"""Recomputes every constant of the exponential (src/xnnx/exp-constants.h is the committed result) with mpmath.

exp(x) = 2^(k/16) * p(t),  k = round(16 * x * log2 e),  t = a * x - k/16 * b,  with p of degree 3 and a table of 16 floats.

Cody and Waite subtract k/16 * ln 2 in two steps, since ln 2 takes more bits than a float has. Here x is scaled as well: a and
b are floats whose quotient b / a is ln 2 to many more bits than either has, and b has so few bits that its product with k/16
is a float. Then nothing is rounded but t itself, in one step. b is the integer of up to B_BITS bits, over 2^B_BITS, with which
b / a comes nearest. What the exponential computes is exp(x * a * ln 2 / b) then: it takes all x to be longer or shorter by one
factor, 1 - 2^-35.

The entries of the table are not 2^(k/16) but that times a factor, which the polynomial makes good for. Of 16 numbers that
are all multiplied by the same factor each rounds differently, and with millions of factors to choose from there are some
with which all of them happen to be near floats (Gal's accurate tables, with one parameter for all entries). The factor is
1 / (1 + c0), and p(0) = 1 + c0.

The other coefficients minimise the largest relative error over |t| <= half_width, up to a constant factor s near 1, because
softmax divides by a sum of the same polynomial, where s cancels. They are rounded to floats one by one from the lowest
degree up, each time solving again for the rest, so that the later ones make good for the rounding of the earlier ones. The
minimum is a linear program: the smallest L such that, for some s, -L <= p(t) / (p(0) exp(t)) - s <= L at every point of a
grid.
"""

import argparse
import pathlib
import sys

import debian_packages

debian_packages.need("mpmath", "numpy", "scipy")

import mpmath
import numpy
import scipy.optimize

mpmath.mp.prec = 200

CONSTANTS_FILE = pathlib.Path(__file__).resolve().parent.parent / "src" / "xnnx" / "exp-constants.h"
LOG2E = float(numpy.float32(float(1 / mpmath.log(2))))
LN2 = mpmath.log(2)
# The more bits b has, the better b / a can be, and the fewer bits are left for k.
B_BITS = 10
FLOAT_BITS = 24
# Relative, of a float in [1, 2).
ERROR_UNIT = 2.0 ** -24
# What shifts are multiples of.
SHIFT_STEP = 2 ** 10


def to_float32(value):
    """Rounds a number to the nearest float."""
    return float(numpy.float32(float(value)))


def evaluate(coefficients, t):
    return mpmath.polyval([mpmath.mpf(coefficient) for coefficient in reversed(coefficients)], t)


class Polynomial:
    """The polynomial of one degree for arguments that are reduced to 1/subdivisions of ln 2 and multiplied by `scale`."""

    def __init__(self, degree, subdivisions, fixed, scale, largest_x):
        self.degree = degree
        self.fixed = fixed
        self.scale = mpmath.mpf(scale)
        # Half of the step, widened by what the error of log2 e as a float can add.
        self.half_width = float(self.scale * LN2 * (0.5 / subdivisions + largest_x * abs(LOG2E - 1 / LN2)))
        self.grid = [self.half_width * mpmath.cos(mpmath.pi * k / 2000) for k in range(2001)]
        self.coefficients = list(fixed)
        while len(self.coefficients) <= degree:
            self.coefficients.append(to_float32(self.minimax(self.coefficients)[0]))

    def exact(self, t):
        return mpmath.exp(t / self.scale)

    def minimax(self, fixed):
        """The coefficients above the fixed ones that minimise the largest error.

        The programme is solved for what has to be added to Taylor's coefficients, because its solver works in doubles.
        """
        powers = range(len(fixed), self.degree + 1)
        taylor = [fixed[0] / mpmath.factorial(power) / self.scale ** power for power in powers]
        error = numpy.array(
            [float((evaluate(fixed + taylor, t) / (fixed[0] * self.exact(t)) - 1) / ERROR_UNIT) for t in self.grid])
        # Scaled, so that the unknown additions have the size of their terms in units of ERROR_UNIT.
        terms = numpy.array(
            [[float((t / self.half_width) ** power / (fixed[0] * self.exact(t))) for power in powers]
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
        ratios = [evaluate(self.coefficients, t) / self.exact(t) for t in self.grid]
        return (max(ratios) - min(ratios)) / (max(ratios) + min(ratios))

    def constants(self, prefix):
        return {f"{prefix}C{power}": self.coefficients[power] for power in range(len(self.fixed), self.degree + 1)}


def powers_of_two(subdivisions):
    return numpy.array([float(mpmath.mpf(2) ** (mpmath.mpf(k) / subdivisions)) for k in range(subdivisions)])


class Table:
    """Powers of two times a factor, as floats. Of `factors`, all of which leave the entries in [1, 2), the one is taken
    with which the relative errors of the entries differ least. `factor` is that one moved to the middle of them."""

    def __init__(self, size, factors):
        self.powers = powers_of_two(size)
        least = numpy.full(len(factors), numpy.inf)
        most = -least
        for power in self.powers:
            exact = power * factors
            error = exact.astype(numpy.float32) / exact - 1
            numpy.minimum(least, error, out=least)
            numpy.maximum(most, error, out=most)
        best = int(numpy.argmin(most - least))
        self.values = [to_float32(power * factors[best]) for power in self.powers]
        self.factor = factors[best] * (1 + (least[best] + most[best]) / 2)

    def largest_relative_error(self, factor):
        return max(abs(value / (power * factor) - 1) for value, power in zip(self.values, self.powers))


def derive_table():
    """The table, its largest relative error and c0."""
    # Half a step is ln 2 / 32; and up to 2^-4 p(t) - 1 is rounded to 2^-29.
    most_negative_c0 = -(2.0 ** -4 - float(LN2) / 31)
    candidates = numpy.float32(most_negative_c0 * (numpy.arange(2 ** 22) + 1) / 2 ** 22).astype(float)
    table = Table(16, 1 / (1 + candidates))
    c0 = to_float32(1 / table.factor - 1)
    return table, table.largest_relative_error(1 / (1 + c0)), c0


class Reduction:
    """a and b; the relative error of b / a as ln 2; up to which k k/16 * b is a float, and x with it."""

    def __init__(self):
        integers = range(2 ** (B_BITS - 1), 2 ** B_BITS)
        b = min(integers, key=lambda integer: abs(self.relative_error(integer)))
        self.a = to_float32(mpmath.mpf(b) / 2 ** B_BITS / LN2)
        self.b = b / 2 ** B_BITS
        self.error = abs(self.relative_error(b))
        self.largest_k = 2 ** FLOAT_BITS // b
        self.largest_x = self.largest_k / 16 * float(LN2)

    @staticmethod
    def relative_error(b):
        return b / (to_float32(b / LN2) * LN2) - 1


def c_array(kind, name, numbers, literal):
    rows = [", ".join(literal(number) for number in numbers[k:k + 4]) for k in range(0, len(numbers), 4)]
    return f"static const {kind} {name}[{len(numbers)}] = {{\n" + "".join(f"  {row},\n" for row in rows) + "};\n"


def table_bits(k, value):
    """Twice entry k, without the bits that k / 16 itself adds when it is shifted to the exponent's field, modulo 2^32."""
    bits = int(numpy.float32(2 * value).view(numpy.uint32))
    return (bits - (k << 19)) % 2 ** 32


def rounded_to(value):
    """The numbers that round to a float, which is no power of two: the lower and the upper end."""
    below, above = (float(numpy.nextafter(numpy.float32(value), numpy.float32(limit))) for limit in (0, 9))
    return (mpmath.mpf(value) + below) / 2, (mpmath.mpf(value) + above) / 2


def derive_step(values):
    """The step for processors that look up 8 entries faster than 16: for odd k entry k is x + x * step, rounded once, with x
    entry k - 1."""
    ends = [[end / values[k - 1] - 1 for end in rounded_to(values[k])] for k in range(1, len(values), 2)]
    least, most = max(low for low, _ in ends), min(high for _, high in ends)
    step = to_float32((least + most) / 2)
    if not least < step < most:
        raise ArithmeticError("no step leads to all odd entries")
    return step


def derive():
    """The text of the header, and a report."""
    table, table_error, c0 = derive_table()
    reduction = Reduction()
    polynomial = Polynomial(3, subdivisions=16, fixed=[1 + c0], scale=reduction.a, largest_x=reduction.largest_x)
    constants = {"LOG2E": LOG2E, "A": reduction.a, "B": reduction.b, "C0": c0, **polynomial.constants("")}
    text = "// The constants of the exponential; tools/derive-constants.py derives and writes them.\n\n"
    text += "#pragma once\n\n#include <stdint.h>\n\n"
    text += "".join(f"#define XNNX_EXP_{name} {c_literal(value)}\n" for name, value in constants.items())
    text += "\n// The bits of 2^(k / 16 + 1) / (1 + XNNX_EXP_C0), less k << 19.\n"
    text += c_array("uint32_t", "xnnx_exp_table", [table_bits(k, value) for k, value in enumerate(table.values)], hex)
    text += "\n// 2^(k / 16) for odd k is x + x * XNNX_EXP_STEP, rounded once, with x that for k - 1.\n"
    text += f"#define XNNX_EXP_STEP {c_literal(derive_step(table.values))}\n"
    text += "\n// exp(XNNX_EXP_SHIFT_STEP * a ln 2 / b)"
    text += " = XNNX_EXP_OF_SHIFT_STEP_MANTISSA * 2^XNNX_EXP_OF_SHIFT_STEP_EXPONENT.\n"
    mantissa, exponent = mpmath.frexp(mpmath.exp(SHIFT_STEP * reduction.a * LN2 / reduction.b))
    text += f"#define XNNX_EXP_SHIFT_STEP {c_literal(float(SHIFT_STEP))}\n"
    text += f"#define XNNX_EXP_OF_SHIFT_STEP_MANTISSA {float(2 * mantissa).hex()}\n"
    text += f"#define XNNX_EXP_OF_SHIFT_STEP_EXPONENT {float(exponent - 1)}\n"
    report = (
        f"b / a is ln 2 but for 2^{float(mpmath.log(reduction.error, 2)):.2f}, for |k| up to {reduction.largest_k} and |x| up "
        f"to {reduction.largest_x:.1f}\n"
        f"largest relative error of degree {polynomial.degree} within {polynomial.half_width:.4f}: "
        f"{mpmath.nstr(polynomial.largest_relative_error() / ERROR_UNIT, 4)} x 2^-24\n"
        f"largest relative error in the table: {table_error / ERROR_UNIT:.4f} x 2^-24")
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
