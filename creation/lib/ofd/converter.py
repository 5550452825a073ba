"""Makes a PDF of all pages of an OFD."""

import contextlib
import io
import zipfile
from pathlib import Path

from .drawing import PageDrawing
from .fonts import Fonts
from .geometry import numbers, rectangle, written
from .package import Document, Package, Page, child, children, words
from .pdf_writer import PdfWriter
from .pictures import Pictures
from .seals import Stamp, stamps

POINTS = 72 / 25.4  # of a millimetre
MULTIPLY = "/BM/Multiply"  # so that the text under a seal stays readable


def convert(source: Path, target: Path) -> None:
    """Write the pages of an OFD as a PDF. Raises an error if it has none that can be read."""
    pdf = PdfWriter()
    with zipfile.ZipFile(source) as archive:
        package = Package(archive)
        for body in children(package.xml("OFD.xml"), "DocBody"):
            document = Document(package, package.path(words(child(body, "DocRoot"))))
            drawing = PageDrawing(document.resources, Fonts(package, pdf), Pictures(package, pdf))
            sealed = stamps(package, body)
            for page in document.pages():
                operators = drawn(drawing, page, sealed.get(page.number, []))
                _, _, width, height = page.box
                pdf.add_page(width * POINTS, height * POINTS, drawing.used(), operators)
    if not pdf.pages:
        raise ValueError("No page")
    pdf.save(target)


def drawn(drawing: PageDrawing, page: Page, sealed: list[Stamp]) -> bytes:
    """Return what a page looks like, with its annotations and stamps."""
    x, y, _, height = page.box
    drawing.begin((POINTS, 0, 0, -POINTS, -x * POINTS, (y + height) * POINTS))
    for layer in page.layers:
        drawing.draw(layer, layer.get("DrawParam", ""))
    for look in page.appearances:
        with contextlib.suppress(ValueError), drawing.kept_state():
            left, top, *_ = numbers(look.get("Boundary"))
            drawing.emit(f"1 0 0 1 {written(left, top)} cm")
            drawing.draw(look)
    for stamp in sealed:
        _draw_stamp(drawing, stamp)
    return drawing.content()


def _draw_stamp(drawing: PageDrawing, stamp: Stamp) -> None:
    x, y, width, height = stamp.place
    with drawing.kept_state():
        if stamp.shown:
            left, top, *size = stamp.shown
            drawing.emit(rectangle(x + left, y + top, *size), "W n")
        drawing.emit(f"{written(width, 0, 0, height, x, y)} cm")
        drawing.opacity(1, 1, MULTIPLY)
        if stamp.kind == "ofd":
            with contextlib.suppress(zipfile.BadZipFile, KeyError, SyntaxError, StopIteration):
                drawing.form(_form(drawing.fonts.pdf, stamp.picture))
        else:
            drawing.image(drawing.pictures.added(stamp.picture))


def _form(pdf: PdfWriter, data: bytes) -> int:
    """Add the first page of an OFD inside of another, on the unit square."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        package = Package(archive)
        root = child(package.xml("OFD.xml"), "DocBody", "DocRoot")
        document = Document(package, package.path(words(root)))
        drawing = PageDrawing(document.resources, Fonts(package, pdf), Pictures(package, pdf))
        page = next(document.pages())
        x, y, width, height = page.box
        drawing.begin((1 / width, 0, 0, 1 / height, -x / width, -y / height))
        for layer in page.layers:
            drawing.draw(layer, layer.get("DrawParam", ""))
        entries = f"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<<{drawing.used()}>>"
        return pdf.add(entries, drawing.content())
