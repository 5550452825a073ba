"""The package with many small files: `python -m benchmarks.package [--files 10000] [--rounds 3]`. Exit code 1 when a target is missed.

In one run, alternating, each in a new process: our package (check each file's SHA-256, make catalogue and manifest, then read the
archive as a download does) and a plain program that does the same with Python's zipfile (read and hash each file, write an archive to
the disk with the same catalogue and manifest, then read it). The targets are ratios, since both sides run on the same machine.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SIZE = 4 * 1024
SECONDS, FIRST, MEGABYTES, RATIO = 10, 1.0, 50, 1.0  # targets; the ratio is the plain program's time over ours
CHUNK = 256 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="creation-benchmark-"))
    os.environ |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    try:
        _apart(fill, folder, asked.files)
        ours, plain = zip(
            *((_apart(pack, folder), _apart(zip_plainly, folder)) for _ in range(asked.rounds)), strict=True
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(report(asked.files, ours, plain))


def report(files: int, ours: tuple[Any, ...], plain: tuple[Any, ...]) -> bool:
    """Return whether a target was missed."""
    print(f"{files:,} files of {SIZE // 1024} KB{'seconds':>14}{'first byte':>12}{'memory':>12}")
    for name, rows in (("the package", ours), ("zipfile", plain)):
        seconds, first, memory = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{name:<23}{seconds:>11.2f} s{first:>10.3f} s{memory:>9.0f} MB")
    seconds, first, memory = (statistics.median(column) for column in zip(*ours, strict=True))
    ratio = statistics.median(row[0] for row in plain) / seconds
    print(f"{ratio:.2f} times as fast as zipfile")
    missed = [
        *([f"{seconds:.1f} s instead of {SECONDS}"] if seconds > SECONDS else []),
        *([f"the first byte after {first:.2f} s instead of {FIRST}"] if first > FIRST else []),
        *([f"{memory:.0f} MB more memory instead of {MEGABYTES}"] if memory > MEGABYTES else []),
        *([f"{ratio:.2f} times as fast as zipfile instead of {RATIO}"] if ratio < RATIO else []),
    ]
    print("\n".join(f"MISSED: {each}" for each in missed) or "every aim was reached")
    return bool(missed)


def _apart(work: Callable[..., Any], *arguments: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_report, args=(there, work, arguments))
    process.start()
    there.close()
    found = here.recv()
    process.join()
    return found


def _report(pipe: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    import django

    django.setup()
    pipe.send(work(*arguments))


def fill(folder: Path, count: int) -> None:
    """Store files as the application does, and write a list of their keys and digests."""
    from django.conf import settings

    from creation.lib import storage

    Path(settings.INCOMING_ROOT).mkdir(parents=True, exist_ok=True)
    part, known = Path(settings.INCOMING_ROOT) / "part", []
    for _ in range(count):
        content, key = os.urandom(SIZE), storage.new_key()
        part.write_bytes(content)
        storage.save_blob_as(part, key, durable=False)
        part.unlink()
        known.append((key, hashlib.sha256(content).hexdigest()))
    (folder / "known.json").write_text(json.dumps(known))


def _contents(folder: Path) -> Any:
    from reports.package.contents import PackageContents, PackageItem

    contents = PackageContents()
    for number, (key, sha256) in enumerate(json.loads((folder / "known.json").read_text())):
        unit = f"单位{number % 60}"
        contents.items.append(
            PackageItem(
                folder=f"4 行政执法/4-3 责任制/4-3-3 案卷评查/{unit}/", name=f"4-3-3-{number} {unit} 评查通报.pdf", section="4 行政执法",
                code="4-3-3", checkpoint="案卷评查", number=f"4-3-3-{number}", unit=unit, title="评查通报", kind="文件", key=key,
                sha256=sha256, size=SIZE,
            )
        )  # fmt: skip
    return contents


def _cover() -> Any:
    from reports.package.catalogue import CatalogueCover

    return CatalogueCover("源汇区", "全部任务", datetime(2026, 8, 1, tzinfo=UTC))


def pack(folder: Path) -> tuple[float, float, float]:
    """Return total seconds, seconds from the request to the first byte of the download, and megabytes of growth."""
    from reports.package import builder

    contents, path = _contents(folder), folder / "package"
    before, began = _memory(), time.perf_counter()
    made = builder.build_package(
        contents, builder.PackageOptions("印证资料", _cover()), path, lambda done, total, words: None
    )
    assert made.is_complete
    asked = time.perf_counter()
    with builder.open_volume(path.open("rb"), 0) as whole:
        first = _read(whole, asked)
    return time.perf_counter() - began, first, _memory() - before


def zip_plainly(folder: Path) -> tuple[float, float, float]:
    from creation.lib import storage
    from reports.package import catalogue

    contents, path = _contents(folder), folder / "plain.zip"
    before, began, sums = _memory(), time.perf_counter(), []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for item in contents.items:
            content = storage.blob_path(item.key).read_bytes()
            assert hashlib.sha256(content).hexdigest() == item.sha256
            archive.writestr(item.path, content)
            sums.append(f"{item.sha256}  {item.path}\n")
        catalogue.write(contents, [], _cover(), folder / "目录.xlsx")
        archive.write(folder / "目录.xlsx", "目录.xlsx")
        archive.writestr("校验清单.sha256", "".join(sums), zipfile.ZIP_DEFLATED)
    asked = time.perf_counter()
    with path.open("rb") as file:
        first = _read(file, asked)
    path.unlink()
    return time.perf_counter() - began, first, _memory() - before


def _read(archive: Any, asked: float) -> float:
    """Read the archive to the end; return the seconds until the first bytes."""
    archive.read(CHUNK)
    first = time.perf_counter() - asked
    while archive.read(CHUNK):
        pass
    return first


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
