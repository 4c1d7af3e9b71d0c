"""What the tools need beside Python itself, or a sentence that says which packages have it."""

import importlib.util
import sys

PACKAGES = {
    "matplotlib": "python3-matplotlib",
    "mpmath": "python3-mpmath",
    "numpy": "python3-numpy",
    "scipy": "python3-scipy",
    "sklearn": "python3-sklearn",
    "tqdm": "python3-tqdm",
}


def need(*modules):
    """Ends the program unless all of them can be imported."""
    missing = [PACKAGES[module] for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        sys.exit(f"{sys.argv[0]} needs Debian's packages {' '.join(missing)}, and /usr/bin/python3 to run it. "
                 f"As root: apt-get install {' '.join(missing)}")
