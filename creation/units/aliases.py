"""Aliases of units (别称): added by hand, or remembered from the answers to an import's questions."""

from collections.abc import Mapping

from django.db import transaction

from creation import access
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import District, Unit, UnitAlias, UnitGroup
from creation.rules.names import without_blanks
from creation.rules.policy import Permission

MAX_NAME = 80
NO_NAME, NO_MEANING, TAKEN = "请填写别称。", "请选择这个别称指哪个单位。", "已有这个别称，请先删除原来的。"
IS_NAME = "“{0}”就是单位“{1}”的名称，不用登记。"


def add(district: District, name: str, meaning: str, actor: Actor) -> UnitAlias:
    """Add an alias. ``meaning``: the key of a unit or of a group. Raises Refusal."""
    plain = without_blanks(name)
    is_key = meaning.isdecimal() and len(meaning) < 19
    unit = Unit.objects.filter(district=district, pk=int(meaning)).first() if is_key else None
    if not plain or len(plain) > MAX_NAME:
        raise Refusal(NO_NAME if not plain else f"别称最多 {MAX_NAME} 个字，请缩短。", field="name")
    if unit is None and meaning not in UnitGroup.values:
        raise Refusal(NO_MEANING, field="meaning")
    with transaction.atomic():
        if named := Unit.objects.filter(district=district, name=plain).first():
            raise Refusal(IS_NAME.format(plain, named), field="name")
        if UnitAlias.objects.filter(district=district, name=plain).exists():
            raise Refusal(TAKEN, field="name")
        return _create(district, plain, unit, "" if unit else meaning, actor)


def _create(district: District, name: str, unit: Unit | None, group: str, actor: Actor) -> UnitAlias:
    alias = UnitAlias.objects.create(
        district=district, name=name, unit=unit, group=group, created_by=actor.human, created_at=actor.at
    )
    audit_log.record(actor, "unit.alias_add", alias, detail=f"{name} 指 {alias.meaning}")
    return alias


def delete(alias: UnitAlias, actor: Actor) -> None:
    with transaction.atomic():
        audit_log.record(actor, "unit.alias_delete", alias, detail=f"{alias.name} 指 {alias.meaning}")
        alias.delete()


def remember(district: District, answers: Mapping[str, str], actor: Actor) -> None:
    """Keep the answers to questions about names of units as aliases, if the person manages the units of the district.

    Never refuses, as the import was confirmed. A name of a stopped unit is an alias like any other; an alias of a unit that was
    stopped since is replaced.
    """
    if actor.person is None or not access.may(actor.person, Permission.UNITS_MANAGE, district):
        return
    units = {str(unit.pk): unit for unit in Unit.objects.active(actor.today).filter(district=district)}
    aliases = {alias.name: alias for alias in UnitAlias.objects.filter(district=district).select_related("unit")}
    taken = {unit.name for unit in units.values()}
    for key, answer in answers.items():
        kind, _, name = key.partition(":")
        plain = without_blanks(name)
        unit, group = (units.get(answer), "") if kind == "unit" else (None, answer if kind == "group" else "")
        if not plain or len(plain) > MAX_NAME or plain in taken or not (unit or group in UnitGroup):
            continue
        outdated = aliases.get(plain)
        if outdated and (not outdated.unit_id or str(outdated.unit_id) in units):
            continue
        if outdated:
            delete(outdated, actor)
        aliases[plain] = _create(district, plain, unit, group, actor)
