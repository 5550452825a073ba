"""A Refusal becomes a response: in the form, as a message, and otherwise as page, fragment or JSON."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.test import Client
from django.urls import path, reverse

import creation
import reports
from config.urls import urlpatterns as pages
from creation.lib.refusals import Refusal, Stale
from creation.web.refusals import form_refusals
from tests.support.world import World

SENTENCE = "第 3 行没有填写单位，请补上后再提交。"
PROGRAMS = {"creation.lib.limited"}  # runs at import
INTERNAL = {
    "creation.access.AccessRefused": "Django's PermissionDenied: a page of its own and a row in the audit trail",
    "creation.audit.audit_chain.archiving.ArchiveDamaged": "a fault that the verification counts",
    "creation.background.job_context.JobCancelled": "ends the work of a job",
    "creation.background.job_context.LeaseLost": "ends the work of a job",
    "creation.evidence.library.extract_text.LimitReached": "ends the reading of a file",
    "creation.evidence.links.fetching.FetchError": "a finding about a link, kept in its row",
    "creation.evidence.uploads._FinishedElsewhere": "the other window's answer is given instead",
    "creation.imports.workbook_reader.WorkbookFault": "a word between two processes",
    "creation.imports.document_reader.DocumentFault": "a word between two processes",
    "creation.imports.text_reader.TextFault": "a word between two processes",
    "creation.imports.xml_workbook_reader.XmlWorkbookFault": "a word between two processes",
    "creation.lib.fileprobes.pdf_objects.Found": "a word between two processes",
    "creation.lib.clamav.FileTooLarge": "an answer of the scanner, kept in the scan's row",
    "creation.lib.clamav.ScannerUnavailable": "a fault of the network",
    "creation.lib.filetypes.refusals.InvalidFile": "a finding about a file, without its name",
    "creation.lib.guarded_sockets.AddressRefused": "a fault of the network",
    "creation.lib.guarded_sockets.UntrustedPeer": "a fault of the network",
    "creation.operations.backup.file_pool.DigestMismatch": "a fault that the backup counts",
    "creation.rules.holiday_notice_parser.NoticeLineError": "a finding about a line, collected with the others",
}


def refused(request: HttpRequest, status: int) -> HttpResponse:
    raise Refusal(SENTENCE, status)


def overtaken(request: HttpRequest) -> HttpResponse:
    raise Stale(SENTENCE, "完成时限：2026-08-01")


def offering(request: HttpRequest) -> HttpResponse:
    button = '<button hx-get="/refused/409/">保存</button>'
    page = Template(f'{{% extends "base.html" %}}{{% block content %}}{button}{{% endblock %}}')
    return HttpResponse(page.render(RequestContext(request)))


urlpatterns = [
    path("offering/", offering),
    path("refused/<int:status>/", refused),
    path("overtaken/", overtaken),
    *pages,
]


@pytest.mark.urls(__name__)
class TestWithoutAPlace:
    """Refusals that no view handles."""

    def test_it_is_a_page_with_its_sentence_and_its_status(self, world: World) -> None:
        answer = world.client("liaison").post("/refused/422/", headers={"Referer": "http://testserver/todo/"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert SENTENCE in page
        assert "法治政府建设示范创建" in page
        assert 'href="http://testserver/todo/"' in page

    @pytest.mark.parametrize("status", [400, 404, 409, 413, 507])
    def test_the_status_is_the_refusals(self, world: World, status: int) -> None:
        assert world.client("liaison").get(f"/refused/{status}/").status_code == status

    def test_a_conflict_shows_the_current_text(self, world: World) -> None:
        answer = world.client("liaison").get("/overtaken/")
        assert answer.status_code == 409
        assert SENTENCE in answer.content.decode()
        assert "完成时限：2026-08-01" in answer.content.decode()

    def test_htmx_is_given_a_fragment(self, world: World) -> None:
        answer = world.client("liaison").post("/refused/422/", headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert SENTENCE in answer.content.decode()
        assert "<html" not in answer.content.decode()

    @pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"Content-Type": "application/json"}])
    def test_a_script_is_given_data(self, world: World, headers: dict[str, str]) -> None:
        content_type = headers.get("Content-Type", "text/plain")
        answer = world.client("liaison").post("/refused/507/", "{}", content_type=content_type, headers=headers)
        assert (answer.status_code, answer.json()) == (507, {"error": SENTENCE})


@pytest.mark.urls(__name__)
@pytest.mark.needs_chromium
@pytest.mark.django_db(transaction=True)
def test_htmx_shows_the_sentence_at_the_top_of_the_page(world: World, live_server: Any, browser: Any) -> None:
    session = world.client("liaison").cookies["sessionid"].value
    with browser.new_context(base_url=live_server.url) as context:
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto("/offering/")
        page.get_by_role("button", name="保存").click()
        page.get_by_role("alert").wait_for()
        assert page.get_by_role("alert").inner_text() == SENTENCE


class SampleForm(forms.Form):
    name = forms.CharField()
    unit = forms.CharField(required=False)


class TestInAForm:
    def form(self) -> SampleForm:
        form = SampleForm({"name": "甲"})
        assert form.is_valid()
        return form

    @pytest.mark.parametrize(
        ("field", "default", "place"), [("", None, "__all__"), ("", "unit", "unit"), ("name", "unit", "name")]
    )
    def test_it_is_shown_at_its_field(self, field: str, default: str | None, place: str) -> None:
        form = self.form()
        with form_refusals(form, default):
            raise Refusal(SENTENCE, field=field)
        assert form.errors == {place: [SENTENCE]}
        assert not form.is_valid()

    def test_stale_is_not_caught(self) -> None:
        form = self.form()
        with pytest.raises(Stale), form_refusals(form):
            raise Stale(SENTENCE)
        assert form.is_valid()


def modules() -> Iterator[str]:
    for package in (creation, reports):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and module.name not in PROGRAMS:
                yield module.name


def all_of(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    for each in kind.__subclasses__():
        yield each
        yield from all_of(each)


def ours() -> dict[str, type[BaseException]]:
    for name in modules():
        importlib.import_module(name)
    found = (each for each in all_of(Exception) if each.__module__.split(".")[0] in ("creation", "reports"))
    return {f"{each.__module__}.{each.__qualname__}": each for each in found}


def of_a_row(kind: type[BaseException]) -> bool:
    """Return the exceptions that Django creates for each model, the last one when a relation is first used."""
    return kind.__name__ in ("DoesNotExist", "MultipleObjectsReturned", "NotUpdated", "RelatedObjectDoesNotExist")


def test_every_exception_of_ours_is_a_refusal_or_named_here() -> None:
    others = {name for name, kind in ours().items() if not issubclass(kind, Refusal) and not of_a_row(kind)}
    assert others == set(INTERNAL)


@pytest.mark.parametrize(
    "file",
    [*Path("creation").glob("*/views/*.py"), *Path("creation").glob("*/forms/*.py"), *Path("reports").glob("*.py")],
    ids=str,
)
def test_views_catch_refusals_and_no_exceptions_of_verbs(file: Path) -> None:
    names = {name.rpartition(".")[2] for name in INTERNAL} - {"AccessRefused", "Wrong"}
    handlers = [each.type for each in ast.walk(ast.parse(file.read_text())) if isinstance(each, ast.ExceptHandler)]
    caught = {part for each in handlers if each for part in ast.unparse(each).replace(",", " ").strip("()").split()}
    assert not {name for name in caught if name.rpartition(".")[2] in names}


@pytest.mark.parametrize(("address", "above"), [("task_bulk", "task_list"), ("requests_decide", "requests")])
def test_an_address_that_only_takes_forms_leads_to_the_page_above_it(world: World, address: str, above: str) -> None:
    page = world.client("coordinator").get(reverse(address, args=[world.campaign.pk]))
    assert page.status_code == 405
    assert f'href="{reverse(above, args=[world.campaign.pk])}">返回' in page.content.decode()


def test_a_refused_form_of_a_page_leads_back_to_it(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = world.client("coordinator").cookies
    url = reverse("announcement_new", args=[world.campaign.pk])
    page = client.post(url, {"title": "通知"}, headers={"referer": f"http://testserver{url}"})
    assert (page.status_code, f'href="http://testserver{url}">返回' in page.content.decode()) == (403, True)
