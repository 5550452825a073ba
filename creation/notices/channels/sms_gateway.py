"""Sends text messages through an SMS gateway of the common kind: one HTTP request with configurable field names.

One field of the response says whether the message was accepted. Gateways that require signed requests are not supported.
"""

import json
import math
from typing import Any
from urllib.parse import urlencode, urlsplit

from creation.lib import foreign_json, guarded_sockets
from creation.notices.channels.http_client import REQUEST_ERRORS, HttpClient, answer_text
from creation.notices.channels.messages import Answered, Outcome, OutgoingMessage

METHODS = [("form", "POST 表单"), ("json", "POST JSON"), ("get", "GET 参数")]
SINGLE_LENGTH, PART_LENGTH = 70, 67  # characters of a single message, and of each part of a longer one


class SmsGatewaySender:
    def __init__(self, config: dict[str, Any]) -> None:
        self.config, self.client = config, HttpClient()

    def send(self, message: OutgoingMessage) -> Outcome:
        if not message.mobile:
            return Outcome(Answered.REFUSED, "没有填写手机号码，未发送：请先在账号中补填。")
        if sentence := address_error(self.config["url"]):
            return Outcome(Answered.REFUSED, sentence)
        text = sms_text(message, self.config.get("sign", ""))
        try:
            status, body = self.client.request(*build_request(self.config, message, text))
        except REQUEST_ERRORS as error:
            return self.client.failure_outcome(error)
        outcome = outcome_of(self.config, status, body)
        return Outcome(outcome.answered, f"{outcome.answer}（{len(text)} 字，计 {count_parts(text)} 条）")

    def close(self) -> None:
        """Do nothing: every message has its own connection."""


def address_error(url: str) -> str:
    """Return why messages cannot be sent to this address; "" if they can."""
    try:
        where = urlsplit(url)
        host, port = where.hostname or "", where.port or (443 if where.scheme == "https" else 80)
    except ValueError:
        return "网关地址无法识别，请按服务商提供的地址重新填写。"
    if where.scheme not in {"http", "https"} or not host or where.username:
        return "网关地址应以 https:// 开头，不带用户名，请按服务商提供的地址重新填写。"
    if where.scheme == "http" and not guarded_sockets.is_allowed_by_operator(host, port):
        return "不加密的网关地址只能在内部网络使用：请改用 https:// 地址，或请运维人员将该主机加入 CHANNEL_HOSTS。"
    return ""


def sms_text(message: OutgoingMessage, sign: str) -> str:
    """Return the text in one part at most. It contains no link, as providers block links that are not registered."""
    text = f"【{sign}】{message.short}" if sign else message.short
    return text if len(text) <= SINGLE_LENGTH else text[: SINGLE_LENGTH - 1] + "…"


def count_parts(text: str) -> int:
    """Return the number of parts, counted as providers do."""
    return 1 if len(text) <= SINGLE_LENGTH else math.ceil(len(text) / PART_LENGTH)


def build_request(config: dict[str, Any], message: OutgoingMessage, text: str) -> tuple[str, str, bytes, str]:
    """Return method, URL, body and content type. With a serial field, a retry sends the same number."""
    fields = dict(parse_pairs(config.get("extra", "")))
    fields |= {config["mobile_field"]: message.mobile, config["text_field"]: text}
    if config.get("serial_field"):
        fields[config["serial_field"]] = message.message_id.strip("<>").split("@")[0]
    url = str(config["url"])
    if config["method"] == "get":
        return "GET", f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}", b"", ""
    if config["method"] == "json":
        return "POST", url, json.dumps(fields, ensure_ascii=False).encode(), "application/json; charset=utf-8"
    return "POST", url, urlencode(fields).encode(), "application/x-www-form-urlencoded; charset=utf-8"


def parse_pairs(text: str) -> list[tuple[str, str]]:
    """Parse lines of ``name=value``. Raises ValueError with the sentence."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        name, is_pair, value = line.strip().partition("=")
        if line.strip() and not (is_pair and name.strip()):
            raise ValueError(f"第 {number} 行应写成“名称=值”。")
        if line.strip():
            found.append((name.strip(), value.strip()))
    return found


def outcome_of(config: dict[str, Any], status: int, body: bytes) -> Outcome:
    answer = answer_text(status, body)
    if status == 429 or status >= 500:
        return Outcome(Answered.LATER, answer)
    is_taken = 200 <= status < 300 and _is_success(config, body)
    return Outcome(Answered.SENT if is_taken else Answered.REFUSED, answer)


def _is_success(config: dict[str, Any], body: bytes) -> bool:
    """Return whether the named field has the value; without a field, whether the response begins with it."""
    value = str(config["answer_value"])
    if not config.get("answer_field"):
        return body.decode("utf-8", "replace").strip().startswith(value)
    try:
        found = foreign_json.loads(body)
    except ValueError:
        return False
    for name in str(config["answer_field"]).split("."):
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            found = found.get(name) if isinstance(found, dict) else None
    return (json.dumps(found) if isinstance(found, bool) else str(found)) == value and found is not None
