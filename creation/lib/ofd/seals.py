"""The stamps of electronic seals and where they are on the pages (GB/T 33190-2016, 18). They are not verified."""

import contextlib
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from .geometry import numbers
from .package import Element, Package, child, children, words
from .pictures import seal_picture


@dataclass(frozen=True)
class Stamp:
    """A seal on a page: kind and bytes of its picture, its place, and the part of it that is shown there, relative to the place."""

    kind: str
    picture: bytes
    place: list[float]
    shown: list[float]


def stamps(package: Package, body: Element) -> dict[str, list[Stamp]]:
    """Return the stamps of a document by the numbers of pages."""
    found: dict[str, list[Stamp]] = {}
    path = package.path(words(child(body, "Signatures")))
    for each in children(package.optional(path), "Signature"):
        with contextlib.suppress(KeyError, SyntaxError, ValueError):
            for number, stamp in _stamps(package, package.path(each.get("BaseLoc", ""), posixpath.dirname(path))):
                found.setdefault(number, []).append(stamp)
    return found


def _stamps(package: Package, path: str) -> Iterator[tuple[str, Stamp]]:
    signature, folder = package.xml(path), posixpath.dirname(path)
    info = child(signature, "SignedInfo")
    picture = None
    for address in (words(child(info, "Seal", "BaseLoc")), words(child(signature, "SignedValue"))):
        with contextlib.suppress(KeyError):
            picture = picture or (seal_picture(package.data(package.path(address, folder))) if address else None)
    for each in children(info, "StampAnnot") if picture else ():
        place, shown = numbers(each.get("Boundary")), numbers(each.get("Clip"))
        if picture and len(place) == 4:
            yield each.get("PageRef", ""), Stamp(*picture, place, shown if len(shown) == 4 else [])
