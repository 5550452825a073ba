"""A visit: its checklist, what is noted under keys of the browser, photos in pieces, the feedback and the signature for it."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.lib import storage
from creation.lib.refusals import Refusal, Stale
from creation.models import AuditEntry, Finding, FindingSource, Notice, Review, Task, Visit, VisitCheck, VisitPhoto
from creation.supervision import checklists, checks, findings, photos, visits
from creation.supervision.checklists import ChecklistLine
from creation.supervision.checks import Noted
from creation.supervision.findings import FindingText
from creation.supervision.photos import PhotoFile
from creation.tasks import workflow
from creation.units import merging
from tests.supervision.conftest import make_round, make_team
from tests.support.evidence_files import pdf, png
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")

KEY = UUID("00000000-0000-4000-8000-000000000001")


def note(world: World, visit: Visit, by: str = "inspector", key: UUID = KEY, **noted: Any) -> VisitCheck:
    values = {"task": world.task("lead"), "about": "", "verdict": "not_seen", "remark": "没有评查记录"} | noted
    return checks.note_check(visit, key, Noted(**values), world.actor(by))


def groups(world: World, visit: Visit) -> dict[str, list[str]]:
    found = checklists.checklist(visit, TODAY, world.people["inspector"])
    return {group.name: [f"{line.task.code} {line.note}" for line in group.lines] for group in found.groups}


def lines_of(world: World, visit: Visit, name: str) -> list[ChecklistLine]:
    found = checklists.checklist(visit, TODAY, world.people["inspector"])
    return next(group.lines for group in found.groups if group.name == name)


def submit(world: World, name: str, **answer: str) -> None:
    task = world.task(name)
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)


class TestChecklist:
    def test_it_has_what_the_unit_owes_before_a_word_is_typed(self, world: World, planned_visit: Visit) -> None:
        assert groups(world, planned_visit) == {
            "已逾期": ["D-3 待办，时限 2026-07-10"],
            "还没有报": ["4-3-3 待办，时限 2026-08-10"],
        }

    def test_what_is_shown_on_site_says_where_and_who_keeps_it(self, world: World, planned_visit: Visit) -> None:
        submit(world, "lead", mode="on_site", place="三楼档案室", keeper="程承办")
        assert groups(world, planned_visit)["现场提供，请对方出示"] == ["4-3-3 存放：三楼档案室；保管人：程承办"]

    def test_what_was_uploaded_is_listed_when_the_round_looks_at_it(self, world: World, planned_visit: Visit) -> None:
        world.cite("lead")
        submit(world, "lead", mode="upload", results="已评查")
        assert groups(world, planned_visit)["本轮重点，已报送"] == ["4-3-3 已报送"]
        planned_visit.round.points.clear()
        assert "本轮重点，已报送" not in groups(world, planned_visit)

    def test_earlier_findings_stay_on_it_until_they_are_closed(self, world: World, planned_visit: Visit) -> None:
        source = FindingSource.objects.create(district=world.district, name="集中督导")
        days = {world.units["城管局"]: TODAY + timedelta(days=9)}
        made = findings.record_finding(
            world.campaign, FindingText(title="公示不及时", source=source), days, world.actor("inspector")
        )
        (line,) = lines_of(world, planned_visit, "以前的问题，没有销号")
        assert not line.in_focus
        Finding.objects.update(indicator=world.indicators["4-3-3"])
        (line,) = lines_of(world, planned_visit, "以前的问题，没有销号")
        assert line.in_focus, "the round looks at the section of its checkpoint"
        assert groups(world, planned_visit)["以前的问题，没有销号"] == ["W001 待整改，时限 2026-08-09"]
        Task.objects.filter(finding=made).update(status="submitted", first_submitted_at=NOW)
        assert groups(world, planned_visit)["已报整改，待核查"] == ["W001 已报整改，时限 2026-08-09"]
        Task.objects.filter(finding=made).update(status="approved")
        assert not any("W001" in line for lines in groups(world, planned_visit).values() for line in lines)

    def test_the_page_costs_the_same_for_one_line_and_for_many(
        self, world: World, planned_visit: Visit, django_assert_num_queries: Any
    ) -> None:
        client, address = world.client("inspector"), planned_visit.get_absolute_url()
        note(world, planned_visit)
        client.get(address)
        with CaptureQueriesContext(connection) as one:
            client.get(address)
        for number in range(30):
            note(world, planned_visit, key=uuid4(), task=None, about=f"台账{number}")
        source = FindingSource.objects.create(district=world.district, name="集中督导")
        for number in range(30):
            text = FindingText(title=f"问题{number}", source=source)
            findings.record_finding(world.campaign, text, {world.units["城管局"]: None}, world.actor("inspector"))
        with django_assert_num_queries(len(one)):
            page = client.get(address).content.decode()
        assert "问题29" in page
        assert "台账29" in page


class TestNotes:
    def test_what_arrives_twice_is_kept_once(self, world: World, planned_visit: Visit) -> None:
        assert note(world, planned_visit) == note(world, planned_visit)
        assert VisitCheck.objects.count() == 1
        assert AuditEntry.objects.filter(act="visit.record").count() == 1

    def test_its_author_corrects_it_and_nobody_else(self, world: World, planned_visit: Visit) -> None:
        note(world, planned_visit)
        note(world, planned_visit, verdict="mismatch")
        assert VisitCheck.objects.get().verdict == "mismatch"
        with pytest.raises(Refusal, match="杜督导 记下的，只有本人能改"):
            note(world, planned_visit, "coordinator", verdict="seen")
        assert VisitCheck.objects.get().verdict == "mismatch"

    def test_two_inspectors_note_one_line_side_by_side(self, world: World, planned_visit: Visit) -> None:
        note(world, planned_visit)
        note(world, planned_visit, "coordinator", key=uuid4(), verdict="seen", remark="后来找到了")
        page = world.client("inspector").get(planned_visit.get_absolute_url()).content.decode()
        assert "后来找到了" in page
        assert "没有评查记录" in page

    def test_a_unit_reads_what_was_noted_when_the_visit_is_recorded(self, world: World, planned_visit: Visit) -> None:
        note(world, planned_visit)
        client, address = world.client("liaison"), planned_visit.get_absolute_url()
        assert not [words for words in ("没有评查记录", "看原件") if words in client.get(address).content.decode()]
        visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
        assert "没有评查记录" in client.get(address).content.decode()
        assert world.client("rival").get(address).status_code == 404

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [({"verdict": "maybe"}, "请选择看到"), ({"task": None}, "请写明查看的是什么")],
    )
    def test_a_wrong_note_is_refused(
        self, world: World, planned_visit: Visit, change: dict[str, Any], sentence: str
    ) -> None:
        with pytest.raises(Refusal, match=sentence):
            note(world, planned_visit, **change)
        assert not VisitCheck.objects.exists()

    def test_a_task_of_another_unit_is_refused(self, world: World, planned_visit: Visit) -> None:
        with pytest.raises(Refusal, match="不在本次走访的单位名下"):
            note(world, planned_visit, task=world.task("other"))

    def test_after_the_signature_nothing_is_corrected_and_more_can_be_added(
        self, world: World, planned_visit: Visit
    ) -> None:
        note(world, planned_visit)
        visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
        now = Visit.objects.for_table().get()
        visits.sign_feedback(now, "刘联络", world.actor("liaison"), now.version)
        with pytest.raises(Refusal, match="已经签收"):
            note(world, planned_visit, verdict="seen")
        note(world, planned_visit, key=uuid4(), task=None, about="补记")
        assert VisitCheck.objects.count() == 2

    def test_the_script_is_answered_in_json(self, world: World, planned_visit: Visit) -> None:
        client, address = world.client("inspector"), reverse("visit_check", args=[world.campaign.pk, planned_visit.pk])
        sent = {"key": str(KEY), "task": world.tasks["lead"].pk, "verdict": "seen", "remark": ""}
        answers = [client.post(address, sent).json() for _ in range(2)]
        assert answers[0] == answers[1] == {"check": VisitCheck.objects.get().pk, "saved": "10:00"}
        assert client.post(address, sent | {"task": world.tasks["other"].pk}).json()["error"] == checks.NO_TASK
        assert client.post(address, {"key": "x"}).status_code == 422


class TestPhotos:
    def send(self, world: World, visit: Visit, content: bytes, offset: int = 0, size: int = 0, **more: Any) -> Any:
        address = reverse("visit_photo_send", args=[world.campaign.pk, visit.pk, KEY, more.get("key", KEY)])
        client = world.client(more.get("by", "inspector"))
        query = f"?offset={offset}&size={size or len(content)}&name={more.get('name', 'a.png')}"
        return client.put(address + query, content, content_type="application/octet-stream")

    def test_it_arrives_in_pieces_and_once(self, world: World, planned_visit: Visit) -> None:
        note(world, planned_visit)
        content = png()
        half = len(content) // 2
        assert self.send(world, planned_visit, content[:half], size=len(content)).json() == {
            "offset": half,
            "done": False,
        }
        again = self.send(world, planned_visit, content[:half], size=len(content))
        assert (again.status_code, again.json()["offset"]) == (409, half)
        assert self.send(world, planned_visit, content[half:], half, len(content)).json()["done"]
        assert self.send(world, planned_visit, content).json()["done"]
        photo = VisitPhoto.objects.get()
        with storage.open_blob(photo.blob) as stored:
            assert stored.read() == content
        address = reverse("visit_photo", args=[world.campaign.pk, planned_visit.pk, photo.pk])
        assert b"".join(world.client("inspector").get(address).streaming_content) == content  # type: ignore[attr-defined]
        assert world.client("liaison").get(address).status_code == 404
        visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
        shown = world.client("liaison").get(address)
        assert b"".join(shown.streaming_content) == content  # type: ignore[attr-defined]

    def test_what_is_no_photo_is_refused_and_leaves_nothing(self, world: World, planned_visit: Visit) -> None:
        note(world, planned_visit)
        refused = self.send(world, planned_visit, pdf(), name="a.pdf")
        assert "只能上传照片" in refused.json()["error"]
        assert self.send(world, planned_visit, b"MZ\0\0", name="a.png").status_code == 422
        assert not VisitPhoto.objects.exists()
        address = reverse("visit_photo_send", args=[world.campaign.pk, planned_visit.pk, KEY, KEY])
        assert world.client("inspector").get(address).json() == {"offset": 0, "done": False}

    def test_a_line_has_at_most_twenty(self, world: World, planned_visit: Visit) -> None:
        line = note(world, planned_visit)
        facts = {"name": "a.png", "blob": "x", "sha256": "0" * 64, "size": 1, "media_type": "image/png"}
        for _ in range(20):
            VisitPhoto.objects.create(line=line, key=uuid4(), created_by=line.created_by, created_at=NOW, **facts)
        assert "最多 20 张" in self.send(world, planned_visit, png()).json()["error"]


class TestFeedback:
    def test_it_begins_as_what_was_noted(self, world: World, planned_visit: Visit) -> None:
        note(world, planned_visit)
        note(world, planned_visit, key=uuid4(), task=None, about="公示栏", verdict="seen", remark="")
        client = world.client("inspector")
        page = client.get(reverse("visit_feedback", args=[world.campaign.pk, planned_visit.pk])).content.decode()
        assert "2026年7月31日，第一组到源汇区城管局现场督导，查看 2 项：看到 1 项、未看到 1 项。" in page
        assert "一、没有看到的：\n1. 4-3-3 每年组织案卷评查：没有评查记录" in page

    def test_it_is_corrected_until_the_unit_signs(self, world: World, planned_visit: Visit) -> None:
        actor, seen = world.actor("inspector"), planned_visit.version
        with pytest.raises(Refusal, match="请填写反馈意见"):
            visits.record_visit(planned_visit, " ", actor, seen)
        visits.record_visit(planned_visit, "请整改", actor, seen)
        with pytest.raises(Stale, match="刚刚被他人记录") as stale:
            visits.record_visit(planned_visit, "另一个人写的", world.actor("coordinator"), seen)
        assert stale.value.theirs == "请整改"
        visits.record_visit(planned_visit, "请于八月整改", actor, seen + 1)
        assert Notice.objects.filter(person=world.people["liaison"], text__contains="反馈意见").count() == 2
        with pytest.raises(Refusal, match="刚刚有更正或已经签收"):
            visits.sign_feedback(planned_visit, "刘联络", world.actor("liaison"), seen + 1)
        visits.sign_feedback(planned_visit, "刘联络", world.actor("liaison"), seen + 2)
        now = Visit.objects.for_table().get()
        assert (now.state, now.signed_name, now.signed_at) == ("已签收", "刘联络", NOW)
        with pytest.raises(Refusal, match="已经签收，不能再改"):
            visits.record_visit(now, "再改", actor, now.version)

    def test_what_was_signed_for_is_shown_to_be_read(self, world: World, planned_visit: Visit) -> None:
        client = world.client("inspector")
        note(world, planned_visit)
        visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
        page = client.get(planned_visit.get_absolute_url()).content.decode()
        assert ("查看情况" in page, "补记" in page) == (False, False)
        now = Visit.objects.for_table().get()
        visits.sign_feedback(now, "刘联络", world.actor("liaison"), now.version)
        page = client.get(planned_visit.get_absolute_url()).content.decode()
        assert page.index("查看情况") < page.index("没有评查记录") < page.index("补记")
        assert page.index("补记") < page.index('id="visit-lines"')

    def test_a_day_that_has_not_come_is_not_recorded(self, world: World, planned_visit: Visit) -> None:
        actor = world.actor("inspector", NOW - timedelta(days=1))
        with pytest.raises(Refusal, match="还没有到"):
            visits.record_visit(planned_visit, "请整改", actor, planned_visit.version)
        assert Visit.objects.get().recorded_at is None

    def test_the_unit_signs_on_its_own_account_or_on_the_inspectors_phone(
        self, world: World, planned_visit: Visit
    ) -> None:
        client, address = (
            world.client("inspector"),
            reverse("visit_feedback", args=[world.campaign.pk, planned_visit.pk]),
        )
        sent = {"feedback": "请补齐评查记录", "seen": planned_visit.version}
        page = client.post(address, sent, follow=True).content.decode()
        assert "（请单位在场的同志填写）" in page
        own = world.client("liaison").get(planned_visit.get_absolute_url()).content.decode()
        assert 'value="刘联络"' in own
        assert "请补齐评查记录" in own
        sign = reverse("visit_sign", args=[world.campaign.pk, planned_visit.pk])
        seen = Visit.objects.get().version
        assert "请填写签收人的姓名" in client.post(sign, {"seen": seen, "name": ""}).content.decode()
        page = client.post(sign, {"seen": seen, "name": "王主任"}, follow=True).content.decode()
        assert "王主任" in page
        assert "（在杜督导的手机上）" in page
        printed = client.get(reverse("visit_print", args=[world.campaign.pk, planned_visit.pk])).content.decode()
        assert "单位签收：王主任" in printed

    def test_a_cancelled_visit_takes_nothing_and_the_page_says_why(self, world: World, planned_visit: Visit) -> None:
        client, cancel = world.client("inspector"), reverse("visit_cancel", args=[world.campaign.pk, planned_visit.pk])
        assert "请写明取消的原因" in client.post(cancel, {"reason": ""}, follow=True).content.decode()
        page = client.post(cancel, {"reason": "会议冲突"}, follow=True).content.decode()
        assert "走访已取消，已通知单位。" in page
        assert "取消：会议冲突" in page
        with pytest.raises(Refusal, match="已经取消"):
            note(world, planned_visit)
        assert client.post(cancel, {"reason": "再取消"}, follow=True).content.decode().count("不能再取消") == 1


class TestFindings:
    def test_one_is_recorded_from_a_line_and_leads_back_to_the_visit(self, world: World, planned_visit: Visit) -> None:
        source = FindingSource.objects.create(district=world.district, name="集中督导")
        line, client = note(world, planned_visit), world.client("inspector")
        address = f"{reverse('finding_new', args=[world.campaign.pk])}?visit={planned_visit.pk}&check={line.pk}"
        form = client.get(address).context["form"]
        assert (form["title"].value(), form["units"].value()) == ("没有评查记录", [world.units["城管局"].pk])
        assert form["indicator"].value() == world.indicators["4-3-3"].pk
        sent = {
            "title": "没有评查记录",
            "source": source.pk,
            "severity": "general",
            "units": world.units["城管局"].pk,
            "due_on": "2026-08-20",
        }
        page = client.post(address, sent, follow=True)
        assert page.redirect_chain[-1][0] == planned_visit.get_absolute_url()
        assert "W001" in page.content.decode()
        made = Finding.objects.get()
        assert "已登记问题" in page.content.decode(), "the line says so"
        assert (made.visit, made.task) == (planned_visit, world.task("lead"))

    def test_one_is_recorded_from_a_line_on_which_nothing_was_noted(self, world: World, planned_visit: Visit) -> None:
        client, address = world.client("inspector"), reverse("finding_new", args=[world.campaign.pk])
        asked = {"visit": planned_visit.pk, "task": world.tasks["lead"].pk}
        form = client.get(address, asked).context["form"]
        assert form["title"].value() == "4-3-3 每年组织案卷评查"
        assert not VisitCheck.objects.exists()

    def test_the_unit_that_mends_it_sees_what_was_noted_with_its_photos_and_no_other_unit(
        self, world: World, planned_visit: Visit
    ) -> None:
        line = note(world, planned_visit, remark="墙上没有公示栏", task=None, about="公示栏")
        content = png()
        photos.receive(
            line,
            PhotoFile(KEY, "现场.png", len(content)),
            0,
            len(content),
            io.BytesIO(content).read,
            world.actor("inspector"),
        )
        source = FindingSource.objects.create(district=world.district, name="集中督导")
        due = {world.units[name]: TODAY + timedelta(days=9) for name in ("城管局", "老街街道")}
        text = FindingText(title="没有公示", source=source)
        made = findings.record_finding(
            world.campaign, text, due, world.actor("inspector"), visit=planned_visit, noted=line
        )
        shown, photo = (
            "墙上没有公示栏",
            reverse("visit_photo", args=[world.campaign.pk, planned_visit.pk, VisitPhoto.objects.get().pk]),
        )
        own = made.rectifications.get(unit=world.units["城管局"]).get_absolute_url()
        other = made.rectifications.get(unit=world.units["老街街道"]).get_absolute_url()
        assert photo in world.client("inspector").get(own).content.decode()
        assert shown not in world.client("liaison").get(own).content.decode(), "the visit is not recorded yet"
        visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
        for address in (own, made.get_absolute_url()):
            page = world.client("liaison").get(address).content.decode()
            assert shown in page
            assert photo in page
        for address in (other, made.get_absolute_url()):
            assert shown not in world.client("rival").get(address).content.decode()


def test_visits_ahead_move_with_a_merged_unit_and_recorded_ones_stay(world: World, planned_visit: Visit) -> None:
    made = make_team(world, make_round(world, "第二轮"), "城管局").visits.get()
    visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
    merging.merge(
        world.units["城管局"], world.units["老街街道"], world.units["城管局"].version, world.actor("coordinator")
    )
    assert Visit.objects.get(pk=made.pk).unit == world.units["老街街道"]
    assert Visit.objects.get(pk=planned_visit.pk).unit == world.units["城管局"]


class TestVerification:
    @pytest.fixture
    def reported(self, world: World, planned_visit: Visit) -> Task:
        source = FindingSource.objects.create(district=world.district, name="集中督导")
        text, days = FindingText(title="公示不及时", source=source), {world.units["城管局"]: TODAY + timedelta(days=9)}
        made = findings.record_finding(world.campaign, text, days, world.actor("coordinator")).rectifications.get()
        task = Task.objects.for_table().get(pk=made.pk)
        answer = {"mode": "statement", "statement": "已公示", "results": "已公示"}
        return workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)

    def test_what_was_seen_on_the_visit_closes_a_rectification(
        self, world: World, planned_visit: Visit, reported: Task
    ) -> None:
        client = world.client("inspector")
        assert "data-verify" in client.get(planned_visit.get_absolute_url()).content.decode()
        seen = note(world, planned_visit, task=reported, verdict="seen", remark="公示栏已更新")
        page = client.get(reported.get_absolute_url()).content.decode()
        offered = (
            f'<option value="visit-{seen.pk}" selected>现场核查：7月31日走访，{seen.created_by}：看到，公示栏已更新'
        )
        assert offered in page
        sent = {"version": reported.version, "how": f"visit-{seen.pk}", "comment": "三处都看了"}
        address = reverse("task_move", args=[world.campaign.pk, reported.pk, "close"])
        other = note(world, planned_visit, key=uuid4())
        assert client.post(address, sent | {"how": f"visit-{other.pk}"}).status_code == 422
        assert client.post(address, sent).status_code == 302
        comment = f"现场核查（7月31日走访，{seen.created_by}：看到，公示栏已更新）：三处都看了"
        assert Review.objects.get().comment == comment
        stale = client.post(address, sent)
        assert stale.status_code == 409
        assert "现场核查：7月31日走访" in stale.content.decode()

    def test_the_unit_reads_what_was_noted_once_the_visit_is_recorded(
        self, world: World, planned_visit: Visit, reported: Task
    ) -> None:
        note(world, planned_visit, task=reported, verdict="seen", remark="公示栏已更新")
        liaison = world.client("liaison")
        assert "公示栏已更新" not in liaison.get(reported.get_absolute_url()).content.decode()
        visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
        assert "公示栏已更新" in liaison.get(reported.get_absolute_url()).content.decode()
        said = {"how": "现场", "visit_check": note(world, planned_visit, key=uuid4())}
        with pytest.raises(Refusal, match="不是这一项整改的"):
            workflow.perform(workflow.MOVES["close"], reported, world.actor("inspector"), reported.version, said)
