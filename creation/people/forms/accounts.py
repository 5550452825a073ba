"""Forms for login, passwords, accounts, roles and units."""

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.core.validators import RegexValidator
from django.db.models import QuerySet

from creation.models import Campaign, Unit, User
from creation.models.membership import ROLE_CHOICES
from creation.people import accounts
from creation.rules.policy import UNIT_ROLES, Role
from creation.web.bootstrap_forms import apply_bootstrap, date_input
from creation.web.row_choices import offer_choices


def whole(pattern: re.Pattern[str], sentence: str) -> RegexValidator:
    return RegexValidator(rf"^(?:{pattern.pattern})\Z", sentence, flags=re.RegexFlag(pattern.flags))


MOBILE = whole(accounts.MOBILE, accounts.NO_MOBILE)
PHONE = whole(accounts.PHONE, accounts.NO_PHONE)
USERNAME = whole(accounts.USERNAME, accounts.NO_USERNAME)


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "登录名或密码不正确，请重新输入。连续 5 次不正确将暂停登录 15 分钟；忘记密码请联系创建办或系统管理员。",
        "inactive": "登录名或密码不正确，请重新输入。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label, self.fields["password"].label = "登录名", "密码"
        self.fields["username"].widget.attrs.update(autocapitalize="none", spellcheck="false")
        apply_bootstrap(self)


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label_new_password(self)
        apply_bootstrap(self)


class PasswordChangeForm(DjangoPasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "现在的密码"
        label_new_password(self)
        apply_bootstrap(self)


def label_new_password(form: forms.BaseForm) -> None:
    form.fields["new_password1"].label, form.fields["new_password2"].label = "新密码", "再输入一次"
    form.fields["new_password2"].help_text = ""


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form with the version that was on screen, as ``seen``."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version
        apply_bootstrap(self)


class OwnDataForm(VersionedForm):
    mobile = forms.CharField(label="手机", max_length=20, required=False, validators=[MOBILE])
    office_phone = forms.CharField(label="办公电话", max_length=30, required=False, validators=[PHONE])

    class Meta:
        model = User
        fields = ["office_phone", "mobile", "email"]


class PersonForm(VersionedForm):
    """An account as its administrator edits it. The mobile number can be replaced but is never shown."""

    office_phone = OwnDataForm.base_fields["office_phone"]
    mobile = forms.CharField(label="手机", max_length=20, required=False, validators=[MOBILE])

    class Meta:
        model = User
        fields = ["name", "unit", "post", "office_phone", "mobile", "email"]

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        unit.required = True
        unit.empty_label = "请选择单位"  # type: ignore[attr-defined]
        offer_choices(self, unit=units)
        if self.instance.mobile:
            self.initial["mobile"] = ""
            self.fields["mobile"].help_text = f"现为 {self.instance.masked_mobile}，留空则不改。"

    def data_to_save(self) -> dict[str, Any]:
        """Return the cleaned fields, without the mobile number if none was typed."""
        left = {"seen"} if self.cleaned_data["mobile"] else {"seen", "mobile"}
        return {name: value for name, value in self.cleaned_data.items() if name not in left}


class NewPersonForm(PersonForm):
    username = forms.CharField(
        label="登录名", max_length=40, validators=[USERNAME], help_text="小写字母和数字，如姓名拼音；建立后不能更改。"
    )
    roles = forms.MultipleChoiceField(
        label="角色",
        choices=ROLE_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="可选多个。联络员、承办人、分管领导在上面所选的单位任职；系统管理员、安全审计员不能兼任其他角色。",
    )
    expires = forms.DateField(label="第三方专家有效期至", required=False, widget=date_input())
    field_order = ["name", "username", "unit", "post", "office_phone", "mobile", "email", "roles", "expires"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The class would also apply to the box around the checkboxes.
        self.fields["roles"].widget.attrs.pop("class", None)

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username=username).exists():
            raise forms.ValidationError(accounts.TAKEN)
        return username

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if Role.ASSESSOR in data.get("roles", []) and not data.get("expires"):
            self.add_error("expires", "第三方专家须填写有效期。")
        return data


class GrantForm(forms.Form):
    """A form for an additional role."""

    role = forms.ChoiceField(label="角色", choices=[("", "请选择角色"), *ROLE_CHOICES])
    unit = forms.ModelChoiceField(Unit.objects.none(), label="单位", required=False, empty_label="（不分单位）")
    campaign = forms.ModelChoiceField(Campaign.objects.none(), label="创建活动", required=False, empty_label="全部活动")
    expires = forms.DateField(
        label="有效期至", required=False, widget=date_input(), help_text="第三方专家必填，其他可不填。"
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], campaigns: QuerySet[Campaign], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, unit=units, campaign=campaigns)
        apply_bootstrap(self)

    def clean(self) -> dict[str, Any]:
        """Require a unit for unit roles, and ignore the unit for other roles."""
        data = super().clean() or self.cleaned_data
        role = data.get("role")
        if role and Role(role) not in UNIT_ROLES:
            data["unit"] = None
        elif role and not data.get("unit"):
            self.add_error("unit", "联络员、承办人、分管领导须选择单位。")
        if role == Role.ASSESSOR and not data.get("expires"):
            self.add_error("expires", "第三方专家须填写有效期。")
        return data


class UnitForm(VersionedForm):
    class Meta:
        model = Unit
        fields = ["name", "short_name", "kind", "order", "leader", "active_from", "quota_gb"]
        widgets = {"active_from": date_input()}
        help_texts = {
            "short_name": "列表和台账中使用，不超过 20 字。",
            "order": "数字小的排在前面。",
            "leader": "填姓名，用于台账“责任领导”一栏。",
            "quota_gb": "留空按全区统一配额，填 0 为不限。超出只提示，不阻止上传。",
        }


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(Unit.objects.none(), label="并入", empty_label="请选择单位")

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, into=units)
        apply_bootstrap(self)


def form_summary(form: forms.BaseForm) -> str:
    """Return the values of a form, one field per line, for the conflict page."""
    shown = [field for field in form if not field.is_hidden]
    return "\n".join(f"{field.label}：{_display_value(field)}" for field in shown)


def _display_value(field: forms.BoundField) -> str:
    value = field.value()
    choices = dict(getattr(field.field, "choices", []) or [])
    return str(choices.get(value, value) or "")
