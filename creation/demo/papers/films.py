"""A film of three seconds, drawn once; each copy carries its own title in a box that players pass over."""

from functools import cache
from importlib import resources

from creation.demo.papers.sheet import Paper


@cache
def _clip() -> bytes:
    return (resources.files(__package__) / "clip.mp4").read_bytes()


def film(paper: Paper) -> bytes:
    """H.264 in MP4, with a ``free`` box (ISO 14496-12, 8.1.2) at the end."""
    note = f"{paper.title} {paper.unit} {paper.written_on} {paper.serial}".encode()
    return _clip() + (len(note) + 8).to_bytes(4) + b"free" + note
