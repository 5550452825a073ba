"""Tables of accounts, units and audit entries."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.safestring import SafeString

from creation.audit.audit_actions import AUDIT_ACTIONS
from creation.lib.markup import markup
from creation.models import AuditEntry, Unit, User
from creation.rules.policy import ROLE_NAMES, Role
from creation.web.cells import cell

BADGES = {"refused": "warning", "failed": "danger"}


class AccountTable(tables.Table):
    """Expects ``User.objects.managed_by(…).for_table(today)``."""

    name = tables.Column("姓名", attrs={"td": {"class": "title"}})
    username = tables.Column("登录名", attrs=cell("登录名"))
    unit = tables.Column("单位", order_by=("unit__order", "name"), attrs=cell("单位"))
    post = tables.Column("职务", attrs=cell("职务"))
    roles = tables.Column("角色", accessor="active_memberships", orderable=False, empty_values=(), attrs=cell("角色"))
    mobile = tables.Column("手机", accessor="masked_mobile", orderable=False, attrs=cell("手机", "text-nowrap"))
    is_active = tables.Column("状态", attrs=cell("状态"))

    class Meta:
        attrs = {"class": "table table-hover align-middle stacked mb-0"}

    def render_name(self, record: User) -> SafeString:
        return markup('<a href="{}">{}</a>', reverse("account", args=[record.pk]), record.name)

    def render_roles(self, record: Any) -> str:
        names = dict.fromkeys(ROLE_NAMES[Role(each.role)] for each in record.active_memberships)
        return "、".join(names) or "—"

    def render_is_active(self, record: User) -> SafeString:
        if not record.is_active:
            return badge("secondary", "已停用")
        return badge("success", "启用") if record.has_usable_password() else badge("warning", "待设密码")


class UnitTable(tables.Table):
    """Expects ``Unit.objects…for_table()``; ``today`` determines which units are active."""

    order = tables.Column("排序", attrs=cell("排序"))
    short_name = tables.Column("简称", attrs={"td": {"class": "title"}})
    name = tables.Column("单位全称", attrs=cell("全称"))
    kind = tables.Column("类别", attrs=cell("类别"))
    leader = tables.Column("分管领导", attrs=cell("分管领导"))
    person_count = tables.Column("账号", attrs=cell("账号数"))
    state = tables.Column("状态", accessor="active_to", empty_values=(), attrs=cell("状态"))

    class Meta:
        attrs = {"class": "table table-hover align-middle stacked mb-0"}

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def render_short_name(self, record: Unit) -> SafeString:
        return markup('<a href="{}">{}</a>', reverse("unit", args=[record.pk]), record.short_name)

    def render_state(self, record: Unit) -> SafeString:
        if record.merged_into:
            return badge("secondary", f"并入{record.merged_into}")
        return badge("success", "在用") if record.is_active(self.today) else badge("secondary", "停用")


class AuditTable(tables.Table):
    at = tables.DateTimeColumn(
        verbose_name="时间", format="Y-m-d H:i:s", attrs=cell("时间", "text-nowrap"), order_by=("id",)
    )
    person = tables.Column("人员", orderable=False, attrs=cell("人员"))
    act = tables.Column("行为", orderable=False, attrs={"td": {"class": "title"}})
    object = tables.Column("对象", orderable=False, attrs=cell("对象", "text-break"))
    result = tables.Column("结果", orderable=False, attrs=cell("结果"))
    detail = tables.Column("详情", orderable=False, attrs=cell("详情", "text-break"))
    address = tables.Column("地址", orderable=False, attrs=cell("地址", "text-nowrap"))

    class Meta:
        attrs = {"class": "table table-sm align-middle stacked mb-0"}

    def render_act(self, value: str) -> str:
        return AUDIT_ACTIONS.get(value, value)

    def render_result(self, record: AuditEntry) -> SafeString:
        return badge(BADGES.get(record.result, "light"), record.get_result_display())


def badge(colour: str, text: str) -> SafeString:
    return markup('<span class="badge text-bg-{}">{}</span>', colour, text)
