"""A mark of secrecy in what somebody types is refused and told, wherever words are typed; words about secrets pass."""

from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.urls import reverse

from creation.models import Announcement, Draft, Finding, Review, Submission, VisitCheck
from creation.rules import secrecy
from creation.tasks import workflow
from creation.web.bootstrap_forms import apply_bootstrap, date_input
from tests.support.world import World
from tests.web.test_strange_requests import visit_line

pytestmark = pytest.mark.usefixtures("at_now")

MARKED = "已开展专项检查。\n机密★1年\n共检查 12 次。"
ABOUT_SECRETS = "已开展保密检查，涉及机密文件登记和国家秘密目录，内部监督 12 次。"
SENTENCE = "文字里带有密级标志（机密），没有保存"


@pytest.fixture
def world(world_at_work: World) -> World:
    return world_at_work


def address(world: World, name: str, *more: Any, role: str = "lead") -> str:
    return reverse(name, args=[world.campaign.pk, world.tasks[role].pk, *more])


def answered(world: World, text: str) -> Any:
    sent = {"mode": "statement", "statement": text, "version": 1}
    return world.client("liaison").post(address(world, "task_move", "submit"), sent)


def test_an_answer_with_a_mark_is_not_handed_in_and_stays_on_the_page(world: World) -> None:
    page = answered(world, MARKED)
    assert page.status_code == 422
    assert SENTENCE in page.content.decode()
    assert "共检查 12 次。" in page.content.decode()
    assert not Submission.objects.exists()
    assert answered(world, ABOUT_SECRETS).status_code == 302


def test_a_draft_is_kept_and_its_writer_told(world: World) -> None:
    def saved(text: str, seen: int) -> dict[str, Any]:
        sent = {"mode": "upload", "measures": text, "draft_seen": seen}
        return dict(
            world.client("liaison").post(address(world, "draft"), sent, headers={"accept": "application/json"}).json()
        )

    told = saved(MARKED, 0)
    assert told["words"].startswith("带有密级标志（机密），不能报送")
    assert Draft.objects.get().content["measures"] == MARKED
    assert "带有密级标志（机密），不能报送" in world.client("liaison").get(address(world, "task")).content.decode()
    assert "密级标志" not in saved(ABOUT_SECRETS, told["version"])["words"]


@pytest.mark.parametrize(("text", "is_told"), [(MARKED, True), (ABOUT_SECRETS, False)])
def test_the_reviewer_is_told_of_a_mark_in_an_answer_that_is_there_already(
    world: World, text: str, is_told: bool
) -> None:
    world.cite("lead")
    workflow.perform(
        workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, {"mode": "upload", "measures": text}
    )
    page = world.client("reviewer").get(address(world, "review")).content.decode()
    assert "开展" in page
    assert ("文字里带有密级标志（机密）" in page) is is_told


def test_what_the_office_types_is_refused_too(world: World) -> None:
    office, campaign = world.client("coordinator"), world.campaign.pk
    world.cite("lead")
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, {"mode": "upload"})
    returned = {"reason": "missing", "comment": MARKED, "version": 2}
    told = {"title": "通知", "body": MARKED, "units": [world.units["城管局"].pk]}
    found = {"title": "材料不全", "text": MARKED, "units": [world.units["城管局"].pk]}
    for url, sent in (
        (address(world, "review_move", "return"), returned),
        (reverse("announcement_new", args=[campaign]), told),
        (reverse("finding_new", args=[campaign]), found),
    ):
        page = office.post(url, sent)
        assert page.status_code == 422, url
        assert SENTENCE in page.content.decode(), url
    for noun in (Review, Announcement, Finding):
        assert not noun.objects.exists()
    assert (
        office.post(address(world, "review_move", "return"), returned | {"comment": ABOUT_SECRETS}).status_code == 302
    )


def test_a_reason_without_a_form_is_refused(world: World) -> None:
    action = world.tasks["action"].action_id
    url = reverse("action_cancel", args=[world.campaign.pk, action])
    page = world.client("coordinator").post(url, {"reason": MARKED}, follow=True)
    assert SENTENCE in page.content.decode()
    assert "已取消" not in page.content.decode()
    assert world.client("coordinator").post(url, {"reason": ABOUT_SECRETS}).status_code == 302


def test_a_line_of_a_visit_says_why_it_is_not_noted(world: World) -> None:
    line = visit_line(world)
    url = reverse("visit_check", args=[world.campaign.pk, line.visit_id])

    def noted(remark: str) -> Any:
        return world.client("inspector").post(url, {"key": str(uuid4()), "about": "台账", "remark": remark})

    assert SENTENCE in noted(MARKED).json()["error"]
    assert "2000" in noted("长" * 2001).json()["error"]
    assert noted(ABOUT_SECRETS).status_code == 200
    assert VisitCheck.objects.exclude(pk=line.pk).count() == 1


def test_the_reason_why_a_piece_is_not_secret_may_quote_the_mark(world: World) -> None:
    citation = world.cite("lead", "机密★1年 目录")
    citation.evidence.secrecy_marks.create(version=citation.evidence.versions.get(), place="title", word="机密")
    clear = reverse("evidence_clear", args=[citation.evidence_id])
    assert world.client("liaison").post(clear, {"reason": "标志“机密★1年”是题名的一部分"}).status_code == 302
    assert citation.evidence.secrecy_marks.get().declaration


class Typed(forms.Form):
    line = forms.CharField(required=False)
    text = forms.CharField(required=False, widget=forms.Textarea)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    password = forms.CharField(required=False, widget=forms.PasswordInput)
    day = forms.DateField(required=False, widget=date_input())
    count = forms.DecimalField(required=False, widget=forms.TextInput())

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        apply_bootstrap(self)
        apply_bootstrap(self)


@pytest.mark.parametrize("name", ["line", "text", "kept", "password", "day"])
def test_each_typed_text_is_read_once_and_nothing_else(name: str) -> None:
    found = Typed({name: "（秘密）"}).errors
    assert Typed({"count": "12.5"}).is_valid()
    if name in ("line", "text"):
        assert [str(error) for error in found[name]] == [
            "文字里带有密级标志（秘密），没有保存：涉密内容不能写进本系统。确不涉密的，请删去标志后再提交。"
        ]
    else:
        assert "密级" not in str(found)


@pytest.mark.parametrize("text", ["内部资料", "（内部）", "内部", ABOUT_SECRETS, "保守国家秘密", "商业秘密保护"])
def test_what_is_for_the_units_or_about_secrets_passes(text: str) -> None:
    assert not secrecy.find_typed_marks(text)
