"""File names of forms that are not UTF-8.

Django leaves out a part of a form whose header it cannot decode: the file is dropped without a word. Old programs on Chinese Windows
send the names of files in GBK, so such a header is read as GB 18030, which contains GBK.
"""

from typing import Any

from django.http import multipartparser

_parse_part = multipartparser.parse_boundary_stream
END = b"\r\n\r\n"
SMALLEST_READ = 1024


def parse_part(stream: Any, max_header_size: int) -> Any:
    """Parse one part of a form as Django does, after its header was brought to UTF-8."""
    size = SMALLEST_READ
    while size <= max_header_size:
        chunk = stream.read(size)
        end = chunk.find(END)
        stream.unget(chunk if end < 0 else to_utf8(chunk[:end]) + chunk[end:])
        if end >= 0 or len(chunk) < size:
            break
        size *= 2
    try:
        return _parse_part(stream, max_header_size)
    except LookupError as error:  # an encoding that nobody knows: filename*=x'' …
        raise multipartparser.MultiPartParserError("Unknown encoding in the header of a part") from error


def to_utf8(header: bytes) -> bytes:
    """Return the header in UTF-8. What is in neither encoding is marked in the name, and nothing is lost."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return header.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return header.decode("utf-8", "replace").encode()


def install() -> None:
    multipartparser.parse_boundary_stream = parse_part
