"""The other side in the test process: a mail server and a robot endpoint that really listen, and misbehave when told to."""

import email
import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """``faults``: how often each is still to happen: refuse, busy, hang, cut, dribble, reject. ``bad``: addresses that do not exist."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailTalk)
        self.port = int(self.server_address[1])
        self.faults: dict[str, int] = {}
        self.bad: set[str] = set()
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


class MailTalk(socketserver.StreamRequestHandler):
    server: MailServer

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
                if self.answer(line.decode().strip()):
                    return None
        except ConnectionError:
            return None
        return None

    def dribble(self) -> None:
        """Ten bytes a second, and never a whole line."""
        try:
            while not self.server.stopped.wait(0.1):
                self.wfile.write(b"2")
        except OSError:
            return

    def answer(self, line: str) -> bool:
        """True ends the line."""
        word = line.upper()
        if word.startswith("RCPT"):
            return self.recipient(line)
        if word == "DATA":
            return self.data()
        self.say("221 bye" if word == "QUIT" else "250 ok")
        return word == "QUIT"

    def recipient(self, line: str) -> bool:
        self.to = line.split("<")[1].split(">")[0]
        if self.server.strikes("busy"):
            self.say("421 too busy, try later")
            return True
        self.say("550 5.1.1 no such user" if self.to in self.server.bad else "250 ok")
        return False

    def data(self) -> bool:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.server.strikes("reject"):
            self.say("554 5.7.1 looks like spam")
            return False
        self.server.take(self.to, b"".join(lines))
        if self.server.strikes("cut"):
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


class RobotServer(ThreadingHTTPServer):
    """``answers``: (status, body) from first to last, the last one again and again; a body None hangs up without an answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RobotTalk)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/send?key=geheim"
        self.answers: list[tuple[int, Any]] = [(200, {"errcode": 0, "errmsg": "ok"})]
        self.asked: list[tuple[str, dict[str, Any]]] = []


class RobotTalk(BaseHTTPRequestHandler):
    server: RobotServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, json.loads(body)))
        status, answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        if answer is None:
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        time.sleep(0)


@contextmanager
def robot_server() -> Iterator[RobotServer]:
    server = RobotServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
