"""E-mail over one line that is kept from letter to letter: one recipient a message, and the exact moment from which an answer is owed."""

import re
import smtplib
import socket
from contextlib import suppress
from email.utils import formataddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from creation.channels import lines
from creation.channels.letters import Answered, Letter, Outcome

LOST = (smtplib.SMTPException, OSError)
CLOSING = 421


class Refusal(Exception):
    """The other side said no to the login, the sender or this letter."""

    def __init__(self, code: int, said: bytes, final: bool, line_down: bool = False) -> None:
        self.outcome = Outcome(
            Answered.REFUSED if final and 500 <= code < 600 else Answered.LATER,
            spoken(code, said),
            line_down or code == CLOSING,
        )
        super().__init__(self.outcome.answer)


class Connection(smtplib.SMTP):
    """Dials through ``lines``; smtplib itself would connect anywhere and wait forever."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(timeout=lines.STEP, local_hostname=domain())
        self.config, self.hold = config, lines.Hold()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        bare = lines.connect(host, port)
        self.hold.socket = bare
        return self.hold.secure(bare, host) if self.config["security"] == "ssl" else bare

    def open(self) -> None:
        code, said = self.connect(self.config["host"], self.config["port"])
        expect(code == 220, code, said, line_down=True)
        self.ehlo_or_helo_if_needed()
        if self.config["security"] == "starttls":
            self._begin_tls()
        if self.config.get("username"):
            self.login(self.config["username"], self.config["password"])

    def _begin_tls(self) -> None:
        """As smtplib does, but with a handshake that can be hung up. Without TLS no password is sent."""
        code, said = self.docmd("STARTTLS")
        expect(code == 220, code, said, line_down=True)
        assert self.sock is not None  # noqa: S101 - the answer has just come through it
        self.sock = self.hold.secure(self.sock, self.config["host"])
        self.file = None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False
        self.ehlo_or_helo_if_needed()


class Smtp:
    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.connection: Connection | None = None
        self.handed = False  # all of the letter is with the other side, which now owes an answer

    def send(self, letter: Letter) -> Outcome:
        self.handed = False
        try:
            content = compose(letter, self.config["sender"])
        except ValueError as error:  # BadHeaderError too: a line break in an address or a subject
            return Outcome(Answered.REFUSED, f"邮件头不合规范，未发送：{error}")
        try:
            with lines.within(lines.WHOLE, self._hang_up):
                outcome = self._transact(letter.to, content)
        except Refusal as refusal:
            outcome = refusal.outcome
            self._rest(outcome)
        except LOST as error:
            self.close()
            outcome = self._lost(error)
        except UnicodeError:
            self.close()
            outcome = Outcome(Answered.REFUSED, "邮箱地址含有对方不支持的字符，未发送。")
        return outcome

    def _transact(self, to: str, content: bytes) -> Outcome:
        line = self._line()
        code, said = line.mail(self.config["sender"])
        expect(code == 250, code, said)
        code, said = line.rcpt(to)
        expect(code in {250, 251}, code, said, final=True)
        code, said = line.docmd("DATA")
        expect(code == 354, code, said, final=True)
        self.handed = True
        line.send(re.sub(rb"(?m)^\.", b"..", content) + b"\r\n.\r\n")
        code, said = line.getreply()
        self.handed = False
        expect(code == 250, code, said, final=True)
        return Outcome(Answered.SENT, spoken(code, said))

    def _line(self) -> Connection:
        if self.connection is None:
            self.connection = Connection(self.config)
            self.connection.open()
        return self.connection

    def _rest(self, outcome: Outcome) -> None:
        """Ready for the next letter, on the same line where it still stands."""
        if outcome.line_down or self.connection is None:
            self.close()
            return
        try:
            self.connection.rset()
        except LOST:
            self.close()

    def _lost(self, error: Exception) -> Outcome:
        if self.handed:
            return Outcome(Answered.UNKNOWN, f"邮件已交出，对方答复前连接中断：{worded(error)}", line_down=True)
        return Outcome(Answered.LATER, f"未能连接邮件服务器：{worded(error)}", line_down=True)

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.hold.hang_up()

    def close(self) -> None:
        """At once: a QUIT would wait for an answer that does not matter."""
        if self.connection is not None:
            with suppress(*LOST):
                self.connection.close()
        self.connection = None


def expect(is_fine: bool, code: int, said: bytes, *, final: bool = False, line_down: bool = False) -> None:
    """``final``: a 5xx is about this letter. Elsewhere it is about the line, and the letter waits."""
    if not is_fine:
        raise Refusal(code, said, final, line_down)


def compose(letter: Letter, sender: str) -> bytes:
    """Raises ValueError (BadHeaderError) for line breaks in headers."""
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=formataddr((str(settings.OFFICE_CONTACT)[:40], sender)),
        to=[letter.to],
        headers={"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(letter.html, "text/html")
    return re.sub(rb"\r?\n", b"\r\n", mail.message().as_bytes())


def domain() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def spoken(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')}".strip()


def worded(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "对方长时间没有答复。"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return spoken(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return str(error) or type(error).__name__
