"""Outside channels. Each sends one message to one person and returns the other side's response."""

from typing import Any, Protocol

from creation.models import Channel, ChannelKind
from creation.notices.channels import encryption, webhooks
from creation.notices.channels.apprise_services import AppriseSender
from creation.notices.channels.messages import Answered, Outcome, OutgoingMessage
from creation.notices.channels.sms_gateway import SmsGatewaySender
from creation.notices.channels.smtp import Smtp

__all__ = ["Answered", "Outcome", "OutgoingMessage", "Sender", "open_sender"]


class Sender(Protocol):
    def send(self, message: OutgoingMessage) -> Outcome: ...

    def close(self) -> None: ...


def open_sender(channel: Channel) -> Sender:
    """Return a sender that keeps its connection open between messages; the caller closes it.

    Raises ValueError if the settings cannot be decrypted.
    """
    config: dict[str, Any] = encryption.decrypt(channel.sealed)
    if channel.kind == ChannelKind.SMTP:
        return Smtp(config)
    if channel.kind == ChannelKind.SMS:
        return SmsGatewaySender(config)
    if channel.kind == ChannelKind.APPRISE:
        return AppriseSender(config)
    return webhooks.WebhookSender(ChannelKind(channel.kind), config)
