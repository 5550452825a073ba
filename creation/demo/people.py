"""Who plays in the demonstration: invented names (a surname and one of the sixty 干支), logins that begin with ``demo.``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from creation.audit.trail import Actor
from creation.models import Unit, UnitKind, User
from creation.people import accounts
from creation.rules.policy import Role

PREFIX = "demo."
SURNAMES = "赵钱孙李周郑冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方俞任袁"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
CYCLE = [STEMS[n % 10] + BRANCHES[n % 12] for n in range(60)]
ASSESSOR_DAYS = 60

LOGINS = {
    "老街街道": "laojie", "马路街街道": "malujie", "顺河街街道": "shunhejie", "干河陈街道": "ganhechen", "大刘镇": "daliu",
    "阴阳赵镇": "yinyangzhao", "空冢郭镇": "kongzhongguo", "问十乡": "wenshi", "区纪委监委": "jiwei", "区委办": "quweiban",
    "区委组织部": "zuzhibu", "区委宣传部": "xuanchuanbu", "区委统战部": "tongzhanbu", "区委政法委": "zhengfawei",
    "区委编办": "bianban", "区委党校": "dangxiao", "区人大办": "renda", "区政协办": "zhengxie", "区法院": "fayuan",
    "区检察院": "jianchayuan", "区政府办": "zhengfuban", "区发改委": "fagaiwei", "区教育局": "jiaoyu", "区科工信局": "kegongxin",
    "源汇公安分局": "gongan", "区民政局": "minzheng", "区司法局": "sifa", "区财政局": "caizheng", "区人社局": "renshe",
    "源汇自然资源分局": "ziran", "源汇生态环境分局": "huanjing", "区住建局": "zhujian", "区城管局": "chengguan",
    "区交通局": "jiaotong", "区农业农村局": "nongye", "区商务局": "shangwu", "区文广旅局": "wenguanglv", "区卫健委": "weijian",
    "区应急局": "yingji", "区审计局": "shenji", "区市场监管局": "shichang", "区医保局": "yibao", "区信访局": "xinfang",
    "区政务服务局": "zhengwu", "区税务局": "shuiwu",
}  # fmt: skip
WITHOUT_LIAISON = ("问十乡", "区商务局")
TWO_HATS = "区司法局"  # its liaison sits in the office as well
POSTS = {
    UnitKind.TOWNSHIP: ("司法所所长", "党政办主任", "副镇级干部"),
    UnitKind.PARTY: ("办公室主任", "综合科科长", "副主任"),
    UnitKind.DEPARTMENT: ("法规科科长", "办公室主任", "副局长"),
    UnitKind.OTHER: ("办公室主任", "综合室主任", "副主任"),
}  # liaison, 承办人, 分管领导


@dataclass(frozen=True, slots=True)
class Seat:
    """An account to be made: ``unit`` is a short name."""

    login: str
    unit: str
    post: str
    roles: tuple[Role, ...]


OFFICE = (
    Seat("xietiao", "区司法局", "创建办综合协调组组长", (Role.COORDINATOR,)),
    Seat("shenhe1", "区司法局", "创建办材料指导组组长", (Role.REVIEWER,)),
    Seat("shenhe2", "区政府办", "创建办材料指导组成员", (Role.REVIEWER,)),
    Seat("ducha", "区委办", "创建办督导检查组组长", (Role.INSPECTOR,)),
    Seat("lingdao", "区政府办", "领导小组副组长", (Role.LEADING_GROUP,)),
    Seat("zhuanjia", "区司法局", "特邀评估专家（外聘）", (Role.ASSESSOR,)),
    Seat("guanli", "区政务服务局", "系统管理员", (Role.ADMINISTRATOR,)),
    Seat("anquan", "区委办", "安全审计员", (Role.AUDITOR,)),
)


@dataclass
class Cast:
    """The people by what they do; units by key."""

    coordinator: User
    reviewers: list[User]
    liaisons: dict[int, User]
    clerks: dict[int, User]
    everybody: list[User]


def names() -> Iterator[str]:
    """张甲子, 李乙丑 …: no two alike before 43 × 60 people."""
    return (SURNAMES[n % len(SURNAMES)] + CYCLE[n % len(CYCLE)] for n in count())


def seats(units: Iterable[Unit]) -> Iterator[Seat]:
    """The office first; then a liaison for all units but two, 承办人 for every third and 分管领导 for every fourth."""
    yield from OFFICE
    for number, unit in enumerate(units):
        login, posts = LOGINS.get(unit.short_name, f"unit{unit.order:02d}"), POSTS[UnitKind(unit.kind)]
        if unit.short_name not in WITHOUT_LIAISON:
            also = (Role.COORDINATOR,) if unit.short_name == TWO_HATS else ()
            yield Seat(login, unit.short_name, posts[0], (Role.LIAISON, *also))
        if number % 3 == 0:
            yield Seat(f"{login}.cb", unit.short_name, posts[1], (Role.CLERK,))
        if number % 4 == 0:
            yield Seat(f"{login}.fg", unit.short_name, posts[2], (Role.UNIT_LEADER,))


def crowd(units: Iterable[Unit]) -> Iterator[Seat]:
    """The office, and four people in every unit: for load."""
    yield from OFFICE
    for unit in units:
        login, posts = f"unit{unit.order:02d}", POSTS[UnitKind(unit.kind)]
        yield Seat(login, unit.short_name, posts[0], (Role.LIAISON,))
        yield Seat(f"{login}.cb1", unit.short_name, posts[1], (Role.CLERK,))
        yield Seat(f"{login}.cb2", unit.short_name, posts[1], (Role.CLERK,))
        yield Seat(f"{login}.fg", unit.short_name, posts[2], (Role.UNIT_LEADER,))


def engage(seats: Iterable[Seat], units: list[Unit], actor: Actor, today: date) -> Cast:
    """Make every account, without a password yet, and name each unit's leader. The outside assessor's days count from ``today``."""
    by_name = {unit.short_name: unit for unit in units}
    called = names()
    people = {seat: _account(seat, by_name[seat.unit], next(called), n, actor, today) for n, seat in enumerate(seats)}
    _name_leaders(units, people, called)
    return Cast(
        coordinator=next(person for seat, person in people.items() if Role.COORDINATOR in seat.roles),
        reviewers=[person for seat, person in people.items() if Role.REVIEWER in seat.roles],
        liaisons=_of_role(people, Role.LIAISON),
        clerks=_of_role(people, Role.CLERK),
        everybody=list(people.values()),
    )


def _of_role(people: dict[Seat, User], role: Role) -> dict[int, User]:
    return {person.unit_id: person for seat, person in people.items() if role in seat.roles and person.unit_id}


def _account(seat: Seat, unit: Unit, name: str, number: int, actor: Actor, today: date) -> User:
    data = {
        "username": PREFIX + seat.login,
        "name": name,
        "unit": unit,
        "post": seat.post,
        "office_phone": f"0395-0000{number:03d}",
        "mobile": f"1380000{number:04d}",
        "email": "",
        "roles": [role.value for role in seat.roles],
        "expires": today + timedelta(days=ASSESSOR_DAYS),
    }
    return accounts.create_person(data, actor)


def _name_leaders(units: list[Unit], people: dict[Seat, User], called: Iterator[str]) -> None:
    known = {unit: person.name for unit, person in _of_role(people, Role.UNIT_LEADER).items()}
    for unit in units:
        unit.leader = known.get(unit.pk) or next(called)
    Unit.objects.bulk_update(units, ["leader"])
