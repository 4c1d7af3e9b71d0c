"""What the documents show: tests run it as it stands there."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent


def code_blocks(document, language, section=""):
    """The fenced code of that language, in order: all of the document's, or what comes before the next heading after this."""
    text = (ROOT / document).read_text()
    if section:
        (text,) = re.findall(rf"^#+ {re.escape(section)}$(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
