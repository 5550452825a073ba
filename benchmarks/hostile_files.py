"""What gets in: `python -m benchmarks.hostile_files [--no-office]`. Exit code 1 if a hostile file is accepted or an ordinary one refused.

Every file is sent over HTTP to a server of its own, as the browser's script sends it; every workbook to the import. Prints a table of
verdicts. `--no-office` leaves out the ordinary files that LibreOffice writes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

from django.core.management import call_command

from benchmarks.upload_memory import ROOT, prepare
from tests.support.local_servers import listens, wait_for

Answer = tuple[int, str]
PATIENCE = 300  # seconds for the server to start


class Browser:
    """A person's browser: the port of the server, headers of the session, path of a task."""

    def __init__(self, port: int, headers: dict[str, str], task: str) -> None:
        self.port, self.headers, self.task = port, headers, task

    def ask(self, method: str, url: str, body: bytes, kind: str) -> tuple[int, str, str]:
        """Return status, address to go to, and text of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, url, body, self.headers | {"Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, answer.headers.get("Location", ""), text

    def upload(self, name: str, content: bytes) -> Answer:
        """Return status and sentence of the answer that refused the file, or took its last byte."""
        asked = {"name": name, "size": len(content), "modified": "2026-07-01", "declared": True}
        status, _, text = self.ask("POST", f"{self.task}uploads/", json.dumps(asked).encode(), "application/json")
        if status == 201:
            url = json.loads(text)["url"]
            status, _, text = self.ask("PUT", f"{url}?offset=0", content, "application/octet-stream")
        return status, json.loads(text).get("error", "") if text.startswith("{") else text[:60]

    def import_workbook(self, campaign: str, name: str, content: bytes) -> Answer:
        """Return status and text of the page that refuses the workbook, or of its preview."""
        line = uuid4().hex
        head = f'--{line}\r\nContent-Disposition: form-data; name="workbook"; filename="{name}"\r\n\r\n'.encode()
        body = head + content + f"\r\n--{line}--\r\n".encode()
        kind = f"multipart/form-data; boundary={line}"
        status, address, text = self.ask("POST", f"{campaign}imports/new/liaisons/", body, kind)
        if status != 302:
            return status, text
        preview, _, text = self.ask("GET", urllib.parse.urlsplit(address).path, b"", "text/plain")
        return (200 if preview == 200 else preview), text


def coordinator() -> dict[str, str]:
    """Create a coordinator for the campaign of `prepare`; return the headers of the browser."""
    from django.test import Client

    from creation.models import Campaign
    from creation.rules.policy import Role
    from tests.support.world import add_person, make_units

    campaign = Campaign.objects.get()
    units = make_units(campaign.district, ["司法局", "老街街道"])
    client = Client(headers={"user-agent": "benchmark"})
    client.force_login(add_person("coordinator", "宗协调", Role.COORDINATOR, units["司法局"]))
    cookies = {name: cookie.value for name, cookie in client.cookies.items()} | {"csrftoken": "c" * 32}
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "X-CSRFToken": "c" * 32}


def hostile(browser: Browser) -> Iterator[str]:
    """Send the hostile files. Yield what got in, or was refused without a sentence."""
    from tests.support import hostile_disguises, hostile_files

    counts: Counter[str] = Counter()
    for kind, what, name, content in [
        *hostile_files.listed(),
        *hostile_files.variants(),
        *hostile_disguises.disguises(),
    ]:
        status, sentence = browser.upload(name, content)
        is_refused = status == 422 and sentence.endswith("。")
        counts[kind] += is_refused
        report(kind, what, status, sentence)
        if not is_refused:
            yield f"{kind}: {what} was answered {status} {sentence[:60]}"
    print("refused: " + ", ".join(f"{kind} {count}" for kind, count in counts.items()) + f"; together {counts.total()}")


def workbooks(browser: Browser, campaign: str) -> Iterator[str]:
    from tests.support.hostile_workbooks import workbooks

    every, right = workbooks(), 0
    for book in every:
        status, text = browser.import_workbook(campaign, book.name, book.content)
        is_right = status == (422 if book.refused else 200) and book.said in text
        right += is_right
        report("workbook", book.what, status, book.said if is_right else "another answer")
        if not is_right:
            yield f"workbook: {book.what} was answered {status} without {book.said}"
    print(f"workbooks with their own answer: {right} of {len(every)}")


def ordinary(browser: Browser, office: bool) -> Iterator[str]:
    from tests.support import ordinary_files

    every = ordinary_files.written_by_libraries()
    if office:
        every += ordinary_files.written_by_libreoffice()
    accepted = 0
    for writer, name, content in every:
        status, sentence = browser.upload(f"{writer} {name}", content)
        accepted += status == 201
        report("ordinary", f"{writer}: {name}", status, sentence)
        if status != 201:
            yield f"ordinary: {writer} {name} was answered {status} {sentence}"
    print(f"ordinary files accepted: {accepted} of {len(every)}")


@contextmanager
def served(port: int) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", "config.serve"], cwd=ROOT, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(lambda: listens(port), PATIENCE)
            yield
        finally:
            server.terminate()


def report(kind: str, what: str, status: int, sentence: str) -> None:
    print(f"{kind:<12} {what[:60]:<62} {status} {sentence[:90]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-office", action="store_true")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="creation-benchmark-"))
    port = 20000 + os.getpid() % 20000
    os.environ |= {"DATA_DIR": str(folder), "PORT": str(port), "DJANGO_SETTINGS_MODULE": "config.settings"}
    began = time.monotonic()
    try:
        headers, task = prepare()
        campaign = task.partition("tasks/")[0]
        office = coordinator()
        call_command("collectstatic", interactive=False, verbosity=0)
        with served(port):
            browser = Browser(port, headers, task)
            missed = [
                *hostile(browser),
                *workbooks(Browser(port, office, task), campaign),
                *ordinary(browser, not asked.no_office),
            ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(f"MISSED: {each}" for each in missed) or "every verdict is right")
    print(f"{time.monotonic() - began:.0f} seconds")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
