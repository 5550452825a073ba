"""联络员: who speaks for each unit of the ledger. Telephone numbers are masked here: a ledger is passed on, annex 3 is where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from creation import access
from creation.models import Campaign, User
from creation.models.task import TaskQuerySet
from creation.people import liaisons
from creation.rules.policy import Permission
from reports.printed_tables import TableColumn, TableLayout


@dataclass(frozen=True, slots=True)
class LiaisonRow:
    unit: str
    name: str
    post: str
    office_phone: str
    mobile: str


COLUMNS = (
    TableColumn("单位", 340, lambda row: row.unit),
    TableColumn("姓名", 160, lambda row: row.name, centered=True),
    TableColumn("职务", 240, lambda row: row.post, centered=True),
    TableColumn("办公电话", 220, lambda row: row.office_phone, centered=True),
    TableColumn("手机", 220, lambda row: row.mobile, centered=True),
)
LAYOUT = TableLayout(COLUMNS)


def liaison_rows(tasks: TaskQuerySet, campaign: Campaign, viewer: User | None, today: date) -> list[LiaisonRow]:
    """Of the units whose tasks the ledger holds; nobody for who may not read the list and has no unit of their own in it."""
    units = set(tasks.order_by().values_list("unit", flat=True).distinct())
    if viewer and not access.may(viewer, Permission.LIAISONS_READ, campaign):
        units &= {grant.unit for grant in viewer.grants if grant.unit}
    return [row for unit, row in roster(campaign, today) if unit in units]


def roster(campaign: Campaign, today: date, *, in_full: bool = False) -> Iterator[tuple[int, LiaisonRow]]:
    """Unit → its liaison, the mobile number masked unless ``in_full``; a unit without one has a line that says so."""
    posts = sorted(liaisons.roster(campaign, today), key=lambda post: (post.unit.order, post.unit.pk))
    for post in posts:
        for person in post.people:
            mobile = person.mobile if in_full else person.masked_mobile
            yield post.unit.pk, LiaisonRow(post.unit.name, person.name, person.post, person.office_phone, mobile)
        if not post.people:
            yield post.unit.pk, LiaisonRow(post.unit.name, "（尚未确定）", "", "", "")
