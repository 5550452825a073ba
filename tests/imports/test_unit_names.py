"""Units as people write them: which ones an uncertain name offers."""

from creation.imports.unit_names import UnitNames
from tests.support.world import World, make_units


def test_a_word_inside_people_s_government_is_no_match(world: World) -> None:
    towns = [f"{name}镇人民政府" for name in ("大刘", "阴阳赵", "问十", "空冢郭", "干河陈", "问桥")]
    units = make_units(world.elsewhere.district, [*towns, "区民政局"])
    names = UnitNames(units.values(), "临安区", {})
    assert names.find("民政") == units["区民政局"]
    assert names.find("区民政所") == ""
    offered = [label for _, label in names.questions["unit:区民政所"].options]
    assert [label for label in offered if "民政局" in label]
    assert not [label for label in offered if "镇" in label]


def test_a_town_is_found_by_a_part_of_its_name(world: World) -> None:
    units = make_units(world.elsewhere.district, ["大刘镇人民政府", "区民政局"])
    names = UnitNames(units.values(), "临安区", {})
    assert names.find("大刘镇政府") == units["大刘镇人民政府"]
    assert not names.questions
