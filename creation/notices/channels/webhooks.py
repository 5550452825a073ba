"""Robots of chat groups. They report errors with HTTP 200; the code in the body counts.

Signatures follow the documentation of WeCom, DingTalk ("加签") and Feishu ("签名校验") for custom robots.
"""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote, urlsplit

from creation.lib import foreign_json, guarded_sockets
from creation.models import ChannelKind
from creation.notices.channels.http_client import REQUEST_ERRORS, HttpClient, answer_text
from creation.notices.channels.messages import Answered, Outcome, OutgoingMessage

WEBHOOK_HOSTS = {
    ChannelKind.WECOM: "qyapi.weixin.qq.com",
    ChannelKind.DINGTALK: "oapi.dingtalk.com",
    ChannelKind.FEISHU: "open.feishu.cn",
}
# Too many messages per minute; a later attempt may succeed.
RATE_LIMIT_CODES = {
    45009,
    45033,
    130101,
    410100,
    11232,
    9499,
}


class WebhookSender:
    def __init__(self, kind: ChannelKind, config: dict[str, Any]) -> None:
        self.kind, self.config, self.client = kind, config, HttpClient()

    def send(self, message: OutgoingMessage) -> Outcome:
        if sentence := address_error(self.kind, self.config["url"]):
            return Outcome(Answered.REFUSED, sentence)
        url, body = signed_request(self.kind, self.config, message)
        try:
            status, answer = self.client.request(
                "POST", url, json.dumps(body).encode(), "application/json; charset=utf-8"
            )
        except REQUEST_ERRORS as error:
            return self.client.failure_outcome(error)
        return outcome_of(status, answer)

    def close(self) -> None:
        """Do nothing: every message has its own connection."""


def address_error(kind: ChannelKind, url: str) -> str:
    """Return why this is not the address of such a robot; "" if it is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return "机器人地址无法识别，请从群机器人设置中重新复制。"
    if guarded_sockets.is_allowed_by_operator(host, port):
        return ""
    if parts.scheme != "https" or host != WEBHOOK_HOSTS[kind] or parts.username:
        return f"机器人地址应以 https://{WEBHOOK_HOSTS[kind]}/ 开头，请从群机器人设置中重新复制。"
    return ""


def signed_request(kind: ChannelKind, config: dict[str, Any], message: OutgoingMessage) -> tuple[str, dict[str, Any]]:
    """Return URL and body in the form that the service requires."""
    url, secret, seconds = str(config["url"]), str(config.get("secret") or ""), int(message.at.timestamp())
    if kind == ChannelKind.WECOM:
        return url, {
            "msgtype": "text",
            "text": {"content": message.brief, "mentioned_mobile_list": mentioned_mobiles(message)},
        }
    if kind == ChannelKind.DINGTALK:
        body = {"msgtype": "text", "text": {"content": message.brief}, "at": {"atMobiles": mentioned_mobiles(message)}}
        return (
            f"{url}&timestamp={seconds}000&sign={quote(dingtalk_signature(seconds, secret), '')}" if secret else url
        ), body
    words: dict[str, Any] = {"msg_type": "text", "content": {"text": message.brief}}
    return url, words | ({"timestamp": str(seconds), "sign": feishu_signature(seconds, secret)} if secret else {})


def mentioned_mobiles(message: OutgoingMessage) -> list[str]:
    return [message.mobile] if message.mobile else []


def dingtalk_signature(seconds: int, secret: str) -> str:
    return _hmac(secret, f"{seconds}000\n{secret}")


def feishu_signature(seconds: int, secret: str) -> str:
    """Return the signature of an empty text, with time and secret as the key."""
    return _hmac(f"{seconds}\n{secret}", "")


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def outcome_of(status: int, body: bytes) -> Outcome:
    answer_shown = answer_text(status, body)
    if status == 429 or status >= 500:
        return Outcome(Answered.LATER, answer_shown)
    code = result_code(body) if status == 200 else None
    if code == 0:
        return Outcome(Answered.SENT, answer_shown)
    return Outcome(Answered.LATER if code in RATE_LIMIT_CODES else Answered.REFUSED, answer_shown)


def result_code(body: bytes) -> int | None:
    """Return ``errcode`` of WeCom and DingTalk, ``code`` or ``StatusCode`` of Feishu; None if the body has none."""
    try:
        found = foreign_json.loads(body)
    except ValueError:
        return None
    codes = [found.get(name) for name in ("errcode", "code", "StatusCode")] if isinstance(found, dict) else []
    return next((code for code in codes if isinstance(code, int)), None)
