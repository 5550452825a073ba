"""The guides inside the site: every page leads to a paragraph that exists, for each role its own."""

import re

import pytest
from django.urls import get_resolver, reverse

from creation.web import guides
from tests.support.routes import ROUTES
from tests.support.world import World

# Routes that answer a GET and have no paragraph of their own.
GUIDE = {"guide", "guide_picture"}
SAYS_IT_ITSELF = {
    "find",
    "import_new",
    "import",
}  # the page of an import explains the columns of its own kind of workbook
PRINTED = {"visit_print", "announcement_print"}  # paper; the page from which it is printed has the paragraph
PARTS = {  # of a page that has a paragraph
    *("task_move", "task_known", "citation_search", "citation_assists", "evidence_state", "evidence_offers", "evidence_preview"),
    "visit_photo_send",
    *("bulletin_page", "health_warnings", "upload_bytes", "notice"),
}  # fmt: skip
FILES = {
    *("job_file", "action_file", "meeting_file", "announcement_file", "publicity_file", "case_picture", "paper_file", "paper_scan_file"),
    *("package_file", "bulletin_file", "bulletin_draft", "document_template_file", "application_receipt_file", "evidence_file"),
    *("evidence_image", "evidence_thumb", "link_shot", "visit_photo", "import_blank", "import_marked"),
}  # fmt: skip


@pytest.mark.parametrize("name", guides.GUIDES)
def test_every_link_and_picture_of_a_guide_leads_somewhere(world: World, name: str) -> None:
    client = world.client("coordinator")
    page = client.get(reverse("guide", args=[name])).content.decode()
    text = page.partition('<article class="panel guide">')[2].partition("</article>")[0]
    anchors = set(re.findall(r'id="([^"]+)"', text))
    assert len(anchors) > 4
    for target in re.findall(r'href="#([^"]+)"', text):
        assert target in anchors
    for address in set(re.findall(r'(?:href|src)="(/[^"#]+)', text)):
        assert client.get(address).status_code == 200, address
    assert ".md" not in re.sub(r"<code>.*?</code>", "", text)


def test_every_named_paragraph_and_page_exists() -> None:
    routes = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert set(guides.PARAGRAPHS) <= routes
    named = [place for places in guides.PARAGRAPHS.values() for place in places.items()]
    for name, heading in (*named, *guides.OF_ROLE.values()):
        assert f'id="{guides.slug(heading, "-")}"' in guides.guide_html(name), (name, heading)


def test_every_page_has_a_paragraph() -> None:
    opened = {route.name for route in ROUTES if route.method == "get"}
    without = GUIDE | SAYS_IT_ITSELF | PRINTED | PARTS | FILES
    assert opened - without - set(guides.PARAGRAPHS) == set()
    assert without <= opened, "named here, but there is no such route"
    assert not without & set(guides.PARAGRAPHS)


@pytest.mark.parametrize(
    ("who", "page", "name", "heading"),
    [
        ("liaison", "/", "liaison", "看看有什么要办"),
        ("coordinator", "/c/{}/rules/", "office", "改提醒的时间和文字"),
        ("coordinator", "/notices/", "liaison", "看通知"),
        ("inspector", "/c/{}/findings/", "inspectors", "登记问题"),
        ("liaison", "/c/{}/rectifications/", "liaison", "督导发现了问题，要整改"),
        ("auditor", "/audit/", "administrators", "安全审计员：查记录"),
        ("administrator", "/c/{}/tasks/", "administrators", ""),
        ("administrator", "/", "administrators", "看系统是否正常"),
        ("auditor", "/", "administrators", "安全审计员：查记录"),
        ("inspector", "/", "inspectors", "看谁还没有整改"),
        ("assessor", "/", "readers", "第三方专家：看材料"),
        ("leader", "/", "readers", "分管领导：看本单位情况"),
    ],
)
def test_each_page_leads_to_its_paragraph(world: World, who: str, page: str, name: str, heading: str) -> None:
    answer = world.client(who).get(page.format(world.campaign.pk))
    if answer.status_code != 200:
        answer = world.client(who).get("/profile/")
        name, heading = "liaison", "改电话、改密码"
    anchor = f"#{guides.slug(heading, '-')}" if heading else ""
    assert answer.context["nav"]["help"] == reverse("guide", args=[name]) + anchor


@pytest.mark.parametrize("address", ["guide/nobody/", "guide/pictures/..%2f..%2fmanage.py", "guide/keys/secret.png"])
def test_nothing_else_of_the_disk_is_served(world: World, address: str) -> None:
    assert world.client("coordinator").get(f"/{address}").status_code == 404
