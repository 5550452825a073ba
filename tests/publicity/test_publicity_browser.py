"""A unit's publicity on the phone: a link on the wall, which says when it is dead; and a typical case, from the form to the booklet."""

import docx
import pytest
from django.utils import timezone

from creation.evidence.links import link_checks
from creation.models import LinkState, LinkWatch, TypicalCase
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers, done, file_of_job
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def test_a_link_comes_onto_the_wall_and_is_marked_when_it_is_dead(browsers: Browsers, world: World) -> None:
    phone, address = browsers("liaison", on_phone=True), f"/c/{world.campaign.pk}/publicity/"
    phone.goto(address)
    phone.locator(f"main a[href='{address}new/']").first.click()
    phone.get_by_label("标题").fill("案卷评查让执法更规范")
    phone.get_by_label("媒体或平台").fill("漯河日报")
    phone.get_by_label("级别").select_option("city")
    phone.get_by_label("发布日期").fill(timezone.localdate().isoformat())
    phone.locator("#id_url").fill("https://www.example.gov.cn/1.html")
    phone.get_by_role("button", name="登记", exact=True).click()
    done(phone, "已登记")
    assert phone.evaluate(OVERFLOW) == ""
    link_checks.create_watches(timezone.now())
    office = browsers("coordinator")
    office.goto(f"{address}wall/")
    office.get_by_role("link", name="原文").wait_for()
    assert office.get_by_text("链接已失效").count() == 0
    LinkWatch.objects.update(state=LinkState.DEAD, failing_since=timezone.now())
    office.reload()
    office.get_by_text("链接已失效").wait_for()
    assert axe(office) == []


def test_a_case_from_the_form_to_the_booklet(browsers: Browsers, world: World) -> None:
    phone, address = browsers("liaison", on_phone=True), f"/c/{world.campaign.pk}/cases/"
    phone.goto(f"{address}new/")
    phone.get_by_label("题目").fill("柔性执法清单")
    phone.get_by_label("主要做法").fill("编制 23 项清单。")
    phone.get_by_label("成效").fill("投诉下降三成。")
    phone.get_by_role("button", name="保存").click()
    phone.get_by_role("button", name="报送").click()
    done(phone, "已报送")
    assert phone.evaluate(OVERFLOW) == ""
    office = browsers("coordinator")
    office.goto(TypicalCase.objects.get().get_absolute_url())
    office.get_by_role("button", name="采用").click()
    done(office, "已采用")
    office.goto(address)
    office.locator("main form[action$='/booklet/'] button").click()
    words = "\n".join(paragraph.text for paragraph in docx.Document(str(file_of_job(office).path())).paragraphs)
    assert "柔性执法清单" in words
    assert "投诉下降三成" in words
