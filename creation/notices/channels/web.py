"""One HTTP request over a line that ends in time, and the exact moment from which an answer is owed."""

import http.client
from urllib.parse import SplitResult, urlsplit

from creation.lib import lines
from creation.notices.channels.letters import Answered, Outcome

LONGEST = 64 * 1024  # bytes of an answer
FAILED = (OSError, http.client.HTTPException)


class Web:
    def __init__(self) -> None:
        self.hold, self.handed = lines.Hold(), False

    def ask(self, method: str, url: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        """Status and body. Redirects are an answer like another: nobody follows them. Raises what ``FAILED`` names."""
        self.handed = False
        with lines.within(lines.WHOLE, self.hold.hang_up):
            return self._ask(method, urlsplit(url), body, {"Content-Type": kind} if kind else {})

    def _ask(self, method: str, parts: SplitResult, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        host, is_secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        line = http.client.HTTPConnection(host, port, timeout=lines.STEP)
        try:
            self.hold.socket = line.sock = lines.connect(host, port)
            if is_secure:
                line.sock = self.hold.secure(line.sock, host)
            self.handed = True
            line.request(
                method, parts._replace(scheme="", netloc="", fragment="").geturl() or "/", body or None, headers
            )
            answer = line.getresponse()
            return answer.status, answer.read(LONGEST)
        finally:
            line.close()

    def lost(self, error: Exception) -> Outcome:
        if isinstance(error, lines.LineRefused):
            return Outcome(Answered.REFUSED, str(error))
        if self.handed:
            return Outcome(Answered.UNKNOWN, f"消息已交出，对方答复前连接中断：{lines.in_words(error)}", line_down=True)
        return Outcome(Answered.LATER, f"未能连接对方服务器：{lines.in_words(error)}", line_down=True)


def spoken(status: int, body: bytes) -> str:
    return f"HTTP {status} {body.decode('utf-8', 'replace')}"[:400]
