"""Draws the objects of a page as operators of PDF: text, paths, pictures, groups (GB/T 33190-2016, 8.5 to 13)."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from .fonts import HALF_WIDTH, Font, Fonts
from .geometry import IDENTITY, Matrix, matrix, multiplied, numbers, path_operators, rectangle, written
from .package import Element, Resources, child, children, local, words
from .pictures import Pictures

MAX_DEPTH = 16  # of groups in groups
MAX_GLYPHS = 100_000  # of a text
BOLD_WEIGHT = 600
SLANT = 0.3
LINE_WIDTH = 0.353  # mm, if a line has none of its own
CAPS, JOINS = {"Round": 1, "Square": 2}, {"Round": 1, "Bevel": 2}
FAINT = "0.9 0.9 0.9 rg"
BAD_VALUES = (ValueError, LookupError, ArithmeticError)


@dataclass
class PageDrawing:
    """What all pages of a document share, and the operators of the page that is being drawn."""

    resources: Resources
    fonts: Fonts
    pictures: Pictures
    operators: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    images: set[int] = field(default_factory=set)

    def begin(self, place: Matrix) -> None:
        """Begin a page, whose millimetres this matrix puts into place."""
        self.operators, self.states, self.images = [f"{written(*place)} cm"], {}, set()

    def content(self) -> bytes:
        return "\n".join(self.operators).encode("ascii")

    def used(self) -> str:
        """Return the resources of the page for the PDF."""
        fonts = "".join(f"/{name} {number} 0 R" for name, number in self.fonts.numbers.items())
        images = "".join(f"/I{number} {number} 0 R" for number in sorted(self.images))
        states = "".join(f"/{name}<<{entries}>>" for entries, name in self.states.items())
        return f"/Font<<{fonts}>>/XObject<<{images}>>/ExtGState<<{states}>>"

    def emit(self, *operators: str) -> None:
        self.operators.extend(operators)

    @contextlib.contextmanager
    def kept_state(self) -> Iterator[None]:
        self.emit("q")
        try:
            yield
        finally:
            self.emit("Q")

    def draw(self, group: Element, parameter: str = "", depth: int = 0) -> None:
        """Draw all objects of a layer, block, group or appearance. One with bad values is left out."""
        for each in group:
            with contextlib.suppress(*BAD_VALUES):
                self._draw_one(each, each.get("DrawParam") or parameter, depth)

    def _draw_one(self, element: Element, parameter: str, depth: int) -> None:
        if element.get("Visible", "true").lower() == "false":
            return
        if local(element) in ("PageBlock", "Layer") and depth < MAX_DEPTH:
            self.draw(element, parameter, depth + 1)
        if local(element) not in ("TextObject", "PathObject", "ImageObject", "CompositeObject"):
            return
        x, y, *_ = numbers(element.get("Boundary"))
        style = Style(element, self._parameters(parameter))
        with self.kept_state():
            self.emit(f"1 0 0 1 {written(x, y)} cm")
            if (own := matrix(element.get("CTM"))) != IDENTITY:
                self.emit(f"{written(*own)} cm")
            for clip in children(child(element, "Clips"), "Clip"):
                self._clip(clip)
            match local(element):
                case "TextObject":
                    self._text(element, style)
                case "PathObject":
                    self._path(element, style)
                case "ImageObject":
                    self._image(element, style)
                case "CompositeObject" if depth < MAX_DEPTH:
                    unit = self.resources.composites[element.get("ResourceID", "")]
                    self.draw(next(iter(children(unit, "Content")), unit), parameter, depth + 1)

    def _parameters(self, number: str) -> list[Element]:
        """Return the drawing parameters of this number and those that they refine, the nearest first."""
        found: list[Element] = []
        while (element := self.resources.parameters.get(number)) is not None and element not in found:
            found.append(element)
            number = element.get("Relative", "")
        return found

    def _clip(self, clip: Element) -> None:
        """Draw nothing outside of the areas of a clip. Those that are texts are left out."""
        areas = []
        for area in children(clip, "Area"):
            path = child(area, "Path")
            if path is None:
                return
            x, y, *_ = numbers(path.get("Boundary")) or (0, 0)
            own: Matrix = (1, 0, 0, 1, x, y)
            place = multiplied(multiplied(matrix(path.get("CTM")), own), matrix(area.get("CTM")))
            areas.append(path_operators(words(child(path, "AbbreviatedData")), place))
        if areas:
            self.emit(*areas, "W n")

    def _path(self, element: Element, style: "Style") -> None:
        fills = style.flag("Fill", otherwise=False) or (
            element.get("Fill") is None and child(element, "FillColor") is not None
        )
        strokes = style.flag("Stroke", otherwise=True)
        operators = path_operators(words(child(element, "AbbreviatedData")))
        if not operators or not (fills or strokes):
            return
        self._paint(style)
        even_odd = "*" if element.get("Rule", "").lower().startswith("even") and fills else ""
        self.emit(operators, {(True, True): "B", (True, False): "f", (False, True): "S"}[fills, strokes] + even_odd)

    def _paint(self, style: "Style") -> None:
        """Set colours, opacity and lines."""
        self.emit(f"{style.colour('FillColor')} rg", f"{style.colour('StrokeColor')} RG")
        self.opacity(style.opacity("FillColor"), style.opacity("StrokeColor"))
        self.emit(*style.line())

    def opacity(self, fill: float, stroke: float, blend: str = "") -> None:
        if (fill, stroke, blend) != (1, 1, ""):
            entries = f"/ca {written(fill)}/CA {written(stroke)}{blend}"
            name = self.states.setdefault(entries, f"G{len(self.states)}")
            self.emit(f"/{name} gs")

    def _image(self, element: Element, style: "Style") -> None:
        number = self.pictures.number(self.resources.media[element.get("ResourceID", "")])
        width, height = numbers(element.get("Boundary"))[2:4]
        if element.get("CTM") is None:
            self.emit(f"{written(width, 0, 0, height, 0, 0)} cm")
        self.opacity(style.opacity(""), 1)
        self.image(number)

    def image(self, number: int | None) -> None:
        """Draw a picture on the unit square, whose origin is its upper left corner; a grey area for one that cannot be read."""
        if number is None:
            self.emit(FAINT, rectangle(0, 0, 1, 1), "f")
            return
        self.emit("1 0 0 -1 0 1 cm")
        self.form(number)

    def form(self, number: int) -> None:
        self.images.add(number)
        self.emit(f"/I{number} Do")

    def _text(self, element: Element, style: "Style") -> None:
        given = self.resources.fonts.get(element.get("Font", ""))
        own = self.fonts.embedded(*given) if given else None
        is_bold = float(element.get("Weight", 400)) >= BOLD_WEIGHT
        others = self.fonts.substitutes_of(given[0] if given else None, bold=is_bold)
        size = float(element.get("Size", 0))
        fills, strokes = style.flag("Fill", otherwise=True), style.flag("Stroke", otherwise=False)
        if not fills and not strokes:
            return
        self._paint(style)
        self.emit("BT", "2 Tr" if fills and strokes else "1 Tr" if strokes else "0 Tr")
        wide, slant = float(element.get("HScale", 1)), SLANT if element.get("Italic") == "true" else 0
        turn = (0, -90, 180, 90)[int(float(element.get("CharDirection", 0)) % 360 // 90)]
        cos, sin = {0: (1, 0), -90: (0, 1), 180: (-1, 0), 90: (0, -1)}[turn]
        last = None
        for written_as, font, x, y in _glyphs(element, own, others, size * wide):
            if font != last:
                self.emit(f"/{font} {written(size)} Tf")
                last = font
            upright: Matrix = (wide, 0, slant, -1, 0, 0)
            place = multiplied(upright, (cos, sin, -sin, cos, x, y))
            self.emit(f"{written(*place)} Tm <{written_as}> Tj")
        self.emit("ET")


@dataclass(frozen=True)
class Style:
    """The attributes of an object, else those of its drawing parameters."""

    element: Element
    parameters: list[Element]

    def value(self, name: str, otherwise: str = "") -> str:
        return next((each.get(name, "") for each in (self.element, *self.parameters) if each.get(name)), otherwise)

    def flag(self, name: str, *, otherwise: bool) -> bool:
        given = self.element.get(name)
        return otherwise if given is None else given.lower() in ("true", "1")

    def _colour(self, name: str) -> Element | None:
        found = (child(each, name) for each in (self.element, *self.parameters))
        return next((each for each in found if each is not None), None)

    def colour(self, name: str) -> str:
        """Return the colour as PDF has it; black if none is given, the first colour of a gradient."""
        element = self._colour(name)
        if element is not None and not element.get("Value"):
            element = next((each for each in element.iter() if each.get("Value")), None)
        parts = _components(element.get("Value", "")) if element is not None else []
        if len(parts) == 4:
            cyan, magenta, yellow, black = (each / 255 for each in parts)
            parts = [255 * (1 - min(1, each + black)) for each in (cyan, magenta, yellow)]
        if len(parts) == 1:
            parts = parts * 3
        return written(*(min(max(each / 255, 0), 1) for each in (parts if len(parts) == 3 else (0, 0, 0))))

    def opacity(self, name: str) -> float:
        element = self._colour(name) if name else None
        own = float(element.get("Alpha", 255)) if element is not None else 255
        return min(max(own / 255 * float(self.element.get("Alpha", 255)) / 255, 0), 1)

    def line(self) -> Iterator[str]:
        width = float(self.value("LineWidth", str(LINE_WIDTH)))
        yield f"{written(width)} w"
        yield f"{CAPS.get(self.value('Cap'), 0)} J"
        yield f"{JOINS.get(self.value('Join'), 0)} j"
        if (dashes := numbers(self.value("DashPattern"))) and min(dashes) >= 0 and sum(dashes) > 0:
            yield f"[{written(*dashes)}] {written(float(self.value('DashOffset', '0')))} d"


def _components(value: str) -> list[float]:
    """Return the parts of a colour, decimal or, with #, hexadecimal."""
    parts = value.replace(",", " ").split()
    return [float(int(each[1:], 16)) if each.startswith("#") else float(each) for each in parts]


def _glyphs(
    element: Element, own: Font | None, others: list[Font], size: float
) -> Iterator[tuple[str, str, float, float]]:
    """Yield each glyph as the PDF writes it, its font, and its place. The file may name glyphs of its own font by number (11.4.1)."""
    named = dict(_named_glyphs(element)) if own else {}
    fonts = [own, *others] if own else others
    index = 0
    for code in children(element, "TextCode"):
        for char, (x, y) in zip(code.text or "", _places(code, size), strict=False):
            if own and index in named:
                for number in named[index]:
                    yield f"{number:04x}", own.reference, x, y
            elif char.strip():
                ways = ((font.encoded(char), font.reference) for font in fonts)
                if found := next(((as_, reference) for as_, reference in ways if as_), None):
                    yield *found, x, y
            index += 1


def _named_glyphs(element: Element) -> Iterator[tuple[int, list[int]]]:
    """Yield the glyphs that replace the character at a place; none for those that a glyph before covers."""
    for each in children(element, "CGTransform"):
        start, codes = int(each.get("CodePosition", 0)), int(each.get("CodeCount", 1))
        glyphs = [int(number) & 0xFFFF for number in words(child(each, "Glyphs")).split()][:MAX_GLYPHS]
        for number in range(min(codes, MAX_GLYPHS)):
            yield start + number, glyphs[number : number + 1] if number < codes - 1 else glyphs[number:]


def _places(code: Element, size: float) -> Iterator[tuple[float, float]]:
    """Yield where each character begins. Without distances they follow one another, and the last distance is used again."""
    x, y = float(code.get("X") or 0), float(code.get("Y") or 0)
    across, down = _distances(code.get("DeltaX")), _distances(code.get("DeltaY"))
    for number, char in enumerate(code.text or ""):
        yield x, y
        natural = size * (HALF_WIDTH if ord(char) < 0x100 else 1) if not down else 0.0
        x += _at(across, number, natural)
        y += _at(down, number, 0.0)


def _at(distances: list[float], number: int, otherwise: float) -> float:
    if not distances:
        return otherwise
    return distances[number] if number < len(distances) else distances[-1]


def _distances(text: str | None) -> list[float]:
    """Return the distances; "g 3 2.5" is three times 2.5."""
    tokens = (text or "").split()
    found: list[float] = []
    while tokens and len(found) < MAX_GLYPHS:
        if tokens[0].lower() == "g":
            found += [float(tokens[2])] * min(int(tokens[1]), MAX_GLYPHS)
            tokens = tokens[3:]
        else:
            found.append(float(tokens.pop(0)))
    return found
