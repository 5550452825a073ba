"""waitress with limits that apply before a body is read and while a connection is idle, and with neighbours.

Of the processes that share an address, one with requests in its queue accepts no connection, and lets go of those it has with their
next answer, so that each request goes to a process with a free thread.

One address holds a limited number of connections: one more closes the one that was idle longest. Connections: `config/web_channel.py`;
requests and their bodies: `config/web_request.py`.
"""

import socket
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.conf import settings
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from config.body_buffer import BodyBuffer
from config.web_channel import LimitedChannel

CHECK_SECONDS = 1  # between two looks at which connections are overdue
CONNECTIONS_PER_TURN = 32  # with each so many connections that are open, one more is accepted in a turn of the loop
DRAIN_SECONDS = 120  # after which a process that is replaced ends, whatever it is still receiving or sending


class LimitedServer(TcpWSGIServer):
    """Counts its connections by address."""

    channel_class = LimitedChannel
    active_channels: dict[int, LimitedChannel]

    def __init__(
        self, *arguments: Any, buffer: BodyBuffer, connections_by_address: int, is_shared: bool, **options: Any
    ) -> None:
        self.buffer = buffer
        self.is_shared = is_shared  # other processes accept from the same socket
        self.is_draining = False  # the process is being replaced
        self.connections_by_address = connections_by_address
        self.by_address: defaultdict[str, dict[LimitedChannel, None]] = defaultdict(dict)  # the newest last
        self.checked_at = 0.0
        super().__init__(*arguments, **options)

    def is_proxy(self, address: str) -> bool:
        return settings.TRUSTED_PROXY in ("*", address)

    def readable(self) -> bool:
        return bool(self.accepting) and not self.is_behind()  # there is always room, see ``make_room``

    def is_behind(self) -> bool:
        """Return whether requests wait for a thread here, while another process may have one."""
        return self.is_shared and bool(self.task_dispatcher.queue)

    def handle_accept(self) -> None:
        """Accept what waits, the more at once the longer a turn of the loop takes: or a flood would keep a person waiting behind it."""
        for _ in range(1 + len(self.active_channels) // CONNECTIONS_PER_TURN):
            try:
                accepted = self.accept()
                if accepted is None:
                    return
                connection, address = accepted
                self.set_socket_options(connection)
            except OSError:  # the browser is gone already
                return
            self.channel_class(self, connection, address, self.adj, map=self._map)
            self.make_room(str(address[0]))

    def make_room(self, address: str) -> None:
        """Close a connection above the limits: of the address that has too many, or in all of the one that has most."""
        if len(self.by_address[address]) > self.connections_by_address and not self.is_proxy(address):
            close_one(self.by_address[address])
        if len(self.active_channels) > self.adj.connection_limit:
            close_one(max(self.by_address.values(), key=len))

    def leaves(self, channel: LimitedChannel) -> None:
        self.by_address[channel.peer].pop(channel, None)
        if not self.by_address[channel.peer]:
            del self.by_address[channel.peer]

    def close_overdue(self) -> None:
        now = time.time()
        if now - self.checked_at < CHECK_SECONDS:
            return
        self.checked_at = now
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(now):
                close(channel)

    def drain(self) -> None:
        """Accept nothing more, and let each connection end with its answer. May be called by a signal."""
        self.accepting = False
        self.is_draining = True
        self.pull_trigger()

    def close_unused(self) -> None:
        now = time.time()
        for channel in list(self.active_channels.values()):
            if channel.is_unused(now):
                close(channel)


def close(channel: LimitedChannel) -> None:
    channel.must_linger = False
    channel.handle_close()


def close_one(channels: Collection[LimitedChannel]) -> None:
    """Close the connection that has been idle longest; else a stranger's body; else the newest."""
    idle = [channel for channel in channels if channel.is_idle()]
    strangers = idle or [channel for channel in channels if channel.is_body_of_stranger()]
    chosen = min(strangers, key=lambda channel: channel.last_activity) if strangers else list(channels)[-1]
    close(chosen)


def bind(address: tuple[int, int, int, Any]) -> socket.socket:
    """Return a socket that is bound to an address of ``Adjustments.listen``."""
    family, kind, protocol, place = address
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    bound.bind(place)
    return bound


class WebServer:
    """All addresses that the server listens on, with one set of threads."""

    def __init__(
        self,
        application: Any,
        buffer: BodyBuffer,
        connections_by_address: int,
        sockets: Sequence[socket.socket] = (),
        **options: Any,
    ) -> None:
        """``sockets`` listen already, for several processes; without any the server binds its own."""
        adjustments = Adjustments(**options)
        self.map: dict[int, Any] = {}
        self.dispatcher = ThreadedTaskDispatcher()
        self.dispatcher.set_thread_count(adjustments.threads)
        self.drains_since = 0.0
        bound = sockets or [bind(address) for address in adjustments.listen]
        self.listeners = [
            LimitedServer(
                application,
                self.map,
                _sock=listening,
                dispatcher=self.dispatcher,
                adj=adjustments,
                sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
                bind_socket=False,
                buffer=buffer,
                connections_by_address=connections_by_address,
                is_shared=bool(sockets),
            )
            for listening in bound
        ]

    @property
    def port(self) -> int:
        return int(self.listeners[0].effective_port)

    def run(self) -> None:
        try:
            while self.map and not self._is_drained():
                wasyncore.loop(timeout=1, use_poll=True, map=self.map, count=1)
                for listener in self.listeners:
                    listener.close_overdue()
            self.close()
        except (SystemExit, KeyboardInterrupt):
            self.dispatcher.shutdown()

    def drain(self) -> None:
        """End once what is under way is answered; connections without a request are closed at once. May be called by a signal."""
        self.drains_since = time.time()
        for listener in self.listeners:
            listener.drain()

    def _is_drained(self) -> bool:
        if not self.drains_since:
            return False
        for listener in self.listeners:
            listener.close_unused()
        is_over = time.time() - self.drains_since > DRAIN_SECONDS
        return is_over or not any(listener.active_channels for listener in self.listeners)

    def close(self) -> None:
        self.dispatcher.shutdown()
        wasyncore.close_all(self.map)
