"""The effect of 200 slow uploads on everybody else: `python -m benchmarks.slow_uploads [--uploads 200] [--seconds 15]`.

Starts the web server on a filled data folder and opens two pages repeatedly: alone, then while the uploads send a byte from time to
time, then alone again. The result is the ratio, since both sides run on the same machine.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

import django

from tests.support.browser import fill, filled_server
from tests.support.slow_uploads import Visitor, dribbling, opened_meanwhile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="creation-benchmark-"))
    os.environ |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    try:
        django.setup()  # the test data needs the models
        fill(folder)
        with filled_server(folder) as (port, found):
            measure(port, found["acting"], asked.uploads, asked.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(port: int, acting: dict[str, dict[str, str]], uploads: int, seconds: float) -> None:
    visitor = Visitor(port, *acting["people"]["rival"])
    task = acting["urls"]["other"]
    pages = ["/", task]
    opened_meanwhile(visitor, pages, 2, [])  # warm the caches
    print(f"{'':30}{'pages':>8}{'median ms':>12}{'p95 ms':>10}{'slowest':>10}")
    alone = said("alone", opened_meanwhile(visitor, pages, seconds, []))
    with dribbling(visitor, task, uploads) as lines:
        beside = said(f"beside {uploads} uploads", opened_meanwhile(visitor, pages, seconds, lines))
    after = said("alone again", opened_meanwhile(visitor, pages, seconds, []))
    print(f"ratio of the medians: {beside / ((alone + after) / 2):.2f}")


def said(label: str, took: list[float]) -> float:
    middle = statistics.median(took)
    late = sorted(took)[int(len(took) * 0.95)]
    print(f"{label:30}{len(took):8}{middle * 1000:12.1f}{late * 1000:10.1f}{max(took) * 1000:10.1f}")
    return middle


if __name__ == "__main__":
    main()
