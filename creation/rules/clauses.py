"""Where a requirement comes from, as people cite it: 实施方案四（四）2 for 《……实施方案》第四部分（四）第2项."""

import re

NUMERAL = "[一二三四五六七八九十]+"
PLACE = re.compile(rf"第({NUMERAL})部分((?:（{NUMERAL}）)?)(?:第(\d+)项)?")
PLAN = re.compile(r"《[^《》]*?((?:实施|工作)?方案)》([^《》]+)")


def cited(source: str) -> str:
    """Return document and clauses of a plan in the short form; any other source as it is written."""
    plan = PLAN.fullmatch(source)
    places = [PLACE.fullmatch(each) for each in plan[2].split("、")] if plan else []
    if not plan or not all(places):
        return source
    return plan[1] + "、".join("".join(part or "" for part in place.groups()) for place in places if place)
