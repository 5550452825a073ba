"""E-mail over one line that is kept from letter to letter: one recipient a message, and the exact moment from which an answer is owed."""

import smtplib
from contextlib import suppress
from typing import Any

from django.conf import settings

from creation.lib import lines
from creation.notices.channels import mime
from creation.notices.channels.connection import LOST, Connection, ServerRefusal, expect, spoken
from creation.notices.channels.letters import Answered, Letter, Outcome


class Smtp:
    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.connection: Connection | None = None
        self.handed = False  # all of the letter is with the other side, which now owes an answer

    def send(self, letter: Letter, following: Letter | None = None) -> Outcome:
        """``following``: the letter after this one; its envelope may go along with this one's content, which saves a way to and fro."""
        self.handed = False
        try:
            outcome = self._transact(self._wired(letter), following)
        except UnicodeError:
            outcome = Outcome(Answered.REFUSED, "邮箱地址含有无法识别的字符，未发送：请核对后改正。")
        except ValueError as error:  # a line break in an address or a subject
            outcome = Outcome(Answered.REFUSED, f"邮件头不合规范，未发送：{error}")
        except ServerRefusal as refusal:
            outcome = refusal.outcome
            self._rest(outcome)
        except LOST as error:
            self.close()
            outcome = self._lost(error)
        return outcome

    def _transact(self, wire: mime.Wire, following: Letter | None) -> Outcome:
        line = self._line(wire)
        line.begin()
        line.address(wire)
        after = self._after(following)
        self.handed = True
        line.hand_over(wire, after)
        code, said = line.getreply()
        self.handed = False
        expect(code == 250, code, said, final=True)
        return Outcome(Answered.SENT, spoken(code, said))

    def _wired(self, letter: Letter) -> mime.Wire:
        """Raises ValueError for what makes no header or address."""
        ahead = self.connection.ahead if self.connection else None
        if ahead and ahead.message_id == letter.message_id:
            return ahead
        return mime.wire(letter, str(settings.OFFICE_CONTACT), self.config["sender"])

    def _after(self, following: Letter | None) -> mime.Wire | None:
        """What is wrong with it is said when its turn comes."""
        with suppress(ValueError):
            return self._wired(following) if following else None
        return None

    def _line(self, wire: mime.Wire) -> Connection:
        if self.connection and self.connection.ahead not in {None, wire}:
            self.close()  # it waits for another letter
        if self.connection is None:
            self.connection = Connection(self.config)
            self.connection.open()
        return self.connection

    def _rest(self, outcome: Outcome) -> None:
        """Ready for the next letter, on the same line where it still stands; an envelope said ahead is the fresh start itself."""
        if outcome.line_down or self.connection is None:
            self.close()
            return
        if self.connection.ahead:
            return
        try:
            self.connection.rset()
        except LOST:
            self.close()

    def _lost(self, error: Exception) -> Outcome:
        if self.handed:
            return Outcome(Answered.UNKNOWN, f"邮件已交出，对方答复前连接中断：{worded(error)}", line_down=True)
        return Outcome(Answered.LATER, f"未能连接邮件服务器：{worded(error)}", line_down=True)

    def close(self) -> None:
        """At once: a QUIT would wait for an answer that does not matter."""
        if self.connection is not None:
            with suppress(*LOST):
                self.connection.close()
        self.connection = None


def worded(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return spoken(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return lines.in_words(error)
