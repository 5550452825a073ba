"""How a folder of files fares: `python -m benchmarks.judge FOLDER [--no-preview] [--names]`. Exit code 1 if anything crashed.

Each file of an accepted type goes through the check of uploads, the reader and the preview, as after an upload. Prints how many were
accepted, under another type than their name says, refused by which sentence, and crashed; what reader and preview made of them; steps that
took more than ten seconds, and seconds of the whole.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Outcome = tuple[str, str]  # what was done, and how it ended
CRASHED = "CRASHED"
SLOW = 10  # seconds
WORKERS = 2
SHOWN = 3  # names of each outcome, without --names


def outcomes(path: Path, with_preview: bool) -> Iterator[Outcome]:
    """Yield how a file ended in each step; after a refusal nothing more."""
    from creation.evidence import uploads
    from creation.lib import filenames, filetypes

    try:
        began = time.monotonic()
        found = filetypes.inspect(path, path.name, uploads.limits())
    except filetypes.FileRefused as refused:
        yield "upload", f"refused: {refused.sentence.replace(filenames.clean(path.name), '…')}"
        return
    except Exception as error:  # what the benchmark looks for
        yield "upload", f"{CRASHED}: {type(error).__name__}: {error}"[:300]
        return
    renamed = found.extension != filenames.extension(path.name)
    yield "upload", "accepted" + (f" as {found.extension}" if renamed else "")
    yield from slowness("upload", began)
    steps: dict[str, Callable[[Path, str], str]] = {"reader": reading} | ({"preview": drawing} if with_preview else {})
    for step, take in steps.items():
        began = time.monotonic()
        yield step, guarded(lambda take=take: take(path, found.extension))  # type: ignore[misc]
        yield from slowness(step, began)


def slowness(step: str, began: float) -> Iterator[Outcome]:
    if time.monotonic() - began > SLOW:
        yield "slow", f"{step}: more than {SLOW} seconds"


def guarded(step: Callable[[], str]) -> str:
    from creation.lib.refusals import Refusal

    try:
        return step()
    except Refusal as refusal:
        return f"refused: {refusal.sentence}"
    except Exception as error:  # what the benchmark looks for
        return f"{CRASHED}: {type(error).__name__}: {error}"[:300]


def reading(path: Path, extension: str) -> str:
    from creation.evidence.library import extract_text, text_extraction

    if extension not in extract_text.READERS:
        return "nothing to read"
    found = text_extraction.run_program(extension, path)
    if not found:
        return f"{CRASHED}: the reader ended without an answer"
    if found.get("is_incomplete"):
        return "read in part"
    return "read" if found["has_text"] else "no text"


def drawing(path: Path, extension: str) -> str:
    from creation.evidence import previews
    from creation.evidence.previews import sandboxed_programs

    kind = "image" if extension in previews.IMAGE_EXTENSIONS else "pdf"
    if extension not in {"pdf", *previews.IMAGE_EXTENSIONS, *previews.CONVERTED_EXTENSIONS}:
        return "nothing to draw"
    with tempfile.TemporaryDirectory(prefix="judge-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source = (
            sandboxed_programs.to_pdf(path, extension, folder) if extension in previews.CONVERTED_EXTENSIONS else path
        )
        (folder / "pages").mkdir()
        for _ in sandboxed_programs.render_pages(kind, source, folder / "pages", 1, 1):
            pass
        return "drawn" if (folder / "pages" / "1.jpg").exists() else f"{CRASHED}: no page"


def wanted(folder: Path) -> list[Path]:
    """Return the files whose names say that they are of an accepted type."""
    from creation.lib import filenames
    from creation.lib.filetypes.allowed import ALLOWED, SAME_TYPES

    every = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return [path for path in every if filenames.extension(path.name) in {*ALLOWED, *SAME_TYPES}]


def judge(paths: list[Path], with_preview: bool) -> dict[Outcome, list[Path]]:
    found: dict[Outcome, list[Path]] = defaultdict(list)
    with ThreadPoolExecutor(WORKERS) as pool:
        for path, ended in zip(paths, pool.map(lambda each: list(outcomes(each, with_preview)), paths), strict=True):
            for outcome in ended:
                found[outcome].append(path)
    return found


def report(found: dict[Outcome, list[Path]], all_names: bool) -> None:
    for (step, end), paths in sorted(
        found.items(), key=lambda each: (each[0][0] != "upload", each[0][0], -len(each[1]))
    ):
        print(f"{step:<8} {len(paths):>5}  {end}")
        hides = end.startswith(("accepted", "read", "drawn", "nothing", "no text")) and not all_names
        for path in () if hides else paths[: None if all_names else SHOWN]:
            print(f"{'':<16}{path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-preview", action="store_true")
    parser.add_argument("--names", action="store_true", help="name every file")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="creation-judge-") as data:
        os.environ |= {"DATA_DIR": data, "DJANGO_SETTINGS_MODULE": "config.settings"}
        import django

        django.setup()
        paths = wanted(asked.folder)
        found = judge(paths, not asked.no_preview)
    report(found, asked.names)
    counts = Counter({outcome: len(some) for outcome, some in found.items()})
    crashed = sum(count for (_, end), count in counts.items() if end.startswith(CRASHED))
    refused = sum(count for (step, end), count in counts.items() if step == "upload" and end.startswith("refused"))
    share = f"{refused / len(paths):.1%}" if paths else "none"
    print(f"{len(paths)} files: {refused} refused ({share}), {crashed} crashed, {time.monotonic() - began:.0f} seconds")
    sys.exit(bool(crashed))


if __name__ == "__main__":
    main()
