"""What the documents show: tests run it as it stands there."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent


def code_blocks(document, language):
    """The fenced code of that language, in order."""
    text = (ROOT / document).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
