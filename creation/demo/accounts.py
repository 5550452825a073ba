"""Accounts of the demonstration: invented names (a surname and one of the sixty 干支), user names that begin with ``demo.``."""

import re
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import count

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from creation.audit.actor import Actor
from creation.demo.sentences import texts
from creation.lib.pinyin import in_pinyin
from creation.models import Unit, User
from creation.people import accounts
from creation.rules.policy import Role

PREFIX = "demo."
SURNAMES = "赵钱孙李周郑冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方俞任袁"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
WITHOUT_LIAISON = ("问十乡", "区商务局")
TWO_HATS = "区司法局"  # its liaison is a coordinator of the office as well
CONSONANTS, VOWELS = "bdfghjkmnprstvz", "aeiou"
OFFICE = texts("accounts")["office"]
Seat = tuple[str, str, str, str]  # user name, role, unit and post
People = Mapping[Role, list[User]]  # the accounts by their first role


def create(units: list[Unit], actor: Actor, expires: date, large: bool = False) -> People:
    """Create every account, without a password, and set each unit's leader. ``expires`` is the last day of the external assessor."""
    names = (SURNAMES[n % len(SURNAMES)] + STEMS[n % 10] + BRANCHES[n % 12] for n in count())
    people, by_name = defaultdict(list), {unit.short_name: unit for unit in units}
    for number, (login, role, unit, post) in enumerate([*OFFICE, *_seats(units, large)]):
        roles = [role, Role.COORDINATOR] if (unit, role) == (TWO_HATS, Role.LIAISON) else [role]
        reached = {"office_phone": f"0395-0000{number:03d}", "mobile": f"1380000{number:04d}", "email": ""}
        held = {"unit": by_name[unit], "post": post, "roles": roles, "expires": expires}
        data = {"username": PREFIX + login, "name": next(names), **reached, **held}
        people[Role(role)].append(accounts.create_account(data, actor))
    leaders = {person.unit_id: person.name for person in people[Role.UNIT_LEADER]}
    for unit in units:
        unit.leader = leaders.get(unit.pk) or next(names)
    Unit.objects.bulk_update(units, ["leader"])
    return people


def _seats(units: list[Unit], large: bool) -> Iterator[Seat]:
    """Yield a liaison for all units but two, 承办人 for every third, 分管领导 for every fourth; with ``large``, four people for each."""
    for number, unit in enumerate(units):
        name, login = unit.short_name, in_pinyin(abbreviation(unit))
        liaison, clerk, leader = texts("accounts")["posts"][unit.kind]
        if large or name not in WITHOUT_LIAISON:
            yield login, Role.LIAISON, name, liaison
        for n in range(2 if large else number % 3 == 0):
            yield f"{login}.cb{n or ''}", Role.CLERK, name, clerk
        if large or number % 4 == 0:
            yield f"{login}.fg", Role.UNIT_LEADER, name, leader


def abbreviation(unit: Unit) -> str:
    """区城管局 → 城管, 区委宣传部 → 宣传部, 老街街道 → 老街."""
    return re.sub("^(区委|源汇|区)(?=..)|(街道|镇|乡|分局|局)$", "", unit.short_name)


def fresh_password(person: User) -> str:
    """Return a random password that can be read aloud, such as Kavomi-7294-tunase, and that the current policy accepts for this person."""
    while True:
        first, last = ("".join(map(secrets.choice, (CONSONANTS, VOWELS) * 3)) for _ in range(2))
        password = f"{first.capitalize()}-{secrets.randbelow(9000) + 1000}-{last}"
        with suppress(ValidationError):
            validate_password(password, person)
            return password
