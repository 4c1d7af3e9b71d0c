#!/usr/bin/env python3
"""Recomputes every constant of the exponential (src/xnnx/exp-constants.h is the committed result) with mpmath.

exp(x) = 2^e * p(t),  e = round(x * log2 e),  t = x - e * ln 2  (Cody and Waite: ln 2 as a float plus a float correction).

p has degree 5 and p(0) = 1. Its other coefficients minimise the largest relative error over |t| <= HALF_WIDTH, up to a
constant factor s near 1, because softmax divides by a sum of the same polynomial, where s cancels. They are rounded to
floats one by one from the lowest degree up, each time solving again for the rest, so that the later ones make good for
the rounding of the earlier ones. The minimum is a linear programme: the smallest L such that, for some s,
-L <= p(t) / exp(t) - s <= L at every point of a grid.
"""

import argparse
import pathlib
import sys

import mpmath
import numpy
import scipy.optimize

mpmath.mp.prec = 200

CONSTANTS_FILE = pathlib.Path(__file__).resolve().parent.parent / "src" / "xnnx" / "exp-constants.h"
DEGREE = 5
LOG2E = float(numpy.float32(float(1 / mpmath.log(2))))
# Half of ln 2, widened by what the error of log2 e as a float can add at 2^16, up to which the operator uses x itself.
HALF_WIDTH = float(mpmath.log(2) * (0.5 + 2 ** 16 * abs(LOG2E - 1 / mpmath.log(2))))
ERROR_UNIT = 2.0 ** -24


def to_float32(value):
    """Rounds a number to the nearest float."""
    return float(numpy.float32(float(value)))


def minimax(fixed):
    """The coefficients of degree len(fixed) to DEGREE, minimising the largest error."""
    grid = HALF_WIDTH * numpy.cos(numpy.linspace(0, numpy.pi, 2001))
    powers = numpy.array([grid ** power * numpy.exp(-grid) for power in range(DEGREE + 1)]).T / ERROR_UNIT
    free = powers[:, len(fixed):]
    # Unknowns: the coefficients, (s - 1) and L, the last two in units of ERROR_UNIT.
    target = 1 / ERROR_UNIT - powers[:, :len(fixed)] @ fixed
    ones = numpy.ones((len(grid), 1))
    result = scipy.optimize.linprog(
        c=[0] * (free.shape[1] + 1) + [1],
        A_ub=numpy.block([[free, -ones, -ones], [-free, ones, -ones]]),
        b_ub=numpy.concatenate([target, -target]),
        bounds=(None, None),
    )
    if not result.success:
        raise ArithmeticError(f"no minimum for degree {len(fixed)}: {result.message}")
    return result.x[:free.shape[1]]


def largest_relative_error(coefficients):
    """The largest relative error up to a constant factor: half of the distance between the extremes."""
    grid = [HALF_WIDTH * mpmath.mpf(k) / 5000 for k in range(-5000, 5001)]
    descending = [mpmath.mpf(coefficient) for coefficient in reversed(coefficients)]
    ratios = [mpmath.polyval(descending, t) / mpmath.exp(t) for t in grid]
    return (max(ratios) - min(ratios)) / (max(ratios) + min(ratios))


def derive():
    coefficients = [1.0]
    while len(coefficients) <= DEGREE:
        coefficients.append(to_float32(minimax(coefficients)[0]))
    ln2_hi = to_float32(mpmath.log(2))
    constants = {
        "log2e": LOG2E,
        "ln2_hi": ln2_hi,
        "ln2_lo": to_float32(mpmath.log(2) - mpmath.mpf(ln2_hi)),
    }
    constants.update({f"c{power}": coefficients[power] for power in range(1, DEGREE + 1)})
    return {name: c_literal(value) for name, value in constants.items()}, largest_relative_error(coefficients)


def c_literal(value):
    """A float as the shortest hexadecimal C literal."""
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0')}p{exponent}f"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if src/xnnx/exp-constants.h differs, write nothing")
    arguments = parser.parse_args()
    constants, largest = derive()
    print(f"largest relative error of the polynomial: {mpmath.nstr(largest / ERROR_UNIT, 4)} x 2^-24")
    text = "// The constants of the exponential; tools/derive-constants.py derives and writes them.\n\n#pragma once\n\n"
    text += "".join(f"#define XNNX_EXP_{name.upper()} {value}\n" for name, value in constants.items())
    if not arguments.check:
        CONSTANTS_FILE.write_text(text)
        return 0
    if text != CONSTANTS_FILE.read_text():
        print(f"{CONSTANTS_FILE.name} differs from what was derived:\n{text}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
