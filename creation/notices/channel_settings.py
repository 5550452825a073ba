"""The office's settings of outside channels: add, change, test. Secrets are write-only."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.html import format_html

from creation.audit.actor import Actor
from creation.audit.audit_log import record
from creation.lib import guarded_sockets
from creation.lib.refusals import Refusal, require_text
from creation.models import Channel, ChannelKind, Delivery, DeliveryState, District
from creation.models.notice import DeliveryQuerySet
from creation.notices import channels, dispatch
from creation.notices.channels import (
    Answered,
    Outcome,
    OutgoingMessage,
    apprise_services,
    encryption,
    sms_gateway,
    webhooks,
)
from creation.notices.channels.messages import domain

SECRET_FIELDS = ("password", "url", "secret", "extra")
COMMON_FIELDS = ("name", "enabled", "required", "slowest")
NAME_TAKEN = "已有同名的渠道，请换一个名称。"
OPEN_MAIL = "不加密的连接只能用于内部网络：请选择加密方式，或请运维人员将该服务器加入 CHANNEL_HOSTS。"
CHANGED_MEANWHILE = "此渠道刚被他人修改，您的修改没有保存：请核对后重新填写。"


def public_config(channel: Channel) -> dict[str, Any]:
    """Return the settings without secrets. Empty if they cannot be decrypted with the current key."""
    try:
        config = encryption.decrypt(channel.sealed)
    except ValueError:
        return {}
    return {name: value for name, value in config.items() if name not in SECRET_FIELDS}


def add_channel(district: District, kind: ChannelKind, data: dict[str, Any], actor: Actor) -> Channel:
    """Add a channel. Raises Refusal."""
    plain, config = _split(data)
    _refuse_wrong(kind, plain, config)
    if kind != ChannelKind.SMTP and not str(config.get("url") or "").strip():
        raise Refusal("请填写地址。")
    try:
        with transaction.atomic():
            channel = Channel.objects.create(district=district, kind=kind, sealed=encryption.encrypt(config), **plain)
            record(actor, "channel.add", channel, detail=_audit_detail(channel, config))
    except IntegrityError:
        raise Refusal(NAME_TAKEN) from None
    return channel


def change_channel(channel: Channel, data: dict[str, Any], seen: int, actor: Actor) -> None:
    """Change a channel. A secret left empty is not changed. Raises Refusal."""
    plain, config = _split(data)
    _refuse_wrong(ChannelKind(channel.kind), plain, config)
    for name in SECRET_FIELDS:
        if name in config and not config[name]:
            config[name] = _stored_config(channel).get(name, "")
    try:
        with transaction.atomic():
            if not Channel.objects.change(channel.pk, seen, **plain, sealed=encryption.encrypt(config)):
                raise Refusal(CHANGED_MEANWHILE)
            record(actor, "channel.change", channel, detail=_audit_detail(channel, config))
    except IntegrityError:
        raise Refusal(NAME_TAKEN) from None


def why_not(kind: ChannelKind, config: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings that prevent sending, mapped to a sentence with the reason. Settings not entered yet are not checked."""
    found: dict[str, str] = {}
    if kind == ChannelKind.SMTP:
        host, port = config.get("host", ""), config.get("port") or 0
        if config.get("security") == "none" and not guarded_sockets.is_allowed_by_operator(host, port):
            found["security"] = OPEN_MAIL
    elif url := str(config.get("url") or "").strip():
        found["url"] = {
            ChannelKind.SMS: sms_gateway.address_error,
            ChannelKind.APPRISE: apprise_services.address_error,
        }.get(kind, partial(webhooks.address_error, kind))(url)
    if kind == ChannelKind.SMS:
        try:
            sms_gateway.parse_pairs(config.get("extra") or "")
        except ValueError as error:
            found["extra"] = str(error)
    return {name: sentence for name, sentence in found.items() if sentence}


def _refuse_wrong(kind: ChannelKind, plain: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    require_text(plain["name"], "请填写渠道的名称。")
    if kind == ChannelKind.SMTP and not config.get("host", "").strip():
        raise Refusal("请填写邮件服务器。")
    for sentence in why_not(kind, config).values():
        raise Refusal(sentence)


def _stored_config(channel: Channel) -> dict[str, Any]:
    try:
        return encryption.decrypt(channel.sealed)
    except ValueError:
        return {}


def _split(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    plain = {name: data[name] for name in COMMON_FIELDS}
    return plain, {name: value for name, value in data.items() if name not in (*COMMON_FIELDS, "seen")}


def _audit_detail(channel: Channel, config: dict[str, Any]) -> str:
    """Return the settings for the audit trail, without secrets."""
    shown = "，".join(f"{name}={value}" for name, value in config.items() if name not in SECRET_FIELDS and value)
    return f"{channel.get_kind_display()}；{shown}" if shown else channel.get_kind_display()


def send_test_message(channel: Channel, actor: Actor) -> Outcome:
    """Send a test message to the acting person, outside any transaction, and return the response. Raises Refusal."""
    person = actor.human
    if channel.kind == ChannelKind.SMTP and not person.email:
        raise Refusal("您的账号没有填写电子邮箱，无法测试：请先在“我的账号”中填写。")
    if channel.kind == ChannelKind.SMS and not person.mobile:
        raise Refusal("您的账号没有填写手机号码，无法测试：请先在“我的账号”中填写。")
    text = f"{person.name}，您好：这是通知渠道“{channel.name}”的测试消息，收到即表示渠道可用。"
    message = OutgoingMessage(
        name=person.name,
        to=person.email,
        mobile=person.mobile if channel.kind == ChannelKind.SMS else "",
        subject=f"【{dispatch.SITE_NAME}】渠道测试",
        text=text,
        html=format_html("<p>{}</p>", text),
        brief=f"【{dispatch.SITE_NAME}】{text}",
        short=f"{person.name[:20]}：这是短信渠道的测试消息，收到即表示渠道可用。",
        message_id=f"<test-{channel.pk}-{int(actor.at.timestamp() * 1000)}@{domain()}>",
        at=actor.at,
    )
    outcome = _send(channel, message)
    fine = outcome.answered == Answered.SENT
    record(actor, "channel.test", channel, result="done" if fine else "failed", detail=outcome.answer)
    return outcome


def _send(channel: Channel, message: OutgoingMessage) -> Outcome:
    try:
        sender = channels.open_sender(channel)
    except ValueError as error:
        return Outcome(Answered.REFUSED, str(error))
    try:
        return sender.send(message)
    finally:
        sender.close()


@transaction.atomic
def retry_delivery(delivery: Delivery, actor: Actor) -> None:
    """Retry a failed delivery. Raises Refusal."""
    dispatch.retry(delivery, actor.at)
    record(actor, "delivery.retry", delivery)


@transaction.atomic
def retry_deliveries(rows: DeliveryQuerySet, actor: Actor) -> tuple[int, int]:
    """Retry failed deliveries. Return how many are retried and how many are still failed."""
    count = dispatch.retry_all(rows, actor.at)
    if count:
        record(actor, "delivery.retry", detail=f"{count} 条")
    return count, rows.filter(state=DeliveryState.FAILED).count()
