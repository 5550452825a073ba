"""Secrecy marks block a piece until a person clears it; the office can hide a piece everywhere at once."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from creation import jobs
from creation.evidence import citing, items
from creation.evidence.library import secrecy_check, visibility
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import (
    ANSWERED,
    AuditEntry,
    Citation,
    Evidence,
    EvidenceKind,
    EvidenceVersion,
    Notice,
    SearchEntry,
    SecrecyDeclaration,
    SecrecyMark,
    Submission,
    Task,
    User,
)
from creation.rules import secrecy
from creation.tasks import workflow
from reports.ledger.rows import ledger_rows
from reports.package import contents
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def sent(world: World, name: str, body: bytes, by: str = "liaison", task: str = "lead") -> Evidence:
    answer = upload_requests.upload(world.client(by), world.task(task), name, body)
    assert answer.status_code == 201, answer.content.decode()
    return Evidence.objects.latest("pk")


def submit_task(world: World, name: str = "lead", by: str = "liaison") -> Task:
    task = world.task(name)
    data = {"mode": "upload", "measures": "已组织评查", "results": "已完成"}
    return workflow.perform(workflow.MOVES["submit"], task, world.actor(by), task.version, data, False)


def post(client: Client, name: str, piece: Evidence, **data: Any) -> Any:
    return client.post(reverse(name, args=[piece.pk]), data)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("机密★一年", ["机密"]),
        ("秘密\n关于某事的报告", ["秘密"]),
        ("绝 密★", ["绝密"]),
        ("机密文件", ["机密"]),
        ("（内部）通报", ["内部"]),
        ("内部资料 注意保存", ["内部"]),
        ("内部", ["内部"]),
        ("不含国家秘密和工作秘密", []),
        ("商业秘密保护、机关内部监督和内部审计", []),
        ("国家秘密 秘密★十年", ["秘密"]),
        ("关于内部控制的通知", []),
    ],
)
def test_marks_are_told_from_words_that_only_sound_like_them(text: str, found: list[str]) -> None:
    assert secrecy.find_marks(text) == found


# Blocking


@pytest.mark.parametrize("where", ["文件名", "首页", "正文"])
def test_a_mark_blocks_the_piece_until_somebody_clears_it(world: World, where: str) -> None:
    if where == "正文":
        data = {"title": "简报", "passage": "", "declared": True}
        piece = items.add(
            world.task("lead"), EvidenceKind.BRIEF, {"text": "机密★"}, data, world.actor("liaison")
        ).evidence
    elif where == "文件名":
        piece = sent(world, "机密 评查通报.docx", evidence_files.docx())
    else:
        piece = sent(world, "评查通报.pdf", evidence_files.text_pdf("机密★一年\n评查通报"))
        jobs.read_files()
        assert Notice.objects.filter(person=world.people["liaison"], text__contains="密级标志").count() == 1
    piece.refresh_from_db()
    assert "机密" in piece.flagged_marks
    assert where in piece.flagged_marks
    with pytest.raises(Refusal, match="密级标志"):
        submit_task(world)
    with pytest.raises(Refusal, match="密级标志"):
        citing.cite(world.task("action"), piece, world.actor("liaison"))
    for who in ("reviewer", "assessor", "rival"):
        assert world.client(who).get(reverse("evidence", args=[piece.pk])).status_code == 404
        assert piece not in Evidence.objects.visible_to(world.people[who])
    page = world.client("liaison").get(reverse("evidence", args=[piece.pk])).content.decode()
    assert "确认不涉密" in page
    assert post(world.client("liaison"), "evidence_clear", piece, reason="").status_code == 422
    assert post(world.client("liaison"), "evidence_clear", piece, reason="系转引法规原文").status_code == 302
    piece.refresh_from_db()
    assert piece.flagged_marks == ""
    kept = {(each.created_by_id, each.reason) for each in SecrecyDeclaration.objects.all()}
    assert kept == {(world.people["liaison"].pk, "系转引法规原文")}
    assert AuditEntry.objects.get(act="evidence.clear").detail.endswith("系转引法规原文")
    assert submit_task(world).status == "submitted"
    assert piece in Evidence.objects.visible_to(world.people["reviewer"])


@pytest.mark.parametrize("field", ["doc_number", "issuer", "place", "people"])
def test_a_mark_typed_into_the_description_blocks_the_piece(world: World, field: str) -> None:
    piece = sent(world, "通报.jpg", evidence_files.jpg())
    items.edit(piece, piece.version, {field: "机密★1年 源法〔2026〕3号"}, world.actor("liaison"))
    assert [(mark.get_place_display(), mark.word) for mark in SecrecyMark.objects.filter(evidence=piece)] == [
        ("文号、责任者等", "机密")
    ]
    post(world.client("liaison"), "evidence_clear", piece, reason="只是引用")
    assert not SecrecyMark.objects.waiting().filter(evidence=piece).exists()
    piece.refresh_from_db()
    items.edit(piece, piece.version, {field: "源法〔2026〕3号"}, world.actor("liaison"))
    assert not SecrecyMark.objects.waiting().filter(evidence=piece).exists()


def test_a_cleared_piece_stays_cleared_until_its_content_changes(world: World) -> None:
    piece = sent(world, "机密 评查通报.docx", evidence_files.docx())
    secrecy_check.declare_not_secret(piece, "已核对", world.actor("liaison"))
    items.edit(piece, piece.version, {"title": "评查通报"}, world.actor("liaison"))
    assert piece.flagged_marks == ""
    items.replace(world.task("lead"), piece, {"text": "绝密★"}, world.actor("liaison"))
    piece.refresh_from_db()
    assert piece.flagged_marks == "正文：绝密"


def test_a_deleted_piece_is_restored_before_it_is_cleared(world: World) -> None:
    piece, client = sent(world, "机密 评查通报.docx", evidence_files.docx()), world.client("liaison")
    Evidence.objects.filter(pk=piece.pk).update(
        deleted_at=NOW, deleted_by=world.people["liaison"], delete_reason="误传"
    )
    refused = post(client, "evidence_clear", piece, reason="已核对")
    assert refused.status_code == 409
    assert "请先恢复" in refused.content.decode()
    assert not SecrecyDeclaration.objects.exists()


def test_a_purged_piece_leaves_no_content_preview_or_text(world: World) -> None:
    piece = sent(world, "机密 评查通报.pdf", evidence_files.text_pdf("评查通报"))
    jobs.make_previews()
    jobs.read_files()
    version = EvidenceVersion.objects.get()
    number = str(Citation.objects.get().number)
    assert storage.preview_folder(version.sha256).exists()
    client = world.client("liaison")
    assert post(client, "evidence_purge", piece, reason="误传").status_code == 302
    assert not storage.preview_folder(version.sha256).exists()
    assert [path for path in Path(settings.FILES_ROOT).rglob("*") if path.is_file()] == []
    assert not EvidenceVersion.objects.exists()
    assert not SearchEntry.objects.exists()
    piece.refresh_from_db()
    assert (piece.title, piece.flagged_marks, piece.delete_reason) == (secrecy_check.PURGED_TITLE, "", "误传")
    assert client.get(reverse("evidence", args=[piece.pk])).status_code == 404
    assert post(client, "evidence_restore", piece).status_code == 404
    assert version.sha256 in AuditEntry.objects.get(act="evidence.purge").detail
    again = citing.create_citation(world.task("lead"), Evidence.objects.get(pk=sent(world, "新.docx", evidence_files.docx()).pk),
                       world.actor("liaison"))  # fmt: skip
    assert str(again.number) != number


def test_only_a_stopped_piece_that_was_never_handed_in_can_be_purged(world: World) -> None:
    plain = world.cite("lead", "处置经过").evidence
    client = world.client("liaison")
    refused = post(client, "evidence_purge", plain, reason="不要了")
    assert refused.status_code == 409
    assert EvidenceVersion.objects.filter(evidence=plain).exists()
    submit_task(world)
    SecrecyMark.objects.create(evidence=plain, version=plain.versions.get(), place="first_page", word="机密")
    with pytest.raises(Refusal, match="已经报送过"):
        secrecy_check.purge(plain, "涉密", world.actor("liaison"))
    shown = world.client("reviewer").get(reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "暂不显示" in shown.content.decode()
    assert plain.title not in shown.content.decode()


# Emergency hiding


def test_a_hidden_piece_is_gone_from_everywhere_but_the_coordinators_eyes(world: World) -> None:
    secret = "某事项处置经过"
    piece = sent(world, f"{secret}.pdf", evidence_files.text_pdf("某事项处置经过正文"))
    jobs.make_previews()
    jobs.read_files()
    submit_task(world)
    address = reverse("library", args=[world.campaign.pk])
    task_page = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    pages = [
        address, f"{address}?q=某事项", task_page, reverse("evidence", args=[piece.pk]),
        reverse("evidence_file", args=[piece.pk, 1]), reverse("evidence_thumb", args=[piece.pk, 1]),
        reverse("evidence_image", args=[piece.pk, 1, 1]), reverse("evidence_preview", args=[piece.pk, 1]),
        reverse("evidence_versions", args=[piece.pk]), reverse("evidence_offers", args=[piece.pk]),
        reverse("citation_search", args=[world.campaign.pk, world.tasks["action"].pk]),
        reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk]),
    ]  # fmt: skip

    def seen(who: str) -> set[str]:
        client = world.client(who)
        answers = ((page, client.get(page)) for page in pages)
        return {
            page
            for page, answer in answers
            if answer.status_code == 200
            and (answer.streaming or answer["Content-Type"] == "image/jpeg" or secret in answer.content.decode())
        }

    assert len(seen("liaison")) > 8
    assert len(seen("reviewer")) > 6
    refused = post(world.client("coordinator"), "evidence_hide", piece, reason="")
    assert refused.status_code == 422
    assert post(world.client("coordinator"), "evidence_hide", piece, reason="疑似涉密").status_code == 302
    for who in ("liaison", "clerk", "leader", "reviewer", "inspector", "chief", "assessor"):
        assert seen(who) == set(), who
    assert pages[3] in seen("coordinator")
    tasks = Task.objects.filter(pk=world.tasks["lead"].pk).with_light(TODAY, TODAY).with_late()
    assert secret not in str(list(ledger_rows(tasks, world.campaign)))
    for reader in (None, User.objects.get(username="reviewer")):
        assert secret not in str(contents.read_contents(tasks, reader, ANSWERED))
    told = Notice.objects.filter(person=world.people["liaison"], text__contains="紧急隐藏")
    assert told.count() == 1
    assert secret not in told.get().text
    assert AuditEntry.objects.filter(act="evidence.hide", result="done").count() == 1
    again = upload_requests.upload(
        world.client("clerk"), world.task("action"), "换个名字.pdf", evidence_files.text_pdf("某事项处置经过正文")
    )
    assert again.status_code == 422
    assert "紧急隐藏" in again.json()["error"]
    assert post(world.client("coordinator"), "evidence_show", piece, reason="已核实不涉密").status_code == 302
    assert len(seen("liaison")) > 8
    assert AuditEntry.objects.filter(act="evidence.show").exists()


def test_hiding_twice_is_one_act(world: World) -> None:
    piece = world.cite("lead").evidence
    assert visibility.hide(piece, "疑似涉密", world.actor("coordinator"))
    assert not visibility.hide(piece, "疑似涉密", world.actor("coordinator"))
    assert visibility.show(piece, "无事", world.actor("coordinator"))
    assert not visibility.show(piece, "无事", world.actor("coordinator"))
    assert Submission.objects.count() == 0
