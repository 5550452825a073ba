"""A line to a mail server that ends in time, is encrypted where that was asked for, and says things ahead where the other side takes it."""

import smtplib
import socket
from contextlib import suppress
from typing import Any

from creation.lib import lines
from creation.notices.channels import mime
from creation.notices.channels.letters import Answered, Outcome

LOST = (smtplib.SMTPException, OSError)
CLOSING = 421
LOGIN = "登录邮件服务器失败，请核对登录名和密码（或授权码）："
FOREIGN = "邮箱地址含有对方服务器不支持的字符，未发送。"


class ServerRefusal(Exception):
    """The other side said no to the login, the sender or this letter."""

    def __init__(self, code: int, said: bytes, final: bool, line_down: bool = False, why: str = "") -> None:
        self.outcome = Outcome(
            Answered.REFUSED if final and 500 <= code < 600 else Answered.LATER,
            why + spoken(code, said),
            line_down or code == CLOSING,
        )
        super().__init__(self.outcome.answer)


def expect(is_fine: bool, code: int, said: bytes, *, final: bool = False, line_down: bool = False) -> None:
    """``final``: a 5xx is about this letter. Elsewhere it is about the line, and the letter waits."""
    if not is_fine:
        raise ServerRefusal(code, said, final, line_down)


def spoken(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')}".strip()


class Connection(smtplib.SMTP):
    """Dials through ``lines``; smtplib itself would connect anywhere and wait forever. ``ahead``: whose envelope has been said ahead."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(timeout=lines.STEP, local_hostname=mime.domain())
        self.config, self.hold = config, lines.Hold()
        self.ahead: mime.Wire | None = None
        self.command_encoding = "utf-8"  # addresses; the other side is asked first whether it can read them

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        bare = lines.connect(host, port)
        self.hold.socket = bare
        return self.hold.secure(bare, host) if self.config["security"] == "ssl" else bare

    def open(self) -> None:
        with lines.within(lines.WHOLE, self.hold.hang_up):
            code, said = self.connect(self.config["host"], self.config["port"])
            expect(code == 220, code, said, line_down=True)
            self.ehlo_or_helo_if_needed()
            if self.config["security"] == "starttls":
                self._begin_tls()
            if self.config.get("username"):
                self._log_in(self.config["username"], self.config["password"])

    def _begin_tls(self) -> None:
        """As smtplib does, but with a handshake that can be hung up. Without TLS no password is sent."""
        code, said = self.docmd("STARTTLS")
        if code != 220:
            raise ServerRefusal(code, said, final=False, line_down=True, why="对方不支持 STARTTLS，未发送：")
        assert self.sock is not None  # noqa: S101 - the answer has just come through it
        self.sock = self.hold.secure(self.sock, self.config["host"])
        self.file = None
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False
        self.ehlo_or_helo_if_needed()

    def _log_in(self, name: str, password: str) -> None:
        """Whatever is wrong with a login is wrong for every letter: they wait."""
        try:
            self.login(name, password)
        except smtplib.SMTPAuthenticationError as error:
            said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
            raise ServerRefusal(error.smtp_code, said, final=False, line_down=True, why=LOGIN) from error
        except smtplib.SMTPNotSupportedError as error:
            raise ServerRefusal(
                503, b"", final=False, line_down=True, why="对方不要求或不支持登录，请留空登录名："
            ) from error
        except UnicodeError as error:
            raise ServerRefusal(
                535, b"", final=False, line_down=True, why="登录名或密码含有对方不支持的字符："
            ) from error

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = lines.Reader(self.sock)
        return super().getreply()

    def begin(self) -> None:
        """From now on a letter has its time."""
        if isinstance(self.file, lines.Reader):
            self.file.begin()

    @property
    def takes_several(self) -> bool:
        """RFC 2920: commands may be said ahead of the answers."""
        return self.has_extn("pipelining")

    def address(self, wire: mime.Wire) -> None:
        """Says the envelope, where it was not said ahead, and hears that the content is awaited. Raises ServerRefusal."""
        expect(wire.is_ascii or self.has_extn("smtputf8"), 553, FOREIGN.encode(), final=True)
        if self.takes_several and self.ahead is not wire:
            self.send(wire.envelope)
        self.ahead = None
        for number, (command, fine) in enumerate(zip(wire.commands, ({250}, {250, 251}, {354}), strict=True)):
            code, said = self.getreply() if self.takes_several else self.docmd(command)
            if self.takes_several and code not in fine | {CLOSING}:
                self._skip(2 - number)
            expect(code in fine, code, said, final=number > 0)

    def _skip(self, count: int) -> None:
        """The answers to what was said ahead; where DATA was taken all the same, an empty message for nobody ends it."""
        with suppress(*LOST):
            for _ in range(count):
                code, _said = self.getreply()
                if code == 354:
                    self.send(b".\r\n")
                    self.getreply()

    def hand_over(self, wire: mime.Wire, following: mime.Wire | None) -> None:
        """The content, and in the same breath the envelope of the letter after it."""
        if self.takes_several and following and following.is_ascii:
            self.ahead = following
        self.send(wire.content + (self.ahead.envelope if self.ahead else b""))
