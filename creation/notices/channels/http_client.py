"""A single HTTP request with a time limit, which records whether sending has begun: from then on the request may have arrived."""

import http.client
from urllib.parse import SplitResult, urlsplit

from creation.lib import guarded_sockets
from creation.lib.guarded_sockets import AbortableSocket
from creation.notices.channels.messages import Answered, Outcome

MAX_ANSWER_BYTES = 64 * 1024  # bytes of a response
REQUEST_ERRORS = (OSError, http.client.HTTPException)


class HttpClient:
    def __init__(self) -> None:
        self.is_sent = False

    def request(self, method: str, url: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        """Return status and body. Redirects are not followed. Raises the exceptions in ``REQUEST_ERRORS``."""
        self.is_sent = False
        with guarded_sockets.time_limit(guarded_sockets.TOTAL_SECONDS) as limit:
            return self._send_request(limit, method, urlsplit(url), body, {"Content-Type": kind} if kind else {})

    def _send_request(
        self, limit: AbortableSocket, method: str, parts: SplitResult, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        host, is_secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        connection = http.client.HTTPConnection(host, port, timeout=guarded_sockets.STEP_SECONDS)
        try:
            connection.sock = limit.hold(guarded_sockets.connect(host, port))
            if is_secure:
                connection.sock = guarded_sockets.secure(connection.sock, host)
            self.is_sent = True
            connection.request(
                method, parts._replace(scheme="", netloc="", fragment="").geturl() or "/", body or None, headers
            )
            answer = connection.getresponse()
            return answer.status, answer.read(MAX_ANSWER_BYTES)
        finally:
            connection.close()

    def failure_outcome(self, error: Exception) -> Outcome:
        if isinstance(error, guarded_sockets.AddressRefused):
            return Outcome(Answered.REFUSED, str(error))
        if self.is_sent:
            return Outcome(
                Answered.UNKNOWN,
                f"消息已交出，对方答复前连接中断：{guarded_sockets.error_message(error)}",
                is_disconnected=True,
            )
        return Outcome(
            Answered.LATER, f"未能连接对方服务器：{guarded_sockets.error_message(error)}", is_disconnected=True
        )


def answer_text(status: int, body: bytes) -> str:
    return f"HTTP {status} {body.decode('utf-8', 'replace')}"[:400]
