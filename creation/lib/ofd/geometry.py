"""Matrices, and the paths of OFD as operators of PDF (GB/T 33190-2016, 9.1)."""

import math
import re
from collections.abc import Iterator

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
COUNTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}  # numbers after each letter


def numbers(text: str | None) -> list[float]:
    """Return the numbers of an attribute. Raises ValueError if there are others, such as infinity."""
    found = [float(each) for each in (text or "").replace(",", " ").split()]
    if not all(map(math.isfinite, found)):
        raise ValueError(text)
    return found


def matrix(text: str | None) -> Matrix:
    found = numbers(text)
    return (found[0], found[1], found[2], found[3], found[4], found[5]) if len(found) >= 6 else IDENTITY


def multiplied(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that does ``first``, then ``second``."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def moved(point: Point, by: Matrix) -> Point:
    x, y = point
    return by[0] * x + by[2] * y + by[4], by[1] * x + by[3] * y + by[5]


def written(*values: float) -> str:
    return " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values)


def path_operators(data: str, by: Matrix = IDENTITY) -> str:
    """Return the path in PDF. Raises ValueError or IndexError if the data are no path."""
    return "\n".join(_drawn(operator, points, by) for operator, points in _segments(data))


def rectangle(x: float, y: float, width: float, height: float) -> str:
    return f"{written(x, y, width, height)} re"


def _drawn(operator: str, points: list[Point], by: Matrix) -> str:
    return " ".join([*(written(*moved(point, by)) for point in points), operator])


def _segments(data: str) -> Iterator[tuple[str, list[Point]]]:
    tokens = TOKEN.findall(data)
    at, start, index = (0.0, 0.0), (0.0, 0.0), 0
    while index < len(tokens):
        letter = tokens[index].upper()
        values = [float(each) for each in tokens[index + 1 : index + 1 + COUNTS[letter]]]
        index += 1 + COUNTS[letter]
        if letter == "C":
            yield "h", []
            at = start
            continue
        end = (values[-2], values[-1])
        match letter:
            case "S" | "M":
                yield "m", [end]
                start = end
            case "L":
                yield "l", [end]
            case "Q":
                middle = (values[0], values[1])
                yield "c", [_between(at, middle), _between(end, middle), end]
            case "B":
                yield "c", [(values[0], values[1]), (values[2], values[3]), end]
            case "A":
                yield from _arc(at, end, values)
        at = end


def _between(end: Point, middle: Point) -> Point:
    """Return the control point of a cubic curve that follows a quadratic one."""
    return end[0] + 2 / 3 * (middle[0] - end[0]), end[1] + 2 / 3 * (middle[1] - end[1])


def _arc(at: Point, end: Point, values: list[float]) -> Iterator[tuple[str, list[Point]]]:
    """Yield the curves of an elliptical arc: radii, degrees of its axis, the large one, clockwise (the same as SVG's, appendix F.6)."""
    rx, ry, turn = abs(values[0]), abs(values[1]), math.radians(values[2] % 360)
    is_large, is_clockwise = values[3] != 0, values[4] != 0
    if at == end:
        return
    if not rx or not ry:
        yield "l", [end]
        return
    cos, sin = math.cos(turn), math.sin(turn)
    dx, dy = (at[0] - end[0]) / 2, (at[1] - end[1]) / 2
    x, y = cos * dx + sin * dy, cos * dy - sin * dx
    grow = math.sqrt(max(1.0, (x / rx) ** 2 + (y / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    rest = max(0.0, (rx * ry) ** 2 - (rx * y) ** 2 - (ry * x) ** 2) / ((rx * y) ** 2 + (ry * x) ** 2)
    side = math.sqrt(rest) * (-1 if is_large == is_clockwise else 1)
    cx, cy = side * rx * y / ry, -side * ry * x / rx
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    sweep = math.atan2((-y - cy) / ry, (-x - cx) / rx) - first
    if is_clockwise and sweep < 0:
        sweep += 2 * math.pi
    elif not is_clockwise and sweep > 0:
        sweep -= 2 * math.pi
    middle = ((at[0] + end[0]) / 2, (at[1] + end[1]) / 2)
    place = (rx * cos, rx * sin, -ry * sin, ry * cos, cos * cx - sin * cy + middle[0], sin * cx + cos * cy + middle[1])
    pieces = max(1, math.ceil(abs(sweep) / (math.pi / 2)))
    step = sweep / pieces
    bow = 4 / 3 * math.tan(step / 4)
    for number in range(pieces):
        from_, to = first + number * step, first + (number + 1) * step
        unit = [
            (math.cos(from_) - bow * math.sin(from_), math.sin(from_) + bow * math.cos(from_)),
            (math.cos(to) + bow * math.sin(to), math.sin(to) - bow * math.cos(to)),
            (math.cos(to), math.sin(to)),
        ]
        yield "c", [moved(point, place) for point in unit]
