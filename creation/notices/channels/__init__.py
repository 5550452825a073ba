"""Ways to the outside. Each sends one message to one person and says what the other side answered."""

from typing import Any, Protocol

from creation.models import Channel, ChannelKind
from creation.notices.channels import robots, sealing
from creation.notices.channels.gateway import Gateway
from creation.notices.channels.messages import Answered, Outcome, OutgoingMessage
from creation.notices.channels.others import Other
from creation.notices.channels.smtp import Smtp

__all__ = ["Answered", "Outcome", "OutgoingMessage", "Sender", "sender"]


class Sender(Protocol):
    def send(self, message: OutgoingMessage) -> Outcome: ...

    def close(self) -> None: ...


def sender(channel: Channel) -> Sender:
    """Keeps its connection open between messages; close it. Raises ValueError when the key does not open the channel's settings."""
    config: dict[str, Any] = sealing.unseal(channel.sealed)
    if channel.kind == ChannelKind.SMTP:
        return Smtp(config)
    if channel.kind == ChannelKind.SMS:
        return Gateway(config)
    if channel.kind == ChannelKind.APPRISE:
        return Other(config)
    return robots.Robot(ChannelKind(channel.kind), config)
