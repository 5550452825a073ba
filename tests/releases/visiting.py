"""A simulated browser: opens a page, fills in one of its forms and submits it. Knows URL names and nothing of the code."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

HOST = "localhost"
UNSENT = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """A form on the page: its URL and the data it would send unchanged."""

    action: str
    method: str = "get"
    data: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, value: str) -> None:
        self.data.setdefault(name, []).append(value)


class Forms(HTMLParser):
    """All forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.named: dict[str, Form] = {}
        self.open: Form | None = None
        self.select: tuple[Form, str] | None = None
        self.options: list[tuple[str, bool]] = []
        self.area: tuple[Form, str] | None = None
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        if tag == "form":
            self.open = self._form(given)
        elif tag == "option" and self.select:
            self.options.append((given.get("value", ""), "selected" in given))
        elif tag in ("input", "select", "textarea") and given.get("name") and "disabled" not in given:
            self._field(tag, given)

    def _form(self, given: dict[str, str]) -> Form:
        made = Form(given.get("action", ""), given.get("method", "get").lower())
        if given.get("id"):
            made = self.named.setdefault(given["id"], made)
            made.action, made.method = given.get("action", ""), given.get("method", "get").lower()
        self.found.append(made)
        return made

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form = self.named.setdefault(given["form"], Form("")) if given.get("form") else self.open
        if form is None:
            return
        if tag == "select":
            self.select, self.options = (form, given["name"]), []
        elif tag == "textarea":
            self.area, self.text = (form, given["name"]), []
        elif given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                form.add(given["name"], given.get("value", "on"))
        elif given.get("type") not in UNSENT:
            form.add(given["name"], given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select" and self.select:
            form, name = self.select
            for value in [value for value, chosen in self.options if chosen] or [v for v, _ in self.options[:1]]:
                form.add(name, value)
            self.select = None
        elif tag == "textarea" and self.area:
            form, name = self.area
            form.add(name, "".join(self.text).removeprefix("\n"))
            self.area = None


class Visitor:
    """A logged-in person at a browser."""

    def __init__(self, login: str, password: str) -> None:
        self.client = Client(SERVER_NAME=HOST)
        self.post(reverse("login"), {"username": login, "password": password})

    def get(self, name: str, /, *args: Any, **query: Any) -> Any:
        address = reverse(name, args=args)
        answer = self.client.get(address, query)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer

    def page(self, name: str, /, *args: Any, **query: Any) -> str:
        return str(self.get(name, *args, **query).content.decode())

    def file(self, name: str, *args: Any) -> bytes:
        answer = self.get(name, *args)
        return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)

    def post(self, address: str, data: dict[str, Any]) -> Any:
        """Post the data; a success redirects to another page."""
        answer = self.client.post(address, data)
        assert answer.status_code in (302, 303), (address, answer.status_code, complaints(answer.content.decode()))
        return answer

    def do(self, name: str, /, *args: Any, **data: Any) -> Any:
        return self.post(reverse(name, args=args), data)

    def send(self, where: str, name: str, /, *args: Any, **changes: Any) -> Any:
        """Submit the form on page ``where`` whose URL has this name, with these changes."""
        target, page = reverse(name, args=args), self.client.get(where)
        assert page.status_code == 200, (where, page.status_code)
        forms = [form for form in Forms(page.content.decode()).found if form.method == "post"]
        form = next((form for form in forms if urljoin(where, form.action).split("?")[0] == target), None)
        assert form, (where, target, [form.action for form in forms])
        return self.post(urljoin(where, form.action), form.data | changes)


def complaints(page: str) -> list[str]:
    """Return the lines with error messages."""
    marks = ("invalid-feedback", "alert-danger", "errorlist")
    lines = page.splitlines()
    return [
        line.strip()[:300]
        for number, line in enumerate(lines)
        if any(mark in "".join(lines[max(0, number - 1) : number + 1]) for mark in marks)
    ]


def upload(name: str, content: bytes, media_type: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, media_type)
