#!/usr/bin/python3
"""Trains the model of examples/digits.c: softmax regression on the handwritten digits that scikit-learn carries.

Writes examples/data/digits-model.bin and examples/data/digits-held-out.bin; examples/data/README.md describes both.
Needs Debian's python3-sklearn. Deterministic: another run writes the same held-out images, and weights that differ only
by the rounding of the linear algebra library.
"""

import argparse
import pathlib
import sys

import debian_packages

debian_packages.need("numpy", "sklearn")

import numpy
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

CLASSES = 10
PIXELS = 64
LARGEST_PIXEL = 16
HELD_OUT_IMAGES = 450
SPLIT_SEED = 0
WEIGHT_TOLERANCE = 1e-4

MODEL_FILE = "digits-model.bin"
HELD_OUT_FILE = "digits-held-out.bin"
DEFAULT_FOLDER = pathlib.Path(__file__).resolve().parent.parent / "examples" / "data"


def train(images, labels):
    """Returns weights [CLASSES, PIXELS] and biases [CLASSES] that apply to pixels from 0 to LARGEST_PIXEL."""
    # Newton's method ends so near the one optimum that the weights hardly depend on the machine; L-BFGS stops earlier.
    # The regularisation is scikit-learn's default: nothing was tuned on the held-out images.
    model = LogisticRegression(solver="newton-cg", tol=1e-6, max_iter=1000)
    model.fit(images / LARGEST_PIXEL, labels)
    # Softmax ignores a constant added to all biases, so their mean is free: fix it at 0.
    biases = model.intercept_ - model.intercept_.mean()
    return (model.coef_ / LARGEST_PIXEL).astype("<f4"), biases.astype("<f4")


def accuracy(weights, biases, images, labels):
    predictions = (images.astype(numpy.float32) @ weights.T + biases).argmax(axis=1)
    return (predictions == labels).mean()


def build_files():
    """Returns the bytes of both files by name, and a sentence on the model."""
    digits = load_digits()
    training_images, held_out_images, training_labels, held_out_labels = train_test_split(
        digits.data, digits.target, test_size=HELD_OUT_IMAGES, random_state=SPLIT_SEED, stratify=digits.target)
    weights, biases = train(training_images, training_labels)
    summary = (f"accuracy {accuracy(weights, biases, held_out_images, held_out_labels):.2%} on {len(held_out_labels)} "
               f"held-out images, {accuracy(weights, biases, training_images, training_labels):.2%} on the "
               f"{len(training_labels)} training images")
    records = numpy.column_stack([held_out_images, held_out_labels]).astype(numpy.uint8)
    return {MODEL_FILE: weights.tobytes() + biases.tobytes(), HELD_OUT_FILE: records.tobytes()}, summary


def difference(name, expected, found):
    """Returns a sentence on how the bytes `found` differ from `expected`, or None if they do not."""
    if len(found) != len(expected):
        return f"{name} has {len(found)} bytes instead of {len(expected)}"
    if name == HELD_OUT_FILE:
        return None if found == expected else f"{name} holds other images or labels"
    largest = numpy.abs(numpy.frombuffer(found, "<f4") - numpy.frombuffer(expected, "<f4")).max()
    # "not <=" also refuses NaN.
    return f"{name}: a weight differs by {largest:.3g}" if not largest <= WEIGHT_TOLERANCE else None


def check(files, folder):
    """Returns a sentence for each file in the folder that is missing or differs."""
    problems = []
    for name, expected in files.items():
        try:
            problems.append(difference(name, expected, (folder / name).read_bytes()))
        except OSError as error:
            problems.append(f"{name} cannot be read: {error.strerror}")
    return [problem for problem in problems if problem]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=pathlib.Path, default=DEFAULT_FOLDER,
                        help="where the data files are (default: examples/data of this checkout)")
    parser.add_argument("--check", action="store_true",
                        help=f"write nothing; fail unless the files are what would be written, weights to within "
                             f"{WEIGHT_TOLERANCE:g}")
    arguments = parser.parse_args()

    files, summary = build_files()
    if arguments.check:
        problems = check(files, arguments.folder)
        if problems:
            sys.exit("\n".join(f"train-digits.py: {problem}" for problem in problems))
    else:
        try:
            arguments.folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (arguments.folder / name).write_bytes(content)
        except OSError as error:
            sys.exit(f"train-digits.py: {error}")
    print(summary)


if __name__ == "__main__":
    main()
