"""A large import says beforehand for how long nobody else can save."""

import pytest
from django.conf import settings
from django.urls import reverse

from creation.imports.views import imports
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import World

pytestmark = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="PostgreSQL locks rows, not the database"
)


@pytest.mark.parametrize(("lines", "seconds"), [(0, 0), (100, 0), (101, 5), (1750, 5), (1751, 6), (5000, 15)])
def test_the_wait_grows_with_the_lines(lines: int, seconds: int) -> None:
    assert imports.expected_wait(lines) == seconds


def test_the_page_says_it_before_the_button(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    content = make.liaisons([("城管局", "刘联络", "科长", "", "13800009999")])
    upload = import_steps.receive(world, "coordinator", "liaisons", content)
    address = reverse("import", args=[world.campaign.pk, upload.pk])
    client = world.client("coordinator")
    assert "写入约需" not in client.get(address).content.decode()
    monkeypatch.setattr(imports, "INLINE_LINES", 0)
    page = client.get(address).content.decode()
    assert page.index("写入约需 5 秒") < page.index("确认导入")
    assert "保存会等到写完" in page
