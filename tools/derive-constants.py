#!/usr/bin/python3
"""Recomputes every constant of the exponential (src/xnnx/exp-constants.h is the committed result) with mpmath.

exp(x) = 2^e * p(t),  e = round(x * log2 e),  t = x - e * ln 2  (Cody and Waite: ln 2 as a float plus a float correction).

p has degree 6 and p(0) = 1. Its other coefficients minimise the largest relative error over |t| <= HALF_WIDTH, up to a constant factor s
near 1, because softmax divides by a sum of the same polynomial, where s cancels. They are rounded to floats one by one
from the lowest degree up, each time solving again for the rest, so that the later ones make good for the rounding of the
earlier ones. The minimum is a linear programme: the smallest L such that, for some s, -L <= p(t) / exp(t) - s <= L at
every point of a grid.
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
DEGREE = 6
# Half of ln 2, widened by what the error of log2 e as a float can add at 2^16, up to which the operator uses x itself.
HALF_WIDTH = float(LN2 * (0.5 + 2 ** 16 * abs(LOG2E - 1 / LN2)))
ERROR_UNIT = 2.0 ** -24


def to_float32(value):
    """Rounds a number to the nearest float."""
    return float(numpy.float32(float(value)))


GRID = [HALF_WIDTH * mpmath.cos(mpmath.pi * k / 2000) for k in range(2001)]


def evaluate(coefficients, t):
    return mpmath.polyval([mpmath.mpf(coefficient) for coefficient in reversed(coefficients)], t)


def minimax(fixed):
    """The coefficients of degree len(fixed) to DEGREE, minimising the largest error.

    The programme is solved for what has to be added to Taylor's coefficients, because its solver works in doubles.
    """
    taylor = [1 / mpmath.factorial(power) for power in range(len(fixed), DEGREE + 1)]
    error = numpy.array([float((evaluate(fixed + taylor, t) / mpmath.exp(t) - 1) / ERROR_UNIT) for t in GRID])
    # Scaled, so that the unknown additions have the size of their terms in units of ERROR_UNIT.
    terms = numpy.array([
        [float((t / HALF_WIDTH) ** power / mpmath.exp(t)) for power in range(len(fixed), DEGREE + 1)] for t in GRID])
    ones = numpy.ones((len(GRID), 1))
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
        taylor[k] + mpmath.mpf(additions[k]) / mpmath.mpf(HALF_WIDTH) ** (len(fixed) + k) for k in range(len(taylor))]


def largest_relative_error(coefficients):
    """The largest relative error up to a constant factor: half of the distance between the extremes."""
    ratios = [evaluate(coefficients, t) / mpmath.exp(t) for t in GRID]
    return (max(ratios) - min(ratios)) / (max(ratios) + min(ratios))


def derive():
    """{constant: C literal}, and the largest relative error of the polynomial."""
    coefficients = [1.0]
    while len(coefficients) <= DEGREE:
        coefficients.append(to_float32(minimax(coefficients)[0]))
    ln2_hi = to_float32(LN2)
    constants = {"LOG2E": LOG2E, "LN2_HI": ln2_hi, "LN2_LO": to_float32(LN2 - mpmath.mpf(ln2_hi))}
    constants.update({f"C{power}": coefficients[power] for power in range(1, DEGREE + 1)})
    return {name: c_literal(value) for name, value in constants.items()}, largest_relative_error(coefficients)


def c_literal(value):
    """A float as the shortest hexadecimal C literal."""
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}f"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if src/xnnx/exp-constants.h differs, write nothing")
    arguments = parser.parse_args()
    constants, error = derive()
    print(f"largest relative error of the polynomial: {mpmath.nstr(error / ERROR_UNIT, 4)} x 2^-24")
    text = "// The constants of the exponential; tools/derive-constants.py derives and writes them.\n\n#pragma once\n\n"
    text += "".join(f"#define XNNX_EXP_{name} {literal}\n" for name, literal in constants.items())
    if not arguments.check:
        CONSTANTS_FILE.write_text(text)
        return 0
    if text != CONSTANTS_FILE.read_text():
        print(f"{CONSTANTS_FILE.name} differs from what was derived:\n{text}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
