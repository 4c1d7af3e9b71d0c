"""tools/generate-kernels.py as a module, which Python cannot import by that name."""

import importlib.util
import pathlib

_PATH = pathlib.Path(__file__).with_name("generate-kernels.py")
_SPEC = importlib.util.spec_from_file_location("generate_kernels", _PATH)
GENERATOR = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(GENERATOR)
