"""Forms for channels and preferences, and the filter of the delivery log."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from creation.models import Channel, ChannelKind, Delivery, DeliveryState, Rhythm, Unit, User
from creation.notices import channel_settings
from creation.notices.channels import sms_gateway
from creation.web.bootstrap_forms import DATE_VALIDATORS, apply_bootstrap
from creation.web.filters import DATE_WIDGET, SEARCH_WIDGET, SELECT_WIDGET, start_of_day
from creation.web.row_choices import RowsField, offer_choices

KEEP_HINT = "已保存，留空则不改。"
SECURITIES = [
    ("ssl", "SSL/TLS（常用端口 465）"),
    ("starttls", "STARTTLS（常用端口 587）"),
    ("none", "不加密（仅限内部网络）"),
]
USAGE_FIELDS = ["slowest", "required", "enabled", "seen"]


class ChannelForm(forms.Form):
    """A channel. If ``channel`` is None, a new one, whose secrets are required. The address comes first, the usage last."""

    secret_fields: tuple[str, ...] = ()
    name = forms.CharField(label="名称", max_length=40)
    enabled = forms.BooleanField(label="启用", required=False, initial=True)
    required = forms.BooleanField(label="必选（个人不能关闭此渠道）", required=False)
    slowest = forms.ChoiceField(
        label="允许的最慢频次",
        choices=Rhythm.choices,
        initial=Rhythm.WEEKLY,
        help_text="个人选得更慢时，按此频次发送。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, channel: Channel | None = None, kind: ChannelKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.order_fields([name for name in self.fields if name not in USAGE_FIELDS] + USAGE_FIELDS)
        for name in self.secret_fields:
            self.fields[name].required = channel is None
            self.fields[name].help_text = KEEP_HINT if channel else self.fields[name].help_text
        apply_bootstrap(self)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, sentence in channel_settings.why_not(self.kind, data).items():
            if name not in self.errors:
                self.add_error(name, sentence)
        return data

    def clean_url(self) -> str:
        return str(self.cleaned_data["url"]).strip()


class SmtpForm(ChannelForm):
    host = forms.CharField(label="邮件服务器", max_length=253)
    port = forms.IntegerField(label="端口", min_value=1, max_value=65535, initial=465)
    security = forms.ChoiceField(label="加密方式", choices=SECURITIES)
    sender = forms.EmailField(label="发件地址")
    username = forms.CharField(label="登录名", max_length=200, required=False, help_text="服务器不要求登录时留空。")
    password = forms.CharField(
        label="密码或授权码", max_length=200, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, channel: Channel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, channel=channel, **kwargs)
        if channel:
            self.fields["password"].help_text = "留空则保持原来的密码。"


class WebhookForm(ChannelForm):
    secret_fields = ("url",)
    url = forms.CharField(
        label="机器人地址（Webhook）",
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="从群机器人设置中复制，保存后不再显示。",
    )
    secret = forms.CharField(
        label="加签密钥",
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="企业微信没有此项；钉钉、飞书启用“加签”时填写。已保存的留空则不改。",
    )


class SmsGatewayForm(ChannelForm):
    secret_fields = ("url",)
    url = forms.CharField(
        label="网关地址",
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="短信服务商提供的接口地址，保存后不再显示。",
    )
    method = forms.ChoiceField(label="提交方式", choices=sms_gateway.METHODS)
    mobile_field = forms.CharField(label="手机号的字段名", max_length=40, initial="mobile")
    text_field = forms.CharField(label="短信内容的字段名", max_length=40, initial="content")
    serial_field = forms.CharField(
        label="流水号的字段名",
        max_length=40,
        required=False,
        help_text="服务商按流水号去重时填写：重试时流水号不变。没有则留空。",
    )
    extra = forms.CharField(
        label="其他字段",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="账号、密钥、模板编号等，一行一个，写成“名称=值”。保存后不再显示，留空则不改。",
    )
    answer_field = forms.CharField(
        label="答复中表示结果的字段",
        max_length=80,
        required=False,
        help_text="如 code，或 data.status。答复不是 JSON 时留空：以下面的值开头即为成功。",
    )
    answer_value = forms.CharField(label="表示成功的值", max_length=40, initial="0")
    sign = forms.CharField(
        label="短信签名",
        max_length=20,
        required=False,
        help_text="显示在开头的【】中。由服务商自动添加时留空。",
    )


class AppriseForm(ChannelForm):
    secret_fields = ("url",)
    url = forms.CharField(
        label="Apprise 地址",
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="按 Apprise 的写法填写，如 ntfys://主机/主题、schan://密钥。保存后不再显示。",
    )


FORM_BY_KIND: dict[ChannelKind, type[ChannelForm]] = {
    ChannelKind.SMTP: SmtpForm,
    ChannelKind.SMS: SmsGatewayForm,
    ChannelKind.APPRISE: AppriseForm,
}


def form_for(kind: ChannelKind) -> type[ChannelForm]:
    return FORM_BY_KIND.get(kind, WebhookForm)


class PreferenceForm(forms.Form):
    rhythm = forms.ChoiceField(label="频次", choices=Rhythm.choices, widget=forms.RadioSelect)
    channels = RowsField(
        label="渠道", queryset=Channel.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, channels: QuerySet[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, channels=channels)


class DeliveryFilter(django_filters.FilterSet):
    """The filter. ``queryset`` are the visible deliveries; people and units are chosen from the same districts."""

    person = django_filters.CharFilter(method="of_person", label="收件人", widget=SEARCH_WIDGET)
    unit = django_filters.ModelChoiceFilter(
        field_name="digest__person__unit",
        queryset=lambda request: Unit.objects.visible_to(request.user),
        label="单位",
        empty_label="全部单位",
        widget=SELECT_WIDGET,
    )
    task = django_filters.CharFilter(method="of_task", label="任务编号", widget=SEARCH_WIDGET)
    channel = django_filters.ChoiceFilter(
        choices=[("inbox", "站内通知"), *ChannelKind.choices],
        field_name="channel",
        lookup_expr="startswith",
        label="渠道",
        empty_label="全部渠道",
        widget=SELECT_WIDGET,
    )
    state = django_filters.ChoiceFilter(
        choices=DeliveryState.choices, label="状态", empty_label="全部状态", widget=SELECT_WIDGET
    )
    since = django_filters.DateFilter(method="from_day", label="自", widget=DATE_WIDGET, validators=DATE_VALIDATORS)
    until = django_filters.DateFilter(method="to_day", label="至", widget=DATE_WIDGET, validators=DATE_VALIDATORS)

    class Meta:
        model = Delivery
        fields: list[str] = []

    def of_person(self, queryset: QuerySet[Delivery], name: str, value: str) -> QuerySet[Delivery]:
        named = User.objects.filter(Q(name__icontains=value) | Q(username__icontains=value))
        return queryset.filter(digest__person__in=named.order_by())

    def of_task(self, queryset: QuerySet[Delivery], name: str, value: str) -> QuerySet[Delivery]:
        """Return the deliveries with a notice about a task of this number."""
        about = (
            Q(digest__notices__task__indicator__code=value)
            | Q(digest__notices__task__action__code=value)
            | Q(digest__notices__task__finding__code=value)
        )
        return queryset.filter(pk__in=Delivery.objects.filter(about).order_by().values("pk"))

    def from_day(self, queryset: QuerySet[Delivery], name: str, value: date) -> QuerySet[Delivery]:
        return queryset.filter(digest__created_at__gte=start_of_day(value))

    def to_day(self, queryset: QuerySet[Delivery], name: str, value: date) -> QuerySet[Delivery]:
        return queryset.filter(digest__created_at__lt=start_of_day(value + timedelta(days=1)))
