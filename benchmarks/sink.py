"""A mail server that accepts and drops all messages, in a process of its own, with as little work for each message as possible.

with sink() as sent: … sent.port … sent.messages(), sent.seconds()
"""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GREETING, READY, FINE, GO_ON, BYE = (
    b"220 sink\r\n",
    b"250-sink\r\n250 8BITMIME\r\n",
    b"250 ok\r\n",
    b"354 go on\r\n",
    b"221 bye\r\n",
)
END = b"\r\n.\r\n"


class MailProtocol(asyncio.Protocol):
    """Reads what has arrived and answers all of it at once."""

    messages: list[tuple[bytes, float]] = []

    def connection_made(self, transport: Any) -> None:
        self.transport, self.rest, self.is_content = transport, b"", False
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        said: list[bytes] = []
        while self.content(said) if self.is_content else self.command(said):
            pass
        if said:
            self.transport.write(b"".join(said))

    def content(self, said: list[bytes]) -> bool:
        _, end, rest = self.rest.partition(END)
        if end:
            self.rest, self.is_content = rest, False
            self.messages.append((self.to, time.monotonic()))
            said.append(FINE)
        return bool(end)

    def command(self, said: list[bytes]) -> bool:
        line, end, rest = self.rest.partition(b"\r\n")
        if not end:
            return False
        self.rest, word = rest, line[:4].upper()
        if word == b"RCPT":
            self.to = line[8:]
        self.is_content = word == b"DATA"
        said.append({b"EHLO": READY, b"DATA": GO_ON, b"QUIT": BYE}.get(word, FINE))
        return True


class Sink:
    def __init__(self, pipe: Any) -> None:
        self.pipe = pipe
        self.port: int = pipe.recv()

    def messages(self) -> list[tuple[bytes, float]]:
        """Return recipients and time of each message."""
        self.pipe.send("messages")
        found: list[tuple[bytes, float]] = self.pipe.recv()
        return found

    def seconds(self) -> float:
        """Return the CPU time."""
        self.pipe.send("seconds")
        return float(self.pipe.recv())


async def serve(pipe: Any) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(MailProtocol, "127.0.0.1", 0, backlog=1024)
    pipe.send(server.sockets[0].getsockname()[1])
    loop.add_reader(
        pipe.fileno(), lambda: pipe.send(MailProtocol.messages if pipe.recv() == "messages" else time.process_time())
    )
    await asyncio.Event().wait()


def run(pipe: Any) -> None:
    asyncio.run(serve(pipe))


@contextmanager
def sink() -> Iterator[Sink]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=run, args=(there,), daemon=True)
    process.start()
    try:
        yield Sink(here)
    finally:
        process.terminate()
        process.join()
