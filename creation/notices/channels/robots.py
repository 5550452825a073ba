"""Robots of chat groups. They refuse with HTTP 200: what counts is the code in the body.

Signatures as WeCom, DingTalk ("加签") and Feishu ("签名校验") describe them for their custom robots.
"""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote, urlsplit

from creation.lib import guarded_sockets
from creation.models import ChannelKind
from creation.notices.channels.messages import Answered, Outcome, OutgoingMessage
from creation.notices.channels.web import FAILED, Web, spoken

HOSTS = {
    ChannelKind.WECOM: "qyapi.weixin.qq.com",
    ChannelKind.DINGTALK: "oapi.dingtalk.com",
    ChannelKind.FEISHU: "open.feishu.cn",
}
BUSY = {45009, 45033, 130101, 410100, 11232, 9499}  # too many messages a minute: another time they would go


class Robot:
    def __init__(self, kind: ChannelKind, config: dict[str, Any]) -> None:
        self.kind, self.config, self.web = kind, config, Web()

    def send(self, message: OutgoingMessage) -> Outcome:
        if sentence := refusal(self.kind, self.config["url"]):
            return Outcome(Answered.REFUSED, sentence)
        url, body = signed(self.kind, self.config, message)
        try:
            status, answer = self.web.ask("POST", url, json.dumps(body).encode(), "application/json; charset=utf-8")
        except FAILED as error:
            return self.web.lost(error)
        return judged(status, answer)

    def close(self) -> None:
        """Every message has its own connection."""


def refusal(kind: ChannelKind, url: str) -> str:
    """Why this address is not one of such a robot; "" when it is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return "机器人地址无法识别，请从群机器人设置中重新复制。"
    if guarded_sockets.is_allowed_by_operator(host, port):
        return ""
    if parts.scheme != "https" or host != HOSTS[kind] or parts.username:
        return f"机器人地址应以 https://{HOSTS[kind]}/ 开头，请从群机器人设置中重新复制。"
    return ""


def signed(kind: ChannelKind, config: dict[str, Any], message: OutgoingMessage) -> tuple[str, dict[str, Any]]:
    """Address and body, as each of the three wants them."""
    url, secret, seconds = str(config["url"]), str(config.get("secret") or ""), int(message.at.timestamp())
    if kind == ChannelKind.WECOM:
        return url, {"msgtype": "text", "text": {"content": message.brief, "mentioned_mobile_list": mobiles(message)}}
    if kind == ChannelKind.DINGTALK:
        body = {"msgtype": "text", "text": {"content": message.brief}, "at": {"atMobiles": mobiles(message)}}
        return (
            f"{url}&timestamp={seconds}000&sign={quote(dingtalk_sign(seconds, secret), '')}" if secret else url
        ), body
    words: dict[str, Any] = {"msg_type": "text", "content": {"text": message.brief}}
    return url, words | ({"timestamp": str(seconds), "sign": feishu_sign(seconds, secret)} if secret else {})


def mobiles(message: OutgoingMessage) -> list[str]:
    return [message.mobile] if message.mobile else []


def dingtalk_sign(seconds: int, secret: str) -> str:
    return _hmac(secret, f"{seconds}000\n{secret}")


def feishu_sign(seconds: int, secret: str) -> str:
    """Of an empty text, with time and secret as the key."""
    return _hmac(f"{seconds}\n{secret}", "")


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def judged(status: int, body: bytes) -> Outcome:
    said = spoken(status, body)
    if status == 429 or status >= 500:
        return Outcome(Answered.LATER, said)
    code = code_in(body) if status == 200 else None
    if code == 0:
        return Outcome(Answered.SENT, said)
    return Outcome(Answered.LATER if code in BUSY else Answered.REFUSED, said)


def code_in(body: bytes) -> int | None:
    """``errcode`` of WeCom and DingTalk, ``code`` or ``StatusCode`` of Feishu; None when the body holds none."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    codes = [found.get(name) for name in ("errcode", "code", "StatusCode")] if isinstance(found, dict) else []
    return next((code for code in codes if isinstance(code, int)), None)
