"""A proxy between client and server that fails on request: it closes, hangs, answers falsely, or drops bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 16 * 1024


@dataclass
class ProxyFault:
    """``kind``: cut (close both ends), hang (send nothing more), lie (send ``answer`` and forward nothing).

    It is triggered after ``after`` bytes in the direction ``way`` ("up" or "down"), ``times`` times.
    """

    kind: str
    way: str = "up"
    after: int = 0
    times: int = 1
    answer: bytes = b""
    verb: bytes = b""  # only connections whose request begins with it, e.g. b"PUT"
    passed: int = field(default=0, init=False)


class FaultyProxy:
    def __init__(self, target: int) -> None:
        self.target = target
        self.faults: list[ProxyFault] = []
        self.happened: list[str] = []
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, *faults: ProxyFault) -> None:
        with self.lock:
            self.faults.extend(faults)

    def _accept(self) -> None:
        while not self.over.is_set():
            with suppress(OSError):
                client, _ = self.listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self.target)) as server:
            back = threading.Thread(target=self._pump, args=(server, client, "down"), daemon=True)
            back.start()
            self._pump(client, server, "up")
            back.join()

    def _pump(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                if fault := self._strikes(way, chunk):
                    return self._strike(fault, source, sink)
                sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return None

    def _strikes(self, way: str, chunk: bytes) -> ProxyFault | None:
        with self.lock:
            for fault in self.faults:
                if fault.way != way or not fault.times or not chunk.startswith(fault.verb):
                    continue
                fault.passed += len(chunk)
                if fault.passed > fault.after:
                    fault.times -= 1
                    fault.passed = 0
                    self.happened.append(fault.kind)
                    return fault
                return None
        return None

    def _strike(self, fault: ProxyFault, source: socket.socket, sink: socket.socket) -> None:
        if fault.kind == "hang":
            self.over.wait(60)
        if fault.kind == "lie":
            source.sendall(fault.answer)
            with suppress(OSError):  # drop what else arrives
                source.settimeout(0.3)
                while source.recv(CHUNK):
                    pass
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.over.set()
        self.listener.close()


@contextmanager
def faulty_proxy(port: int) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
