"""通知公告: read by addressed units only; a unit signs each version once; corrections and withdrawals are visible."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.communication import announcements
from creation.communication.announcements import AnnouncementText
from creation.lib.refusals import Refusal
from creation.models import Announcement, AuditEntry, Campaign, Membership, Notice, Receipt
from tests.support.evidence_files import pdf
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")


def issue(world: World, *units: str, receipt: bool = True, title: str = "迎检通知") -> Announcement:
    to = [world.units[name] for name in units or ("城管局",)]
    text = AnnouncementText(title, "八月三日上午九时开会。", to, receipt, date(2026, 8, 5) if receipt else None)
    return announcements.issue_announcement(world.campaign, text, world.actor("coordinator"))


def url(row: Announcement, name: str = "announcement", **more: int) -> str:
    return reverse(name, kwargs={"campaign_id": row.campaign_id, "pk": row.pk} | more)


def get(world: World, who: str, row: Announcement, name: str = "announcement") -> Any:
    return world.client(who).get(url(row, name))


def test_addressed_units_are_notified_and_announcements_are_numbered(world: World) -> None:
    first, second = issue(world, "城管局", "老街街道"), issue(world, "城管局")
    assert [first.code, second.code] == ["〔2026〕1号", "〔2026〕2号"]
    assert set(Notice.objects.filter(kind="announce").values_list("person__username", flat=True)) == {
        "liaison",
        "rival",
    }
    assert "八月三日上午九时" in get(world, "liaison", second).content.decode()
    notice = Notice.objects.filter(person=world.people["liaison"], subject=f"announcement/{first.pk}").get()
    opened = world.client("liaison").get(reverse("notice", args=[notice.pk]))
    assert opened["Location"] == url(first)


@pytest.mark.parametrize(
    ("who", "code"), [("liaison", 200), ("clerk", 200), ("coordinator", 200), ("rival", 404), ("outsider", 404)]
)
def test_units_not_addressed_do_not_see_it(world: World, who: str, code: int) -> None:
    row = issue(world)
    assert get(world, who, row).status_code == code
    assert get(world, who, row, "announcement_print").status_code == code
    if who == "rival":
        listed = world.client(who).get(reverse("announcements", args=[world.campaign.pk])).content.decode()
        assert "迎检通知" not in listed


def test_the_office_sees_which_units_have_no_recipients(world: World) -> None:
    row = issue(world, "城管局", "老街街道")
    assert "没有人收到" not in get(world, "coordinator", row).content.decode()
    Membership.objects.filter(unit=world.units["老街街道"]).update(ended_on=TODAY - timedelta(days=1))
    assert "没有人收到：老街街道。" in get(world, "coordinator", row).content.decode()
    assert "没有人收到" not in get(world, "liaison", row).content.decode()


def test_one_of_the_unit_signs_and_the_office_sees_who_has_not(world: World) -> None:
    row = issue(world, "城管局", "老街街道")
    assert "迎检通知" in world.client("clerk").get(reverse("todo")).content.decode()
    world.client("clerk").post(url(row, "announcement_sign"), {"seen": row.version})
    receipt = Receipt.objects.get()
    assert (receipt.unit, receipt.created_by, receipt.created_at) == (world.units["城管局"], world.people["clerk"], NOW)
    assert "迎检通知" not in world.client("clerk").get(reverse("todo")).content.decode()
    page = get(world, "inspector", row).content.decode()
    assert "程承办" in page
    assert "未签收 1 个单位" in page
    with pytest.raises(Refusal, match="已经签收"):
        announcements.sign_receipt(row, row.version, world.actor("liaison"))
    assert "程承办" not in get(world, "rival", row).content.decode()


def test_the_office_urges_only_those_who_have_not_signed_once_a_day(world: World) -> None:
    row = issue(world, "城管局", "老街街道")
    announcements.sign_receipt(row, 1, world.actor("liaison"))
    for _ in range(2):
        world.client("inspector").post(url(row, "announcement_urge"))
    urged = Notice.objects.filter(kind="urge")
    assert [notice.person.username for notice in urged] == ["rival"]
    assert AuditEntry.objects.filter(act="announcement.urge").exists()


def test_a_correction_is_a_new_version_that_is_signed_again(world: World) -> None:
    row = issue(world)
    announcements.sign_receipt(row, 1, world.actor("liaison"))
    data = {"title": "迎检通知", "body": "改为八月四日。", "reason": "会期调整", "seen": 1}
    world.client("coordinator").post(url(row, "announcement_correct"), data)
    page = get(world, "liaison", row).content.decode()
    for words in ("改为八月四日", "会期调整", "第 2 版", "八月三日上午九时"):
        assert words in page
    row.refresh_from_db()
    assert announcements.signable_units(row, world.people["liaison"]) == [world.units["城管局"]]
    with pytest.raises(Refusal, match="更正过"):
        announcements.sign_receipt(row, 1, world.actor("liaison"))
    again = world.client("coordinator").post(url(row, "announcement_correct"), data)
    assert again.status_code == 422
    assert "被他人更正" in again.content.decode()


def test_a_withdrawn_announcement_shows_units_the_reason_only(world: World) -> None:
    row = issue(world)
    world.client("coordinator").post(url(row, "announcement_withdraw"), {"reason": "发错单位"})
    page = get(world, "liaison", row).content.decode()
    assert "发错单位" in page
    assert "八月三日" not in page
    assert "八月三日" in get(world, "coordinator", row).content.decode()
    row.refresh_from_db()
    with pytest.raises(Refusal):
        announcements.sign_receipt(row, 1, world.actor("liaison"))


def test_attachments_are_for_the_addressed_and_the_office(world: World, fresh_data_dir: Path) -> None:
    data = {"title": "通知", "body": "见附件。", "units": [world.units["城管局"].pk], "needs_receipt": "on"}
    data |= {"files": SimpleUploadedFile("安排.pdf", pdf())}  # type: ignore[dict-item]
    made = world.client("coordinator").post(reverse("announcement_new", args=[world.campaign.pk]), data)
    assert made.status_code == 302
    row = Announcement.objects.get()
    address = url(row, "announcement_file", file_id=row.files.get().pk)
    for who, code in (("liaison", 200), ("inspector", 200), ("rival", 404), ("outsider", 404)):
        response = world.client(who).get(address)
        assert response.status_code == code, who
        if code == 200:
            assert response.getvalue() == pdf()
    announcements.withdraw_announcement(row, "作废", world.actor("coordinator"))
    assert world.client("liaison").get(address).status_code == 404


def test_announcements_without_signature_count_until_opened(world: World) -> None:
    row = issue(world, receipt=False)
    assert "迎检通知" in world.client("liaison").get(reverse("todo")).content.decode()
    get(world, "liaison", row)
    assert "迎检通知" not in world.client("liaison").get(reverse("todo")).content.decode()
    assert announcements.signable_units(row, world.people["liaison"]) == []


def test_a_closed_campaign_accepts_no_announcement_and_no_signature(world: World) -> None:
    row = issue(world)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    world.campaign.refresh_from_db()
    with pytest.raises(Refusal, match="不能再发布"):
        issue(world)
    with pytest.raises(Refusal):
        announcements.sign_receipt(row, 1, world.actor("liaison"))
    with pytest.raises(Refusal, match="不能再发布或处理公告"):
        announcements.withdraw_announcement(row, "发错了", world.actor("coordinator"))
    assert Announcement.objects.get().withdrawn_at is None


def test_a_deadline_in_the_past_and_no_units_are_errors(world: World) -> None:
    data = {"title": "通知", "body": "x", "needs_receipt": "on", "sign_by": (NOW - timedelta(days=3)).date()}
    address = reverse("announcement_new", args=[world.campaign.pk])
    assert "请至少选择一个单位" in world.client("coordinator").post(address, data).content.decode()
    data |= {"units": [world.units["城管局"].pk]}
    assert "已经过去" in world.client("coordinator").post(address, data).content.decode()
    assert not Announcement.objects.exists()


@pytest.mark.parametrize("who", ["liaison", "coordinator"])
def test_many_announcements_need_as_many_queries_as_one(world: World, who: str) -> None:
    def cost() -> list[int]:
        counts = []
        for address in (reverse("announcements", args=[world.campaign.pk]), reverse("todo")):
            client = world.client(who)
            client.get(address)
            counts.append(count_queries(client.get, address))
        return counts

    issue(world, "城管局", "老街街道")
    few = cost()
    for number in range(30):
        issue(world, "城管局", title=f"通知{number}")
    assert cost() == few
