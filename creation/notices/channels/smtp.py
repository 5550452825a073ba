"""Sends e-mail with Django's SMTP backend, one recipient per message, over a connection kept between messages."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from email.charset import Charset
from email.utils import format_datetime, formataddr
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email
from django.utils.encoding import punycode

from creation.lib import guarded_sockets
from creation.lib.guarded_sockets import AbortableSocket
from creation.notices.channels.messages import Answered, Outcome, OutgoingMessage, domain

BASE64 = Charset("utf-8")  # Django's default is 8-bit text, which not every mail server on the way supports
TAKEN, GO_ON, SHUTTING_DOWN = 250, 354, 421
NO_STARTTLS = "对方不支持 STARTTLS，未发送。"
NO_LOGIN = "对方不要求或不支持登录，请留空登录名。"
BAD_LOGIN = "登录邮件服务器失败，请核对登录名和密码（或授权码）："
BAD_CHARACTERS = "登录名或密码含有对方不支持的字符，或服务器地址无法识别，请核对。"
NOT_CONNECTED = "未能连接邮件服务器："
NOT_ANSWERED = "邮件已交出，对方答复前连接中断："


class GuardedSMTP(smtplib.SMTP):
    """An SMTP client with guarded connections. ``context`` means TLS from the first byte; ``limit`` is applied to each new connection."""

    is_answer_owed = False  # the content was or is being sent, and the server has not responded
    last_reply: tuple[int, bytes]

    def __init__(
        self, host: str, port: int, *, limit: AbortableSocket, context: ssl.SSLContext | None = None, **options: Any
    ) -> None:
        self.limit, self.context = limit, context
        super().__init__(host, port, **options | {"local_hostname": domain()})

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected = self.limit.hold(guarded_sockets.connect(host, port))
        return self.context.wrap_socket(connected, server_hostname=host) if self.context else connected

    def getreply(self) -> tuple[int, bytes]:
        code, said = self.last_reply = super().getreply()
        if self.is_answer_owed and code != TAKEN and not 400 <= code < 600:  # a truncated or invalid response
            self.close()
            raise smtplib.SMTPServerDisconnected
        self.is_answer_owed = code == GO_ON
        return code, said

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Return a refusal before the content like one after it, so that ``sendmail`` resets the connection."""
        try:
            return super().data(msg)
        except smtplib.SMTPDataError as error:
            return error.smtp_code, error.smtp_error  # type: ignore[return-value]


class GuardedBackend(EmailBackend):
    """A backend with guarded connections. ``limit`` must be set before a connection is opened."""

    limit: AbortableSocket
    connection: GuardedSMTP | None

    @property
    def connection_class(self) -> Callable[..., GuardedSMTP]:  # type: ignore[override]  # Django only calls it
        return partial(GuardedSMTP, limit=self.limit)

    @property
    def ssl_context(self) -> ssl.SSLContext:
        return guarded_sockets.tls_context()

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        """Close at once, without a QUIT, whose response does not matter."""
        connection.close()


class Smtp:
    def __init__(self, config: dict[str, Any]) -> None:
        self.sender = config["sender"]
        self.backend = GuardedBackend(
            host=config["host"],
            port=config["port"],
            username=config.get("username", ""),
            password=config.get("password", ""),
            use_tls=config["security"] == "starttls",
            use_ssl=config["security"] == "ssl",
            timeout=guarded_sockets.STEP_SECONDS,
        )

    def send(self, message: OutgoingMessage) -> Outcome:
        try:
            mail = build(message, self.sender)
        except ValueError as error:
            return Outcome(Answered.REFUSED, f"邮件头不合规范，未发送：{error}")
        outcome = self._deliver(mail) if self.backend.connection else self._open() or self._deliver(mail)
        connection = self.backend.connection
        if outcome.is_disconnected or connection is None or connection.sock is None:
            self.close()
        return outcome

    def close(self) -> None:
        self.backend.close()

    def _open(self) -> Outcome | None:
        """Open the connection. Return the outcome if that or the login failed: all messages wait then, even after a 5xx response."""
        with guarded_sockets.time_limit(guarded_sockets.TOTAL_SECONDS) as limit:
            self.backend.limit = limit
            try:
                self.backend.open()
            except (OSError, UnicodeError) as error:
                words = self._why_not_open(cause_of(error, limit))
                return Outcome(Answered.LATER, words, is_disconnected=True)
        return None

    def _why_not_open(self, error: Exception) -> str:
        match error:
            case smtplib.SMTPAuthenticationError():
                return BAD_LOGIN + spoken(error.smtp_code, error.smtp_error)
            case smtplib.SMTPResponseException():
                return spoken(error.smtp_code, error.smtp_error)
            case smtplib.SMTPNotSupportedError():
                return NO_STARTTLS if "STARTTLS" in str(error) else NO_LOGIN
            case UnicodeError():
                return BAD_CHARACTERS
            case ssl.SSLError():
                return NOT_CONNECTED + str(guarded_sockets.untrusted(error, self.backend.host))
        return NOT_CONNECTED + guarded_sockets.error_message(error)

    def _deliver(self, mail: EmailMultiAlternatives) -> Outcome:
        connection = self.backend.connection
        assert connection is not None  # noqa: S101 - ``send`` has just opened it
        assert connection.sock is not None  # noqa: S101 - or kept it, which it does only with a socket
        with guarded_sockets.time_limit(guarded_sockets.TOTAL_SECONDS) as limit:
            limit.hold(connection.sock)
            try:
                self.backend.send_messages([mail])
            except OSError as error:
                return _failed(cause_of(error, limit), connection.is_answer_owed)
        return Outcome(Answered.SENT, spoken(*connection.last_reply))


def cause_of(error: Exception, limit: AbortableSocket) -> Exception:
    """Return the underlying error: smtplib raises SMTPServerDisconnected for every failed read or write."""
    if limit.is_aborted:
        return TimeoutError()
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return error.__context__ if isinstance(error.__context__, OSError) else ConnectionError()
    return error


def _failed(error: Exception, is_answer_owed: bool) -> Outcome:
    """Return the outcome of a failure. A 5xx response is final, except for the sender's address, which is the same for all messages."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            [(code, said)] = error.recipients.values()
            return _refused(code, said, is_final=True)
        case smtplib.SMTPSenderRefused():
            return _refused(error.smtp_code, error.smtp_error, is_final=False)
        case smtplib.SMTPResponseException():
            return _refused(error.smtp_code, error.smtp_error, is_final=True)
    words = guarded_sockets.error_message(error)
    if is_answer_owed:
        return Outcome(Answered.UNKNOWN, NOT_ANSWERED + words, is_disconnected=True)
    return Outcome(Answered.LATER, NOT_CONNECTED + words, is_disconnected=True)


def _refused(code: int, said: bytes | str, is_final: bool) -> Outcome:
    answered = Answered.REFUSED if is_final and 500 <= code < 600 else Answered.LATER
    return Outcome(answered, spoken(code, said), is_disconnected=code == SHUTTING_DOWN)


def build(message: OutgoingMessage, sender: str) -> EmailMultiAlternatives:
    """Build the message. Raises ValueError with a sentence for a line break in a header or an invalid address."""
    of, to = ascii_address(sender), ascii_address(message.to)
    headers = {
        "From": formataddr((settings.OFFICE_CONTACT[:40], of)),
        "Date": format_datetime(message.at),
        "Message-ID": message.message_id,
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(message.subject, message.text, of, [to], headers=headers)
    mail.encoding = BASE64
    mail.attach_alternative(message.html, "text/html")
    try:
        mail.message()
    except BadHeaderError:
        raise ValueError("含有换行") from None
    return mail


def ascii_address(address: str) -> str:
    """Return the address with its domain in ASCII. Raises ValueError if it is invalid or not ASCII before the @."""
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(f"“{address}”不是邮箱地址") from None
    name, _, host = address.rpartition("@")
    return f"{name}@{punycode(host)}"


def spoken(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}".strip()
