"""Text without the control characters that XML, Word and Excel do not accept."""

import re

LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


def cleaned(text: str) -> str:
    """Return the text with one kind of line break and without other control characters."""
    return CONTROLS.sub("", LINE_BREAKS.sub("\n", text))
