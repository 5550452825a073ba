"""One HTTP request with a time limit, and the exact moment from which an answer is owed."""

import http.client
from urllib.parse import SplitResult, urlsplit

from creation.lib import guarded_sockets
from creation.lib.guarded_sockets import AbortableSocket
from creation.notices.channels.messages import Answered, Outcome

LONGEST = 64 * 1024  # bytes of an answer
FAILED = (OSError, http.client.HTTPException)


class Web:
    def __init__(self) -> None:
        self.handed = False

    def ask(self, method: str, url: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        """Status and body. Redirects are an answer like another: nobody follows them. Raises what ``FAILED`` names."""
        self.handed = False
        with guarded_sockets.time_limit(guarded_sockets.WHOLE) as limit:
            return self._ask(limit, method, urlsplit(url), body, {"Content-Type": kind} if kind else {})

    def _ask(
        self, limit: AbortableSocket, method: str, parts: SplitResult, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        host, is_secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        connection = http.client.HTTPConnection(host, port, timeout=guarded_sockets.STEP)
        try:
            connection.sock = limit.hold(guarded_sockets.connect(host, port))
            if is_secure:
                connection.sock = guarded_sockets.secure(connection.sock, host)
            self.handed = True
            connection.request(
                method, parts._replace(scheme="", netloc="", fragment="").geturl() or "/", body or None, headers
            )
            answer = connection.getresponse()
            return answer.status, answer.read(LONGEST)
        finally:
            connection.close()

    def lost(self, error: Exception) -> Outcome:
        if isinstance(error, guarded_sockets.AddressRefused):
            return Outcome(Answered.REFUSED, str(error))
        if self.handed:
            return Outcome(
                Answered.UNKNOWN,
                f"消息已交出，对方答复前连接中断：{guarded_sockets.in_words(error)}",
                is_disconnected=True,
            )
        return Outcome(Answered.LATER, f"未能连接对方服务器：{guarded_sockets.in_words(error)}", is_disconnected=True)


def spoken(status: int, body: bytes) -> str:
    return f"HTTP {status} {body.decode('utf-8', 'replace')}"[:400]
