"""Twenty faults, one after another, on a running installation: `python -m benchmarks.faults [--only NAME …] [--tasks 5000]`.

Runs `bin/run` with its processes on a small disk of its own (a tmpfs, where mounting is allowed). Meanwhile people write: notes of
progress and pictures. Each answer that acknowledges a write goes into a journal. After every fault the recovery is measured, and the
journal is compared with the database file and the files, read without the application.

Exit code 1 when a recovery took more than 60 seconds or an acknowledged write is missing.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks import losses
from benchmarks.faults.harm import FAULTS, Fault, fill_disk
from benchmarks.faults.preparation import prepare, small_disk
from benchmarks.faults.recovery import give_up, heartbeat, writes_again
from benchmarks.faults.site import MOST_SECONDS, Site
from benchmarks.faults.writers import send_pictures, write_notes
from benchmarks.journal import Journal
from benchmarks.losses import DISK_FULL

EXPORTS_SECONDS = 600  # until an export whose worker was killed was made by another: the lease of a job is five minutes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of the faults to try")
    parser.add_argument("--tasks", type=int, default=5000, help="in the campaign whose ledger is the long export")
    asked = parser.parse_args()
    chosen = [fault for fault in FAULTS if not asked.only or any(part in fault.name for part in asked.only)]
    with small_disk() as (folder, is_own_disk):
        if not is_own_disk:
            print("no right to mount a small disk here: the disk is not filled")
            chosen = [fault for fault in chosen if fault.harm is not fill_disk]
        (folder / "data").mkdir()
        with tempfile.NamedTemporaryFile(prefix="creation-journal-") as journal:  # not on the disk that is filled
            site = Site(folder / "data", prepare(folder / "data", asked.tasks), Journal(Path(journal.name)))
            sys.exit(run(site, chosen))


def run(site: Site, chosen: list[Fault]) -> int:
    """Try the faults; return 1 if one of them misses its aim."""
    site.start()
    writers = [threading.Thread(target=write, args=[site], daemon=True) for write in (write_notes, send_pictures)]
    for writer in writers:
        writer.start()
    print(f"{'fault':46}{'recovery s':>12}{'acknowledged':>14}{'lost':>6}", flush=True)
    try:
        began = time.monotonic()
        writes_again(site, began)
        while not heartbeat(site):
            give_up(began)
        missed = [fault.name for fault in chosen if not stands(site, fault)]
        missed += [] if exports_finish(site) else ["an export was not finished"]
    finally:
        site.stopped.set()
        assert site.server
        site.server.end()
    print("answers to notes: " + ", ".join(f"{status} × {count}" for status, count in sorted(site.answers.items())))
    print(
        f"missed: {'; '.join(missed)}"
        if missed
        else f"{len(chosen)} faults, every recovery within {MOST_SECONDS} s, nothing lost"
    )
    return int(bool(missed))


def exports_finish(site: Site) -> bool:
    """Wait for the exports whose workers were killed."""
    since = time.monotonic()
    over = "SELECT id, message FROM creation_job WHERE state = 'done' OR message LIKE ?"
    while unfinished := set(site.journal.entries["export"]) - {str(key) for key, _ in site.ask(over, f"%{DISK_FULL}%")}:
        if time.monotonic() - since > EXPORTS_SECONDS:
            print(f"unfinished exports: {sorted(unfinished)}")
            return False
        time.sleep(1)
    asked = site.journal.entries["export"]
    full = [key for key, text in site.ask(over, f"%{DISK_FULL}%") if DISK_FULL in str(text) and str(key) in asked]
    print(
        f"{len(asked)} exports were asked for; all ended, {len(full)} of them with the sentence about the full disk",
        flush=True,
    )
    return True


def lost(site: Site) -> int:
    """Return how many acknowledged writes are not in the database or on the disk."""
    missing, _ = losses.missing(site.journal.path, site.database, site.data / "files")
    if missing:
        print(f"not found: {missing}", flush=True)
    return sum(map(len, missing.values()))


def stands(site: Site, fault: Fault) -> bool:
    """Try one fault and print its line; return whether recovery and writes are as they must be."""
    try:
        took = fault.recovery(site, fault.harm(site))
        writes_again(site, time.monotonic())
    except AssertionError as error:
        print(f"{fault.name:46}  {error}", flush=True)
        return False
    missing = lost(site)
    acknowledged = len(site.times("note")) + len(site.times("picture"))
    print(f"{fault.name:46}{took:12.1f}{acknowledged:14}{missing:6}", flush=True)
    return took <= MOST_SECONDS and not missing


if __name__ == "__main__":
    main()
