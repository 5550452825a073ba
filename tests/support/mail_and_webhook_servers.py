"""Mail server and webhook endpoint in the test process that listen on real ports and fail on request."""

import base64
import email
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server. ``faults``: how often each fault is still to occur: refuse, busy, hang, cut, dribble, no data, reject, and late ones
    after the content. ``bad``: addresses that do not exist.

    ``after``: called with the number of messages so far after each accepted message.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.port = int(self.server_address[1])
        self.faults: dict[str, int] = {}
        self.bad: set[str] = set()
        self.security, self.trust = "none", None  # type: tuple[str, ssl.SSLContext | None]
        self.logins: dict[str, str] = {}
        self.overheard: list[str] = []  # commands received without encryption
        self.after: Callable[[int], Any] = lambda number: None
        self.happened: list[str] = []
        self.received: list[tuple[str, EmailMessage]] = []
        self.dialled = 0
        self.stopped = threading.Event()
        self.lock = threading.Lock()

    def strikes(self, fault: str) -> bool:
        with self.lock:
            if not self.faults.get(fault):
                return False
            self.faults[fault] -= 1
            self.happened.append(fault)
            return True

    def take(self, to: str, content: bytes) -> None:
        with self.lock:
            self.received.append((to, email.message_from_bytes(content, policy=default)))

    @property
    def readers(self) -> list[str]:
        return [to for to, _ in self.received]


class MailHandler(socketserver.StreamRequestHandler):
    server: MailServer
    is_begun = False  # the sender of a message was named

    def setup(self) -> None:
        if self.server.security == "ssl":
            self.secure()
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the server closes only the socket it accepted, which TLS has wrapped

    def secure(self) -> None:
        assert self.server.trust
        self.request.settimeout(5)
        self.request = self.server.trust.wrap_socket(self.request, server_side=True)

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.server.dialled += 1
        if self.server.strikes("refuse"):
            return self.say("554 no service here")
        if self.server.strikes("hang"):
            self.server.stopped.wait(60)
            return None
        if self.server.strikes("dribble"):
            return self.dribble()
        self.say("220 tests ESMTP")
        try:
            while line := self.rfile.readline():
                if self.answer(line.decode("utf-8", "replace").strip()):
                    return None
        except OSError:
            return None
        return None

    def dribble(self) -> None:
        """Send ten bytes a second, and never a whole line."""
        try:
            while not self.server.stopped.wait(0.1):
                self.wfile.write(b"2")
        except OSError:
            return

    def answer(self, line: str) -> bool:
        """Answer one command. Return True to close the connection."""
        word = line.upper()
        if not isinstance(self.request, ssl.SSLSocket):
            self.server.overheard.append(word.split()[0] if word else "")
        if word.startswith("MAIL"):
            self.say("503 5.5.1 nested MAIL command" if self.is_begun else "250 ok")
            self.is_begun = True
            return False
        if word.startswith("RCPT"):
            return self.recipient(line)
        if word == "DATA":
            return self.data()
        if word.startswith("EHLO"):
            self.say("\r\n".join(["250-tests", *(f"250-{each}" for each in self.abilities()), "250 HELP"]))
            return False
        if word.startswith("AUTH PLAIN"):
            _, name, password = base64.b64decode(line.split()[2]).decode().split("\0")
            self.say("235 2.7.0 welcome" if self.server.logins.get(name) == password else "535 5.7.8 who are you")
            return False
        if word == "STARTTLS":
            return self.start_tls()
        self.is_begun = self.is_begun and word != "RSET"
        self.say("221 bye" if word == "QUIT" else "250 ok")
        return word == "QUIT"

    def abilities(self) -> list[str]:
        is_clear = not isinstance(self.request, ssl.SSLSocket)
        starttls = ["STARTTLS"] if self.server.security == "starttls" and is_clear else []
        return starttls + (["AUTH PLAIN"] if self.server.logins else [])

    def start_tls(self) -> bool:
        if self.server.security != "starttls":
            self.say("502 5.5.1 not here")
            return False
        self.say("220 go ahead")
        self.secure()
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        return False

    def recipient(self, line: str) -> bool:
        self.to = line.split("<")[1].split(">")[0]
        if self.server.strikes("busy"):
            self.say("421 too busy, try later")
            return True
        self.say("550 5.1.1 no such user" if self.to in self.server.bad else "250 ok")
        return False

    def data(self) -> bool:
        if self.server.strikes("no data"):
            self.say("554 5.5.1 not now")
            return False
        self.say("354 go on")
        self.is_begun = False
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return True  # the client closed in the middle: an incomplete message does not count
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.server.strikes("reject"):
            self.say("554 5.7.1 looks like spam")
            return False
        if self.server.strikes("late busy"):
            self.say("421 4.3.2 shutting down")
            return True
        self.server.take(self.to, b"".join(lines))
        self.server.after(len(self.server.received))
        if self.server.strikes("cut"):
            return True
        if self.server.strikes("late hang"):
            return self.server.stopped.wait(60)
        if self.server.strikes("late dribble"):
            self.dribble()
            return True
        self.say("250 2.0.0 queued as 42")
        return False


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()


class WebhookServer(ThreadingHTTPServer):
    """``answers``: (status, body) in order, the last one repeatedly; body None closes without an answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), WebhookHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/send?key=geheim"
        self.answers: list[tuple[int, Any]] = [(200, {"errcode": 0, "errmsg": "ok"})]
        self.asked: list[tuple[str, Any]] = []  # a JSON body is parsed, any other is text


class WebhookHandler(BaseHTTPRequestHandler):
    server: WebhookServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        self.server.asked.append((self.path, json.loads(body) if is_json else body))
        status, answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        if answer is None:
            return
        content = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *args: Any) -> None:
        time.sleep(0)


@contextmanager
def webhook_server() -> Iterator[WebhookServer]:
    server = WebhookServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
