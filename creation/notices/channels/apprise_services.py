"""Services supported by ``apprise``. It only says whether a message was accepted; the reason is taken from its log.

The list contains the services that a government office can use over HTTPS, and none that runs a program or connects to this
machine.
"""

import logging
from typing import Any
from urllib.parse import urlsplit

from creation.lib import guarded_sockets
from creation.notices.channels.messages import Answered, Outcome, OutgoingMessage

# The address of the service is built into apprise.
HOSTED_SCHEMES = {
    "schan",
    "pushplus",
    "wxpusher",
    "tgram",
    "slack",
    "pover",
}
SELF_HOSTED_SCHEMES = {"ntfys", "gotifys", "barks", "jsons", "pushdeers"}  # the URL names a server
UNENCRYPTED_SCHEMES = {"ntfy", "gotify", "bark", "json", "pushdeer"}  # the same without TLS
NO_REASON_GIVEN = "（Apprise 只回答成功或失败，不转告对方原文）"


class AppriseSender:
    def __init__(self, config: dict[str, Any]) -> None:
        self.url = str(config["url"])

    def send(self, message: OutgoingMessage) -> Outcome:
        if sentence := address_error(self.url):
            return Outcome(Answered.REFUSED, sentence)
        try:
            _check_host(self.url)
        except guarded_sockets.AddressRefused as error:
            return Outcome(Answered.REFUSED, str(error))
        except OSError as error:
            return Outcome(
                Answered.LATER, f"未能连接对方服务器：{guarded_sockets.error_message(error)}", is_disconnected=True
            )
        return self._notify(message)

    def _notify(self, message: OutgoingMessage) -> Outcome:
        import apprise  # takes half a second, so only where it is used

        asset = apprise.AppriseAsset(http_redirects=False, plugin_paths=[], secure_logging=True)
        service = apprise.Apprise(asset=asset)
        if not service.add(self.url):
            return Outcome(Answered.REFUSED, "地址无法识别，请按 Apprise 的说明重新填写。")
        capture = apprise.LogCapture(level=logging.WARNING, fmt="%(message)s")  # type: ignore[no-untyped-call]
        with capture as log:
            is_sent = service.notify(body=message.brief)
            said = log.getvalue()
        if is_sent:
            return Outcome(Answered.SENT, f"成功{NO_REASON_GIVEN}")
        answered = Answered.UNKNOWN if "onnection error" in said.lower() else Answered.LATER
        return Outcome(answered, f"失败{NO_REASON_GIVEN}{' '.join(said.split())}")

    def close(self) -> None:
        """Do nothing: every message has its own connection."""


def address_error(url: str) -> str:
    """Return why messages cannot be sent to this address; "" if they can."""
    try:
        where = urlsplit(url)
        host, port = where.hostname or "", where.port or 443
    except ValueError:
        return "地址无法识别，请按 Apprise 的说明重新填写。"
    if where.scheme in HOSTED_SCHEMES | SELF_HOSTED_SCHEMES and host:
        return ""
    if where.scheme in UNENCRYPTED_SCHEMES and guarded_sockets.is_allowed_by_operator(host, where.port or 80):
        return ""
    if where.scheme in UNENCRYPTED_SCHEMES:
        return f"不加密的 {where.scheme}:// 只能用于运维人员写入 CHANNEL_HOSTS 的主机 {host}:{port}，请改用 {where.scheme}s://。"
    return f"不支持的服务“{where.scheme}”。可用：{'、'.join(sorted(HOSTED_SCHEMES | SELF_HOSTED_SCHEMES))}。"


def _check_host(url: str) -> None:
    """Raise AddressRefused for an internal server. Apprise resolves the name again, so a firewall is still needed."""
    where = urlsplit(url)
    if where.scheme in SELF_HOSTED_SCHEMES | UNENCRYPTED_SCHEMES:
        guarded_sockets.resolve(
            where.hostname or "", where.port or (443 if where.scheme in SELF_HOSTED_SCHEMES else 80)
        )
