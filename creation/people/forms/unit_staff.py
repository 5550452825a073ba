"""Forms to appoint a unit's people: an existing account, or a new one."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from creation.models import User
from creation.people.forms.accounts import MOBILE, PHONE, USERNAME
from creation.rules.policy import ROLE_NAMES, Role
from creation.web.bootstrap_forms import apply_bootstrap
from creation.web.row_choices import offer_choices

UNIT_ROLE_CHOICES = [(role.value, ROLE_NAMES[role]) for role in (Role.LIAISON, Role.CLERK, Role.UNIT_LEADER)]


def role_field() -> forms.ChoiceField:
    return forms.ChoiceField(label="担任", choices=UNIT_ROLE_CHOICES, initial=Role.LIAISON.value)


class AppointForm(forms.Form):
    """Appoint a person who has an account in the unit."""

    person = forms.ModelChoiceField(User.objects.none(), label="人员", empty_label="请选择本单位人员")
    role = role_field()

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].label_from_instance = lambda each: f"{each.name}（{each.post or '未填职务'}）"  # type: ignore[attr-defined]
        offer_choices(self, person=people)
        apply_bootstrap(self)


class NewStaffForm(forms.Form):
    """Appoint a new person. ``offered`` is the username used if none is typed."""

    name = forms.CharField(label="姓名", max_length=30)
    role = role_field()
    post = forms.CharField(label="职务", max_length=40, required=False)
    office_phone = forms.CharField(label="办公电话", max_length=30, required=False, validators=[PHONE])
    mobile = forms.CharField(label="手机", max_length=20, required=False, validators=[MOBILE])
    email = forms.EmailField(label="电子邮箱", required=False, help_text="可不填。")
    username = forms.CharField(
        label="登录名",
        max_length=40,
        validators=[USERNAME],
        help_text="填好姓名后自动取“姓名拼音-单位首字母”，可以改；建立后不能更改。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (("mobile", "tel"), ("office_phone", "tel")):
            self.fields[name].widget.input_type = kind
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = (
                "off"  # the browser would fill in the office's own name and phone number
            )
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        apply_bootstrap(self)
