"""Rules of people, units, reminder rules and channels hold without a form."""

from collections.abc import Callable
from typing import Any

import pytest

from creation.models import (
    ChannelKind,
    ReminderRule,
)
from creation.notices import channel_settings
from creation.notices.reminders import rule_settings
from creation.people import accounts
from creation.units import lifecycle
from tests.support.verb_refusals import Refusal, Verb, VerbTests
from tests.support.world import World

pytestmark = pytest.mark.django_db


# People, units, notices


def create_person(world: World, **changes: Any) -> None:
    data: dict[str, Any] = {
        "username": "zhang", "name": "张三", "unit": world.units["城管局"], "post": "", "office_phone": "", "mobile": "",
        "email": "", "roles": [],
    }  # fmt: skip
    accounts.create_account(data | changes, world.actor("administrator"))


def edit_person(world: World, **changes: Any) -> None:
    data = {"unit": world.units["城管局"]} | changes
    accounts.edit_account(world.people["clerk"], data, world.people["clerk"].version, world.actor("administrator"))


def edit_own(world: World, **changes: Any) -> None:
    person = world.people["clerk"]
    data = {"office_phone": "", "mobile": "", "email": ""} | changes
    accounts.edit_own_account(person, data, person.version, world.actor("clerk"))


def unit(verb: str) -> Callable[..., Any]:
    def call(world: World, **changes: Any) -> None:
        data: dict[str, Any] = {
            "kind": "department", "name": "源汇区教育局", "short_name": "教育局", "order": 9, "leader": "", "active_from": None
        }  # fmt: skip
        data |= changes
        if verb == "add":
            lifecycle.create(world.district, data, world.actor("administrator"))
        else:
            lifecycle.edit(world.units["政府办"], data, world.units["政府办"].version, world.actor("administrator"))

    return call


def change_rule(world: World, **values: Any) -> None:
    rule = ReminderRule.objects.get(campaign=world.campaign, phase_kind="evidence", condition="unanswered")
    rule_settings.change_rule(rule, values, rule.version, world.actor("coordinator"))


SMTP = {
    "host": "mail.example.org",
    "port": 465,
    "security": "ssl",
    "sender": "a@example.org",
    "username": "",
    "password": "x",
}
USE = {"name": "渠道", "enabled": True, "required": False, "slowest": "weekly"}


def channel(kind: ChannelKind, settings: dict[str, Any]) -> Callable[..., Any]:
    return lambda world, **changes: channel_settings.add_channel(
        world.district, kind, USE | settings | changes, world.actor("administrator")
    )


def with_smtp(world: World) -> None:
    channel(ChannelKind.SMTP, SMTP)(world)


def change_channel(world: World, **changes: Any) -> None:
    channel_settings.change_channel(
        world.district.channels.get(), USE | SMTP | changes, 1, world.actor("administrator")
    )


CONTACTS: list[Refusal] = [
    ({"name": " "}, "请填写姓名"),
    ({"mobile": "12345"}, "手机号应为 11 位数字"),
    ({"office_phone": "转接总机"}, "电话只能含数字"),
    ({"email": "不是邮箱"}, "电子邮箱的格式不正确"),
]
WORDS: list[Refusal] = [({"name": " "}, "请填写单位的名称和简称"), ({"short_name": ""}, "请填写单位的名称和简称"),
                        ({"kind": "club"}, "请选择单位的类型")]  # fmt: skip
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=x"
GATEWAY = {
    "method": "form", "mobile_field": "mobile", "text_field": "content", "serial_field": "", "extra": "", "answer_field": "",
    "answer_value": "0", "sign": "",
}  # fmt: skip
OTHERS = [
    Verb("create a person", create_person, {"mobile": "13800001234", "office_phone": "0395-1 转 8", "email": "a@b.cn"},
         [*CONTACTS, ({"username": "张三"}, "登录名为 2 至 40 个"), ({"username": "clerk"}, "该登录名已被使用")]),
    Verb("edit a person", edit_person, {"name": "李四", "mobile": "13800001234"}, CONTACTS),
    Verb("edit oneself", edit_own, {"mobile": "13800001234"}, CONTACTS[1:]),
    Verb("add a unit", unit("add"), {}, WORDS),
    Verb("change a unit", unit("change"), {}, WORDS),
    Verb("change a rule", change_rule, {"name": "提醒", "text": "请报送", "lead_times": [3, 1], "overdue_every": 2},
         [({"name": " "}, "请填写规则的名称"), ({"text": ""}, "请填写提醒文字"), ({"lead_times": list(range(11))}, "最多写 10 个天数"),
          ({"lead_times": [181]}, "须在 0 到 180 之间"), ({"overdue_every": 181}, "须在 0 到 180 之间")]),
    Verb("add a mail server", channel(ChannelKind.SMTP, SMTP), {},
         [({"security": "none"}, "不加密的连接只能用于内部网络"), ({"host": " "}, "请填写邮件服务器"), ({"name": ""}, "请填写渠道的名称")]),
    Verb("change a mail server", change_channel, {"port": 587},
         [({"security": "none"}, "不加密的连接只能用于内部网络")], with_smtp),
    Verb("add a robot", channel(ChannelKind.DINGTALK, {"url": ROBOT, "secret": ""}), {},
         [({"url": "https://example.org/"}, "机器人地址应以"), ({"url": ""}, "请填写地址")]),
    Verb("add a gateway", channel(ChannelKind.SMS, GATEWAY | {"url": "https://sms.example.org/"}), {},
         [({"url": "http://sms.example.org/"}, "不加密的网关地址"), ({"extra": "没有等号"}, "应写成“名称=值”")]),
]  # fmt: skip


class TestVerbs(VerbTests):
    verbs = OTHERS
