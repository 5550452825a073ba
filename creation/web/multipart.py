"""File names of forms that are not UTF-8.

Django leaves out a part of a form whose header it cannot decode: the file is dropped without a word. Old programs on Chinese Windows
send the names of files in GBK, so such a header is read as GB 18030, which contains GBK.
"""

from typing import Any

from django.http import multipartparser

_parse_part = multipartparser.parse_boundary_stream  # type: ignore[attr-defined]  # the stubs leave it out
END = b"\r\n\r\n"
SMALLEST_READ = 1024


def parse_part(stream: Any, max_header_size: int) -> Any:
    """Parse one part of a form as Django does, after its header was brought to UTF-8.

    Raises MultiPartParserError for a part that Django would leave out, because it cannot read what the part is.
    """
    size, header = SMALLEST_READ, b""
    while size <= max_header_size:
        chunk = stream.read(size)
        end = chunk.find(END)
        header = chunk[: max(end, 0)]
        stream.unget(chunk if end < 0 else to_utf8(header) + chunk[end:])
        if end >= 0 or len(chunk) < size:
            break
        size *= 2
    found = _parse_part(stream, max_header_size)
    if found[0] == multipartparser.RAW and header.strip():
        raise multipartparser.MultiPartParserError("The header of a part cannot be read")
    return found


def to_utf8(header: bytes) -> bytes:
    """Return the header in UTF-8. What is in neither encoding is marked in the name, and nothing is lost."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return header.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return header.decode("utf-8", "replace").encode()


def install() -> None:
    multipartparser.parse_boundary_stream = parse_part  # type: ignore[attr-defined]
