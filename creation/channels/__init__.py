"""Ways to the outside. Each sends one letter to one person and says what the other side answered."""

from typing import Any, Protocol

from creation.channels import robots, sealing
from creation.channels.gateway import Gateway
from creation.channels.letters import Answered, Letter, Outcome
from creation.channels.others import Other
from creation.channels.smtp import Smtp
from creation.models import Channel, ChannelKind

__all__ = ["Answered", "Letter", "Outcome", "Sender", "sender"]


class Sender(Protocol):
    def send(self, letter: Letter, following: Letter | None = None) -> Outcome: ...

    def close(self) -> None: ...


def sender(channel: Channel) -> Sender:
    """Keeps its line open between letters; close it. Raises ValueError when the key does not open the channel's settings."""
    config: dict[str, Any] = sealing.unseal(channel.sealed)
    if channel.kind == ChannelKind.SMTP:
        return Smtp(config)
    if channel.kind == ChannelKind.SMS:
        return Gateway(config)
    if channel.kind == ChannelKind.APPRISE:
        return Other(config)
    return robots.Robot(ChannelKind(channel.kind), config)
