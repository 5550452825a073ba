"""What people do at their browsers, for locust. Started by `benchmarks.rush`, which says in RUSH who they are.

Everything that an answer acknowledges is noted in the journal. Random choices follow from the seed and the seat.
"""

import hashlib
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geventhttpclient.response import HTTPConnectionClosed
from locust import FastHttpUser, events, task

from benchmarks.journal import Journal

GIVEN: dict[str, Any] = json.loads(Path(os.environ["RUSH"]).read_text())
SEATS = iter(enumerate(GIVEN["seats"]))
JOURNAL = Journal(Path(GIVEN["journal"]))
BEGAN = time.monotonic()
RUN = os.urandom(4).hex()  # no run writes what another has written
JPEG = bytes.fromhex(GIVEN["jpeg"])
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
REVIEW = re.compile(r'href="(/c/\d+/reviews/(\d+)/[^"]*)"')
CONFLICT = 409
FAILURES: Counter[str] = Counter()
EXPORT_PAUSE = 4  # times as long as between two clicks


class Browser(FastHttpUser):
    """A person with a seat, who thinks between two clicks."""

    network_timeout = connection_timeout = 60.0

    def on_start(self) -> None:
        number, self.seat = next(SEATS)
        self.chance = random.Random(GIVEN["seed"] * 1000 + number)
        self.number, self.count = number, 0
        time.sleep(self.chance.uniform(0, GIVEN["arrive"]))
        self.enter()

    def wait_time(self) -> float:
        slower = EXPORT_PAUSE if self.seat.get("role") == "exporter" else 1
        return self.chance.uniform(*GIVEN["think"]) * slower

    def enter(self) -> None:
        pass

    def ask(self, name: str, method: str, path: str, expected: set[int], **options: Any) -> Any:
        """Return the answer; one with a status that is not expected counts as an error.

        As browsers do, ask once more where the kept connection turns out to be closed.
        """
        for is_last in (False, True):
            with self.client.request(
                method, path, name=name, allow_redirects=False, catch_response=True, **options
            ) as answer:
                if answer.status_code in expected:
                    answer.success()
                elif is_last or not is_closed(answer):
                    answer.failure(f"{answer.status_code} {getattr(answer, 'error', None) or ''}")
                    FAILURES[
                        f"{name}: {answer.status_code} {getattr(answer, 'error', None) or (answer.text or '')[:100]!r}"
                    ] += 1
                else:
                    answer.request_meta["name"] = "connection closed"
                    answer.success()
                    continue
                return answer
        raise AssertionError

    def open(self, name: str, path: str) -> str:
        return self.ask(name, "GET", path, {200}).text or ""


class Minimal(Browser):
    """Opens the page of the minimal site again and again."""

    def enter(self) -> None:
        self.ask("minimal login", "POST", "/login/", {302})

    @task
    def page(self) -> None:
        self.open("minimal page", "/")


class Person(Browser):
    """Does what a seat's role does on the last evening."""

    def enter(self) -> None:
        self.is_in = False
        token = fields_of(self.open("login page", "/login/"))["csrfmiddlewaretoken"]
        form = {"username": self.seat["login"], "password": self.seat["password"], "csrfmiddlewaretoken": token}
        self.is_in = self.ask("login", "POST", "/login/", {302}, data=form).status_code == 302
        self.at = f"/c/{self.seat['campaign']}"

    @task
    def act(self) -> None:
        if not self.is_in:
            self.enter()
            return
        doing, weights = zip(*self.doings(), strict=True)
        self.chance.choices(doing, weights)[0]()

    def doings(self) -> list[tuple[Callable[[], object], float]]:
        role = self.seat["role"]
        read = [(self.todo, 3.0), (self.task_list, 3.0)]
        if role == "exporter":
            return [(self.export, 1.0)]
        if role in {"liaison", "clerk"} and self.seat["drafts"]:
            late = min(1.0, (time.monotonic() - BEGAN) / GIVEN["seconds"])  # most uploads come in the last part
            write = [(self.task_page, 3.0), (self.draft, 2.0), (self.note, 1.0), (self.upload, 0.6 + 2 * late**2)]
            return [*read, *write, *([(self.hand_in, 1.0)] if role == "liaison" and self.seat["answers"] else [])]
        if role in {"reviewer", "coordinator"}:
            return [*read, (self.review, 6.0), (self.matrix, 1.0)]
        return [*read, *([] if role == "unit_leader" else [(self.matrix, 2.0)])]

    # Pages

    def todo(self) -> None:
        self.open("todo", "/")

    def task_list(self) -> None:
        self.open("task list", f"{self.at}/tasks/")

    def matrix(self) -> None:
        self.open("matrix", f"{self.at}/progress/")

    def task_page(self) -> str:
        return self.open("task page", self.address(self.chance.choice(self.seat["drafts"])))

    def address(self, key: int) -> str:
        return f"{self.at}/tasks/{key}/"

    # Writes

    def send(self, name: str, path: str, fields: dict[str, str], expected: set[int], **headers: str) -> Any:
        return self.ask(name, "POST", path, expected, data=fields, headers=self.headers(**headers))

    def headers(self, **more: str) -> dict[str, str]:
        token = next((each.value for each in self.client.cookiejar if each.name == "csrftoken"), "")
        return {"X-CSRFToken": token, "Referer": self.host or "", **more}

    def words(self, about: str) -> str:
        self.count += 1
        return f"{about}：第 {self.number} 席第 {self.count} 条（{RUN}），对照要点逐项落实。"

    def draft(self) -> None:
        key, text = self.chance.choice(self.seat["drafts"]), self.words("草稿")
        fields = {"mode": "upload", "measures": text, "keep": "1"}
        if (
            self.send("draft", f"{self.address(key)}draft/", fields, {200}, Accept="application/json").status_code
            == 200
        ):
            JOURNAL.add("draft", f"{key} {self.seat['login']}", text)

    def note(self) -> None:
        key, text = self.chance.choice(self.seat["drafts"]), self.words("进展")
        fields = {"day": time.strftime("%Y-%m-%d"), "text": text}
        if self.send("note", f"{self.address(key)}notes/", fields, {302}).status_code == 302:
            JOURNAL.add("note", text)

    def upload(self) -> None:
        self.count += 1
        key, content = (
            self.chance.choice(self.seat["drafts"]),
            JPEG + RUN.encode() + self.chance.randbytes(GIVEN["upload"]),
        )
        asked = {"name": f"现场{self.number}-{self.count}.jpg", "size": len(content), "modified": "2026-07-15"}
        begun = self.ask(
            "announce upload", "POST", f"{self.address(key)}uploads/", {201}, json={**asked, "declared": True},
            headers=self.headers(),
        )  # fmt: skip
        if begun.status_code != 201:
            return
        url = f"{urlsplit(json.loads(begun.text)['url']).path}?offset=0"
        headers = self.headers(**{"Content-Type": "application/octet-stream"})
        if self.ask("upload", "PUT", url, {201}, data=content, headers=headers).status_code == 201:
            JOURNAL.add("picture", hashlib.sha256(content).hexdigest())

    def hand_in(self) -> None:
        key, text = self.seat["answers"].pop(), self.words("情况说明")
        page = self.open("task page", self.address(key))
        fields = {"mode": "statement", "statement": text, "version": fields_of(page).get("version", "")}
        answer = self.send("hand in", f"{self.address(key)}moves/submit/", fields, {302, CONFLICT})
        if answer.status_code == 302:
            JOURNAL.add("answer", text)

    def review(self) -> None:
        found = REVIEW.findall(self.open("review queue", f"{self.at}/reviews/"))
        if not found:
            return
        path, key = self.chance.choice(found)
        answer = self.ask("review page", "GET", path.replace("&amp;", "&"), {200, 302})
        if answer.status_code != 200:
            return  # a colleague was quicker
        seen = fields_of(answer.text).get("version")
        if seen is None:
            return  # somebody else has to judge this answer
        text = self.words("审核")
        fields = {"version": seen, "comment": text}
        expected = {302, 403, CONFLICT}  # 403: the reviewer's own answer
        if self.send("approve", f"{self.at}/reviews/{key}/approve/", fields, expected).status_code == 302:
            JOURNAL.add("review", text)

    def export(self) -> None:
        """Ask for the ledger of everything again and again, once the exports have begun. While one is being made, that one is returned."""
        if time.monotonic() - BEGAN < GIVEN["export_at"]:
            return
        answer = self.send("export", f"{self.at}/ledger/export/", {}, {302})
        if answer.status_code == 302 and (found := re.search(r"/jobs/(\d+)/", answer.headers.get("Location", ""))):
            JOURNAL.add("export", found[1])


def is_closed(answer: Any) -> bool:
    return answer.status_code == 0 and isinstance(
        getattr(answer, "error", None), (ConnectionError, HTTPConnectionClosed)
    )


@events.quitting.add_listener
def tell_failures(**options: Any) -> None:
    for said, count in FAILURES.most_common(20):
        print(f"{count:6} × {said}", file=sys.stderr, flush=True)


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page."""
    return dict(HIDDEN.findall(page or ""))


if GIVEN["minimal"]:
    del Person
else:
    del Minimal
del Browser
