"""Later corrections change neither submission, ledger nor package; suggestions and versions."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from creation import jobs
from creation.evidence import citing, items
from creation.evidence.library import expected_kinds, metadata_suggestions, suggestions
from creation.models import (
    Campaign,
    Citation,
    Evidence,
    EvidenceVersion,
    Indicator,
    IndicatorSystem,
    SubmittedCitation,
    Task,
)
from creation.tasks import workflow
from reports.ledger.rows import ledger_rows
from reports.package import contents
from tests.support import evidence_files, upload_requests
from tests.support.world import TODAY, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def submit_task(world: World) -> Task:
    task = world.task("lead")
    data = {"mode": "upload", "measures": "已组织评查", "results": "已完成"}
    return workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, data, False)


def approve(world: World) -> Task:
    task = world.task("lead")
    return workflow.perform(workflow.MOVES["approve"], task, world.actor("reviewer"), task.version, {}, False)


def ledger_text(world: World) -> str:
    tasks = Task.objects.filter(pk=world.tasks["lead"].pk).with_light(TODAY, TODAY).with_late()
    return next(ledger_rows(tasks, world.campaign)).evidence


def edit_evidence(world: World, citation: Citation, **data: Any) -> None:
    items.edit(citation.evidence, citation.evidence.version, data, world.actor("liaison"))


def test_a_title_corrected_after_approval_does_not_change_the_submission(world: World) -> None:
    citation = world.cite("lead", "评查通报甲")
    edit_evidence(world, citation, dated_on=date(2026, 7, 1), doc_number="源城管〔2026〕5号")
    assert "评查通报甲" in ledger_text(world)
    submit_task(world)
    edit_evidence(
        world,
        citation,
        kind="document",
        pages=99,
        title="面目全非",
        doc_number="改〔2026〕9号",
        dated_on=date(2019, 1, 1),
    )
    review = world.client("reviewer").get(reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "评查通报甲" in review.content.decode()
    assert "面目全非" not in review.content.decode()
    assert "成文日期不在材料时间范围" not in review.content.decode()
    approve(world)
    row = SubmittedCitation.objects.get()
    assert (row.title, row.doc_number, row.dated_on) == ("评查通报甲", "源城管〔2026〕5号", date(2026, 7, 1))
    assert (row.kind, row.pages) == ("brief", None)
    assert ledger_text(world).startswith("4-3-3-01 评查通报甲\n")
    packed = str(contents.read_contents(Task.objects.filter(pk=world.tasks["lead"].pk), None))
    assert "面目全非" not in packed
    assert "改〔2026〕9号" not in packed
    assert "kind='文字材料'" in packed


def test_the_reason_for_a_piece_from_outside_the_window_reaches_reviewer_and_ledger(world: World) -> None:
    citation = world.cite("lead", "旧制度")
    edit_evidence(world, citation, dated_on=date(2019, 1, 1))
    assert "未说明理由" in ledger_text(world)
    address = reverse("citation_edit", args=[world.campaign.pk, world.tasks["lead"].pk, citation.pk])
    client = world.client("liaison")
    assert "时间范围外的理由" in client.get(address).content.decode()
    piece = Evidence.objects.get(pk=citation.evidence_id)
    data = {"title": piece.title, "dated_on": "2019-01-01", "text": "正文", "confidentiality": "public"}
    sent = data | {"version": piece.version, "outside_reason": "制度至今有效"}
    assert client.post(address, sent).status_code == 302
    citation.refresh_from_db()
    assert citation.outside_reason == "制度至今有效"
    submit_task(world)
    assert SubmittedCitation.objects.get().outside_reason == "制度至今有效"
    review = world.client("reviewer").get(reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "理由：制度至今有效" in review.content.decode()
    assert "时间范围外：制度至今有效" in ledger_text(world)


def test_expected_kinds_are_ticked_and_never_block(world: World) -> None:
    world.cite("lead")
    assert [
        (each.label, each.is_cited) for each in expected_kinds.expected_kinds(world.task("lead"), ["document"])
    ] == [
        ("文件", True),
        ("图片", False),
    ]
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "需要的资料类型" in page.content.decode()
    submit_task(world)
    review = world.client("reviewer").get(reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "文件（没有）" in review.content.decode()
    assert expected_kinds.expected_kinds(world.task("action"), []) == []


# Suggestions from a file


def test_the_modification_date_of_a_file_is_only_a_suggestion_without_a_better_one(world: World) -> None:
    upload_requests.upload(
        world.client("liaison"), world.task("lead"), "扫描件.jpg", evidence_files.jpg(), modified="2026-07-15"
    )
    piece = Evidence.objects.get()
    assert piece.dated_on is None
    assert metadata_suggestions.suggestions_for(piece).suggestions == []  # the picture may still say its own
    jobs.read_files()
    assert [(offer.key, offer.source) for offer in metadata_suggestions.suggestions_for(piece).suggestions] == [
        ("dated_on=2026-07-15", "文件修改日期")
    ]


def test_metadata_of_a_file_is_suggested_and_used_only_when_accepted(world: World) -> None:
    page = "源汇区城市管理局文件\n源城管〔2026〕5号\n关于印发案卷评查方案的通知\n2026年7月5日"
    body = evidence_files.text_pdf(page, info="/Title(Microsoft Word - x)")
    assert upload_requests.upload(world.client("liaison"), world.task("lead"), "扫描件.pdf", body).status_code == 201
    piece = Evidence.objects.get()
    client, address = world.client("liaison"), reverse("evidence_offers", args=[piece.pk])
    assert "正在读取" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    jobs.read_files()
    found = {offer.key: offer.source for offer in metadata_suggestions.suggestions_for(piece).suggestions}
    assert found == {
        "title=关于印发案卷评查方案的通知": "首页",
        "doc_number=源城管〔2026〕5号": "首页",
        "issuer=源汇区城市管理局": "首页",
        "dated_on=2026-07-05": "首页",
    }
    piece.refresh_from_db()
    assert (piece.title, piece.doc_number, piece.issuer) == ("扫描件", "", "")
    assert "采用勾选的内容" in client.get(address).content.decode()
    accept = reverse("evidence_accept", args=[piece.pk])
    ticked = ["doc_number=源城管〔2026〕5号", "dated_on=2026-07-05", "issuer=别的单位"]
    assert client.post(accept, {"version": piece.version, "offer": ticked}).status_code == 302
    piece.refresh_from_db()
    assert (piece.title, piece.doc_number, piece.issuer) == ("扫描件", "源城管〔2026〕5号", "")
    assert piece.dated_on == date(2026, 7, 5)
    client.post(accept, {"version": 1, "offer": ["title=关于印发案卷评查方案的通知"]})
    piece.refresh_from_db()
    assert piece.title == "扫描件"  # somebody had changed it meanwhile


# Suggestions and duplicates


def earlier(world: World) -> Citation:
    """The unit's piece at the same point of last year's campaign."""
    system = IndicatorSystem.objects.create(district=world.district, name="去年的体系", edition="2020")
    point = Indicator.objects.create(system=system, parent=Indicator.objects.create(
        system=system, level=1, code="9", key="9", order=1, title="x"), level=3, code="9-9", key="4-3-3", order=2, title="x")  # fmt: skip
    past = Campaign.objects.create(
        district=world.district, system=system, host=world.campaign.host, name="去年", year=2025, state="open"
    )
    phase = past.phases.create(kind="evidence", name="收集", order=1)
    world.tasks["past"] = Task.objects.create(campaign=past, unit=world.units["城管局"], indicator=point, phase=phase)
    return world.cite("past", "去年的通报")


def test_suggestions_have_reasons_and_the_best_is_first(world: World) -> None:
    last_year, alike = earlier(world).evidence, world.cite("action", "组织案卷评查通报").evidence
    world.cite("action", "无关的简报")
    theirs = world.cite("assist", "街道材料", "rival").evidence
    found = [
        (each.evidence, each.reason)
        for each in suggestions.suggest_for_task(world.task("lead"), world.people["liaison"])
    ]
    assert found == [
        (last_year, "2025 年度同一要点引用过"),
        (theirs, "配合单位老街街道已引用"),
        (alike, "题名与要求相近"),
    ]
    address = reverse("citation_search", args=[world.campaign.pk, world.tasks["lead"].pk])
    page = world.client("liaison").get(address).content.decode()
    assert page.index("可能用得上") < page.index("2025 年度同一要点引用过") < page.index("全部可引用的资料")
    assert "可能用得上" not in world.client("liaison").get(address, {"q": "评查"}).content.decode()


def test_a_lead_that_uploads_what_its_assist_has_cited_is_offered_that_piece(world: World) -> None:
    body = evidence_files.docx(text="同一份文件")
    assert upload_requests.upload(world.client("rival"), world.task("assist"), "街道方案.docx", body).status_code == 201
    theirs = Evidence.objects.get()
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), "我的名字.docx", body)
    assert answer.status_code == 422
    assert answer.json()["duplicate"] == theirs.pk
    assert "老街街道" in answer.json()["error"]
    assert (
        upload_requests.upload(world.client("liaison"), world.task("action"), "我的名字.docx", body).status_code == 201
    )
    assert citing.cite(world.task("lead"), theirs, world.actor("liaison"))


# Versions and the recycle bin


def test_two_versions_stand_side_by_side_with_what_changed(world: World) -> None:
    citation = world.cite("lead", "评查通报甲")
    submit_task(world)
    piece, task = citation.evidence, world.task("lead")
    workflow.perform(workflow.MOVES["withdraw"], task, world.actor("liaison"), task.version, {}, False)
    items.replace(world.task("lead"), piece, {"text": "正文。补充一句。"}, world.actor("liaison"))
    page = world.client("liaison").get(reverse("evidence_versions", args=[piece.pk]))
    text = page.content.decode()
    assert "报送时题名" in text
    assert "有变化" in text
    assert [each.number for each in (page.context["old"], page.context["new"])] == [1, 2]
    odd = world.client("liaison").get(reverse("evidence_versions", args=[piece.pk]), {"old": "x", "new": "99"})
    assert odd.context["new"].number == 2
    reader = world.client("reviewer").get(reverse("evidence_versions", args=[piece.pk]))
    assert {each.number for each in reader.context["versions"]} == {1, 2}


def test_a_deleted_piece_is_in_the_bin_of_its_unit_and_can_be_restored(world: World) -> None:
    piece, client = world.cite("lead", "评查通报甲").evidence, world.client("liaison")
    items.delete(piece, piece.version, "重复上传", world.actor("liaison"))
    address = reverse("library_bin", args=[world.campaign.pk])
    page = client.get(address).content.decode()
    assert "评查通报甲" in page
    assert "重复上传" in page
    assert "评查通报甲" not in world.client("rival").get(address).content.decode()
    assert client.post(reverse("evidence_restore", args=[piece.pk])).status_code == 302
    assert "回收站是空的" in client.get(address).content.decode()
    assert EvidenceVersion.objects.filter(evidence=piece).exists()
    assert citing.cited_by_task(world.task("lead"), world.people["liaison"])[0].evidence == piece
