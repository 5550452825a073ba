"""申报登记: approved answers can be copied, are marked as entered once, and can be unmarked."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.models import ApplicationEntry, ApplicationReceipt, AuditEntry, Campaign, Indicator, Task
from creation.papers import application_entries
from creation.tasks import workflow
from tests.support import evidence_files
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
ANSWER = {"mode": "upload", "measures": "组织案卷评查两次", "results": "评查案卷 60 份", "highlights": ""}


def approve(world: World) -> None:
    world.cite("lead")
    task = world.task("lead")
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, ANSWER)
    task = world.task("lead")
    workflow.perform(workflow.MOVES["approve"], task, world.actor("reviewer"), task.version, {"comment": ""})


def page(world: World, query: str = "", who: str = "reviewer") -> str:
    return world.client(who).get(reverse("application", args=[world.campaign.pk]) + query).content.decode()


def tick(world: World, code: str = "4-3-3", htmx: bool = False, **given: str) -> object:
    point = Indicator.objects.get(system=world.campaign.system, code=code)
    headers = {"HX-Request": "true"} if htmx else {}
    address = reverse("application_tick", args=[world.campaign.pk, point.pk])
    return world.client("reviewer").post(address, {"entered": "1"} | given, headers=headers)


def test_the_approved_answer_of_the_lead_is_shown_field_by_field(world: World) -> None:
    assert "组织案卷评查两次" not in page(world)
    approve(world)
    item = next(
        each
        for each in application_entries.application_items(world.campaign, world.people["reviewer"])
        if each.indicator.code == "4-3-3"
    )
    assert [(text.label, text.text) for text in item.fields] == [
        ("工作措施", "组织案卷评查两次"),
        ("完成情况", "评查案卷 60 份"),
    ]
    assert item.evidence_list == "4-3-3-01 评查通报"
    assert item.full_text == "工作措施：\n组织案卷评查两次\n\n完成情况：\n评查案卷 60 份"
    assert "组织案卷评查两次" in page(world)


def test_an_entry_is_stored_once_with_its_person_and_note(world: World) -> None:
    approve(world)
    for note in ("回执 001", "回执 002"):
        assert tick(world, note=note).status_code == 302
    entry = ApplicationEntry.objects.get()
    assert (entry.note, entry.created_by) == ("回执 001", world.people["reviewer"])
    assert AuditEntry.objects.filter(act="application.enter").count() == 1
    assert application_entries.application_progress(world.campaign).entered == 1
    assert "回执 001" in page(world, "?show=done")
    assert "回执 001" not in page(world, "?show=todo")


def test_a_tick_is_taken_back_and_both_are_on_record(world: World) -> None:
    tick(world)
    tick(world, entered="0")
    assert not ApplicationEntry.objects.exists()
    assert list(AuditEntry.objects.order_by("pk").values_list("act", flat=True)) == [
        "application.enter",
        "application.take_back",
    ]


def send_receipt(world: World, name: str, content: bytes, code: str = "4-3-3") -> str:
    point = Indicator.objects.get(system=world.campaign.system, code=code)
    address = reverse("application_receipt", args=[world.campaign.pk, point.pk])
    data = {"receipt": SimpleUploadedFile(name, content)}
    return world.client("reviewer").post(address, data, follow=True).content.decode()


@pytest.mark.usefixtures("fresh_data_dir")
def test_a_receipt_is_stored_with_its_person_and_can_be_fetched(world: World) -> None:
    assert "还没有登记为已上传" in send_receipt(world, "回执.png", evidence_files.png())
    tick(world)
    assert "平台回执已保存" in send_receipt(world, "回执.png", evidence_files.png())
    row = ApplicationReceipt.objects.get()
    assert (row.name, row.created_by, row.created_at) == ("回执.png", world.people["reviewer"], NOW)
    assert "回执 1 份" in page(world)
    args = [world.campaign.pk, row.entry.indicator_id, row.pk]
    answer = world.client("coordinator").get(reverse("application_receipt_file", args=args))
    assert b"".join(answer.streaming_content) == evidence_files.png()
    assert row.sha256 in AuditEntry.objects.get(act="application.receipt").detail


@pytest.mark.usefixtures("fresh_data_dir")
def test_what_is_no_picture_is_no_receipt(world: World) -> None:
    tick(world)
    assert "不是回执图片" in send_receipt(world, "回执.docx", evidence_files.docx())
    assert "请先选择" in world.client("reviewer").post(
        reverse("application_receipt", args=[world.campaign.pk, world.indicators["4-3-3"].pk]), follow=True
    ).content.decode()  # fmt: skip
    assert not ApplicationReceipt.objects.exists()


@pytest.mark.usefixtures("fresh_data_dir")
def test_taking_back_an_entry_names_its_receipts_on_record(world: World) -> None:
    tick(world)
    send_receipt(world, "回执.png", evidence_files.png())
    sha256 = ApplicationReceipt.objects.get().sha256
    tick(world, entered="0")
    assert not ApplicationReceipt.objects.exists()
    assert f"回执 回执.png，sha256 {sha256}" in AuditEntry.objects.get(act="application.take_back").detail


def test_an_answer_that_changed_after_it_was_entered_is_pointed_out(world: World) -> None:
    approve(world)
    tick(world)
    assert "没有这样的要点" in page(world, "?show=changed")
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="open")
    assert "上传后，这项答复被撤销通过或退回" in page(world, "?show=changed")
    approve(world)
    assert "上传后，这项答复有改动" in page(world, "?show=changed")
    tick(world, entered="0")
    tick(world)
    assert "没有这样的要点" in page(world, "?show=changed")


def test_an_entry_without_an_answer_claims_no_change(world: World) -> None:
    tick(world)
    approve(world)
    assert "没有这样的要点" in page(world, "?show=changed")


def test_a_script_gets_the_item_and_the_new_count(world: World) -> None:
    answer = tick(world, htmx=True).content.decode()
    assert "is-entered" in answer
    assert "已上传 1 / " in answer


def test_what_may_be_uploaded_now_can_be_chosen(world: World) -> None:
    approve(world)
    assert "每年组织案卷评查" in page(world, "?show=ready")
    assert "行政审批事项清单公布" not in page(world, "?show=ready")


def test_a_closed_campaign_is_ticked_no_more(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    client, point = world.client("reviewer"), world.indicators["4-3-3"]
    answer = client.post(
        f"/c/{world.campaign.pk}/application/{point.pk}/", {"entered": "1"}, headers={"HX-Request": "true"}
    )
    assert not ApplicationEntry.objects.exists()
    assert "不能再登记" in client.get(answer.headers["HX-Redirect"]).content.decode()


def test_the_page_costs_the_same_for_one_answer_and_for_many(world: World) -> None:
    def queries() -> int:
        return count_queries(page, world)

    page(world)
    approve(world)
    before = queries()
    section = world.indicators["4-3-3"].parent
    for number in range(30):
        Indicator.objects.create(
            system=world.campaign.system, parent=section, level=3, code=f"4-3-{number + 20}", key=f"x{number}",
            order=1000 + number, title=f"要点{number}",
        )  # fmt: skip
    assert queries() == before
