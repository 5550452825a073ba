"""The parts of an OFD: XML and files by their addresses, pages, and resources by their numbers (GB/T 33190-2016, 7)."""

import contextlib
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from .geometry import numbers

A4 = (0.0, 0.0, 210.0, 297.0)  # mm
MAX_PART_BYTES = 100 << 20
MAX_PAGES = 1000
Element = ElementTree.Element


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def child(element: Element | None, *names: str) -> Element | None:
    """Return the first child of the first name, of that the first of the second, …; None if there is none."""
    for name in names:
        if element is None:
            return None
        element = next((each for each in element if local(each) == name), None)
    return element


def children(element: Element | None, *names: str) -> list[Element]:
    return [each for each in element if local(each) in names] if element is not None else []


def words(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


class Package:
    """The ZIP. Addresses are absolute or relative to a folder; programs also write them with backslashes or in other letters' case."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        exact = {name.replace("\\", "/").lstrip("/"): name for name in archive.namelist()}
        self.names = {name.lower(): stored for name, stored in exact.items()} | exact

    def path(self, address: str, folder: str = "") -> str:
        return posixpath.normpath(posixpath.join("/", folder, address.strip().replace("\\", "/"))).lstrip("/")

    def data(self, path: str) -> bytes:
        """Return a part. Raises KeyError if there is none, or it is too large."""
        info = self.archive.getinfo(self.names.get(path) or self.names[path.lower()])
        if info.file_size > MAX_PART_BYTES:
            raise KeyError(path)
        return self.archive.read(info)

    def xml(self, path: str) -> Element:
        """Return the root of a part. Raises KeyError or SyntaxError; a DOCTYPE is an error, so that no entity is expanded."""
        data = self.data(path)
        if b"<!DOCTYPE" in data.upper():
            raise KeyError(path)
        return ElementTree.fromstring(data)  # noqa: S314 - without a DOCTYPE, in a process with limits

    def optional(self, path: str) -> Element | None:
        with contextlib.suppress(KeyError, SyntaxError):
            return self.xml(path)
        return None


@dataclass
class Resources:
    """What pages refer to by number, with the folder of its files."""

    fonts: dict[str, tuple[Element, str]] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Element] = field(default_factory=dict)
    composites: dict[str, Element] = field(default_factory=dict)

    def add(self, package: Package, path: str) -> None:
        root = package.optional(path)
        if root is None:
            return
        folder = package.path(root.get("BaseLoc", ""), posixpath.dirname(path))
        for each in root.iter():
            number = each.get("ID", "")
            match local(each):
                case "Font":
                    self.fonts[number] = (each, folder)
                case "MultiMedia":
                    self.media[number] = package.path(words(child(each, "MediaFile")), folder)
                case "DrawParam":
                    self.parameters[number] = each
                case "CompositeGraphicUnit":
                    self.composites[number] = each


@dataclass(frozen=True)
class Page:
    """A page or template, with the layers below and above its own, and what is drawn over it."""

    number: str
    box: tuple[float, float, float, float]
    layers: list[Element]
    appearances: list[Element] = field(default_factory=list)


class Document:
    def __init__(self, package: Package, path: str) -> None:
        self.package, self.folder = package, posixpath.dirname(path)
        self.root = package.xml(path)
        self.common = child(self.root, "CommonData")
        self.resources = Resources()
        for each in children(self.common, "PublicRes", "DocumentRes"):
            self.resources.add(package, self.address(words(each)))
        templates = children(self.common, "TemplatePage")
        self.templates = {each.get("ID", ""): self.address(each.get("BaseLoc", "")) for each in templates}
        self.appearances = dict(self._appearances())

    def address(self, text: str) -> str:
        return self.package.path(text, self.folder)

    def pages(self) -> Iterator[Page]:
        """Yield the pages; one that cannot be read is empty, so that the others can still be reviewed."""
        for each in children(child(self.root, "Pages"), "Page")[:MAX_PAGES]:
            number = each.get("ID", "")
            content = self.package.optional(self.address(each.get("BaseLoc", "")))
            yield self._page(number, content)

    def _page(self, number: str, content: Element | None) -> Page:
        below, above = self._under(content, "Background"), self._under(content, "Foreground")
        for each in children(content, "PageRes"):
            self.resources.add(self.package, self.address(words(each)))
        layers = [*below, *children(child(content, "Content"), "Layer"), *above]
        box = self._box(child(content, "Area", "PhysicalBox"), child(self.common, "PageArea", "PhysicalBox"))
        return Page(number, box, layers, self.appearances.get(number, []))

    def _under(self, content: Element | None, order: str) -> list[Element]:
        """Return the layers of the templates of a page that are drawn below or above it."""
        wanted = [each for each in children(content, "Template") if each.get("ZOrder", "Background") == order]
        roots = [self.package.optional(self.templates.get(each.get("TemplateID", ""), "")) for each in wanted]
        return [layer for root in roots for layer in children(child(root, "Content"), "Layer")]

    def _box(self, *elements: Element | None) -> tuple[float, float, float, float]:
        for element in elements:
            with contextlib.suppress(ValueError):
                x, y, width, height = numbers(words(element))
                if 0 < width < 10_000 and 0 < height < 10_000:
                    return x, y, width, height
        return A4

    def _appearances(self) -> Iterator[tuple[str, list[Element]]]:
        """Yield what the annotations of each page look like."""
        path = self.address(words(child(self.root, "Annotations")))
        for each in children(self.package.optional(path), "Page"):
            part = self.package.path(words(child(each, "FileLoc")), posixpath.dirname(path))
            shown = [
                one
                for one in children(self.package.optional(part), "Annot")
                if one.get("Visible", "true").lower() != "false"
            ]
            looks = [child(one, "Appearance") for one in shown]
            yield each.get("PageID", ""), [look for look in looks if look is not None]
