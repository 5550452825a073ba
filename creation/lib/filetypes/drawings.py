"""Checks drawings inside packages (VML, SVG, web pages in them): what they read of other files, and what they run."""

import re

from creation.lib import link_targets

from .refusals import InvalidFile, Reason

VML, SVG, XHTML = "schemas-microsoft-com:", "2000/svg", "1999/xhtml"
PICTURE_DATA = re.compile(r"\s*data:(?:image/(?:png|jpe?g|gif|bmp|webp)|font/|application/(?:x-)?font)", re.IGNORECASE)
STYLE_ADDRESS = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s][^)]*))""", re.IGNORECASE)
ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)  # of a character in a style sheet
NAMESPACE = re.compile(r"@namespace\b[^;]*;", re.IGNORECASE)  # a name, not an address that is read
WITHOUT_URL = re.compile(
    r"image-set\s*\(|(?<![\w-])src\s*\(", re.IGNORECASE
)  # functions that take an address as a text
TEXT = re.compile(r""""([^"]*)"|'([^']*)'""")
PICTURES = frozenset({"imagedata", "image", "fill", "stroke", "vmlframe"})
READ = frozenset({"href", "src", "srcset", "poster", "data", "background", "action", "formaction", "base", "srcdoc"})


def check_vml(name: str, attributes: dict[str, str]) -> None:
    if name == "OLEObject" and attributes.get("Type", "").lower() == "link":
        raise InvalidFile(Reason.REMOTE, "链接的对象")
    for key, value in attributes.items():
        plain = key.rpartition("}")[2]
        if plain in ("src", "althref") or (plain == "href" and name in PICTURES):
            if not link_targets.is_local(value):
                raise InvalidFile(Reason.REMOTE, f"外部图片 {value[:60]}")
        elif plain == "href" and not link_targets.may_be_clicked(value):
            raise InvalidFile(Reason.REMOTE, f"链接 {value[:60]}")


def check_markup(name: str, attributes: dict[str, str]) -> None:
    """Check an element of SVG, or of a web page inside it. An animation may set an address or a script later."""
    for key, value in attributes.items():
        plain = key.rpartition("}")[2].lower()
        if plain.startswith("on") or (plain == "attributename" and value.lower().strip().startswith("on")):
            raise InvalidFile(Reason.ACTIVE, "脚本")
        if plain == "attributename" and value.lower().strip().endswith("href"):
            raise InvalidFile(Reason.ACTIVE, "脚本")
        is_click = plain == "href" and name == "a"
        if plain in READ and not (link_targets.may_be_clicked(value) if is_click else _is_inside(value)):
            raise InvalidFile(Reason.REMOTE, f"图形引用的 {value[:60]}")
        check_styles(value)


def check_styles(text: str) -> None:
    """Raise InvalidFile for a style that reads another file."""
    plain = NAMESPACE.sub("", ESCAPE.sub(_character, text))
    addresses = [address for found in STYLE_ADDRESS.findall(plain) for address in found if address]
    if WITHOUT_URL.search(plain):
        addresses += [text for found in TEXT.findall(plain) for text in found if text]
    if "@import" in plain.lower() or not all(map(_is_inside, addresses)):
        raise InvalidFile(Reason.REMOTE, "图形引用的样式")


def _character(found: re.Match[str]) -> str:
    return chr(min(int(found[1], 16), 0x10FFFF)) if found[1] else found[2]


def _is_inside(address: str) -> bool:
    return bool(PICTURE_DATA.match(address)) or link_targets.is_local(address)
