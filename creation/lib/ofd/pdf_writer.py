"""A PDF as a list of numbered objects, written at the end."""

import zlib
from pathlib import Path

CATALOG, PAGES = 1, 2


class PdfWriter:
    def __init__(self) -> None:
        self.objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
        self.pages: list[int] = []

    def add(self, entries: str, stream: bytes | None = None, *, is_compressed: bool = False) -> int:
        """Add a dictionary, with a stream if given, and return its number. ``is_compressed``: the entries name the stream's filter."""
        if stream is None:
            self.objects.append(f"<<{entries}>>".encode())
            return len(self.objects)
        if not is_compressed:
            stream, entries = zlib.compress(stream), f"{entries}/Filter/FlateDecode"
        head = f"<<{entries}/Length {len(stream)}>>stream\n".encode()
        self.objects.append(head + stream + b"\nendstream")
        return len(self.objects)

    def add_page(self, width: float, height: float, resources: str, content: bytes) -> None:
        stream = self.add("", content)
        box = f"/MediaBox[0 0 {width:.3f} {height:.3f}]"
        self.pages.append(
            self.add(f"/Type/Page/Parent {PAGES} 0 R{box}/Resources<<{resources}>>/Contents {stream} 0 R")
        )

    def save(self, path: Path) -> None:
        kids = " ".join(f"{number} 0 R" for number in self.pages)
        self.objects[PAGES - 1] = f"<</Type/Pages/Kids[{kids}]/Count {len(self.pages)}>>".encode()
        places: list[int] = []
        with path.open("wb") as file:
            file.write(b"%PDF-1.7\n")
            for number, each in enumerate(self.objects, 1):
                places.append(file.tell())
                file.write(b"%d 0 obj\n%b\nendobj\n" % (number, each))
            start, size = file.tell(), len(self.objects) + 1
            file.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
            file.writelines(b"%010d 00000 n \n" % place for place in places)
            file.write(b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, CATALOG, start))
