"""单位别称: another name of a unit is entered once, or remembered from an import, and read by every import."""

from datetime import timedelta

import pytest
from django.urls import reverse

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, ImportUpload, Unit, UnitAlias
from creation.units import aliases, merging
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("三级指标", "牵头单位", "责任单位")
POINT = "4-3-3 每年组织案卷评查"


def plan(world: World, units: str, kind: str = "indicators", **answers: str) -> ImportPlan:
    rows = [HEAD, (POINT, "城管局", units)] if kind == "indicators" else [("单位", "姓名"), (units, "孙磊")]
    return import_steps.plan_of_workbook(world, "coordinator", kind, make.book(rows), **answers)


def add(world: World, name: str, meaning: str) -> UnitAlias:
    return aliases.add(world.district, name, meaning, world.actor("coordinator"))


def test_an_alias_is_entered_shown_used_and_deleted(world: World) -> None:
    page, client = reverse("unit_aliases"), world.client("coordinator")
    key = str(world.units["政府办"].pk)
    assert reverse("unit_aliases") in client.get(reverse("units")).content.decode()
    assert client.post(page, {"name": "区 机关事务中心", "meaning": key}).status_code == 302
    alias = UnitAlias.objects.get()
    assert (alias.name, alias.unit) == ("区机关事务中心", world.units["政府办"])
    assert "区机关事务中心" in client.get(page).content.decode()
    for kind in ("indicators", "liaisons"):
        found = plan(world, "机关事务中心", kind)
        assert (found.errors, found.questions) == ([], [])
        assert any("按登记的别称是“政府办”" in note for note in found.notes)
    assert client.post(reverse("unit_alias_delete", args=[alias.pk])).status_code == 302
    assert not UnitAlias.objects.exists()
    assert set(AuditEntry.objects.filter(act__startswith="unit.alias").values_list("act", flat=True)) == {
        "unit.alias_add",
        "unit.alias_delete",
    }
    assert plan(world, "机关事务中心").errors


@pytest.mark.parametrize(
    ("name", "meaning", "said"),
    [
        ("　", "all", "请填写别称"),
        ("长" * 81, "all", "最多 80 个字"),
        ("甲办", "none", "请选择"),
        ("甲办", "99999", "请选择"),
        ("源汇区司法局", "all", "就是单位“司法局”的名称"),
        ("乙办", "all", "已有这个别称"),
    ],
)
def test_what_is_no_alias_is_refused(world: World, name: str, meaning: str, said: str) -> None:
    add(world, "乙办", "all")
    with pytest.raises(Refusal, match=said):
        add(world, name, meaning)
    assert UnitAlias.objects.count() == 1


def test_an_answer_is_remembered_when_it_is_imported(world: World) -> None:
    content = make.book([HEAD, (POINT, "城管局", "老街道办、各成员单位")])
    upload = import_steps.receive(world, "coordinator", "indicators", content)
    keys = {question.key for question in import_uploads.plan_of(upload, world.actor("coordinator")).questions}
    assert keys == {"unit:老街道办", "group:各成员单位"}
    import_uploads.save_answers(
        upload, {"unit:老街道办": str(world.units["老街街道"].pk), "group:各成员单位": "departments"}
    )
    upload = ImportUpload.objects.get(pk=upload.pk)
    found = import_uploads.plan_of(upload, world.actor("coordinator"))
    assert not UnitAlias.objects.exists()
    import_uploads.apply(upload, found.digest, world.actor("coordinator"))
    assert {alias.name: alias.meaning for alias in UnitAlias.objects.all()} == {
        "老街道办": "老街街道",
        "各成员单位": "区直部门",
    }
    again = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert (again.errors, again.questions, again.pending_lines) == ([], [], [])


def test_who_does_not_manage_units_is_asked_and_nothing_is_kept(world: World) -> None:
    aliases.remember(world.district, {"unit:城管": str(world.units["城管局"].pk)}, world.actor("liaison"))
    aliases.remember(world.district, {"unit:别区": str(world.people["outsider"].unit_id)}, world.actor("coordinator"))
    aliases.remember(world.district, {"unit:跳过": "skip", "column:甲": "1"}, world.actor("coordinator"))
    assert not UnitAlias.objects.exists()


def test_aliases_go_along_when_units_merge(world: World) -> None:
    add(world, "执法大队", str(world.units["城管局"].pk))
    unit = world.units["城管局"]
    merging.merge(unit, world.units["司法局"], unit.version, world.actor("administrator"))
    assert UnitAlias.objects.get().unit == world.units["司法局"]


def test_many_aliases_take_as_few_queries_as_one(world: World) -> None:
    def queries() -> int:
        client = world.client("coordinator")
        return count_queries(lambda: client.get(reverse("unit_aliases")))

    add(world, "甲办", str(world.units["司法局"].pk))
    one = queries()
    for number in range(20):
        add(world, f"乙办{number}", str(world.units["司法局"].pk))
    assert queries() == one


def test_remembering_never_refuses_and_replaces_what_names_a_stopped_unit(world: World) -> None:
    stopped, into = world.units["城管局"], world.units["司法局"]
    add(world, "执法大队", str(stopped.pk))
    Unit.objects.filter(pk=stopped.pk).update(active_to=NOW.date() - timedelta(days=1))
    answers = {f"unit:{name}": str(into.pk) for name in (stopped.name, "执法大队", "执 法 大 队", into.name)}
    aliases.remember(world.district, answers, world.actor("coordinator"))
    assert {alias.name: alias.unit for alias in UnitAlias.objects.all()} == {stopped.name: into, "执法大队": into}
