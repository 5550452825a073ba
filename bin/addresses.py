"""Addresses at which the server can be reached. Uses the standard library only."""

import errno
import ipaddress
import re
import socket
import sys
from pathlib import Path

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
IPV4_TABLE = Path("/proc/net/fib_trie")
IPV6_TABLE = Path("/proc/net/if_inet6")


def is_wildcard(host: str) -> bool:
    """Return whether the server listens on all addresses of the machine."""
    return host in {"0.0.0.0", "::", ""}  # noqa: S104  (recognized, not chosen)


def is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


def allowed_hosts(host: str) -> list[str]:
    """Return the host names that a browser may use for a server that listens at `host`."""
    others = [*own_addresses(), socket.gethostname().lower()] if is_wildcard(host) else [host]
    return list(dict.fromkeys([*LOOPBACK, *map(bracketed, others)]))


def bracketed(host: str) -> str:
    """Put an IPv6 address in brackets, as in a URL."""
    return f"[{host}]" if ":" in host else host


def own_addresses() -> list[str]:
    """Return the addresses of this machine that others can reach, IPv4 first."""
    told = resolve(socket.gethostname())
    found = {ipaddress.ip_address(address.partition("%")[0]) for address in told | ipv4() | ipv6()}
    useful = [address for address in found if not (address.is_loopback or address.is_link_local)]
    return [str(address) for address in sorted(useful, key=lambda address: (address.version, address.packed))]


def resolve(name: str) -> set[str]:
    try:
        return {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
    except OSError:
        return set()


def ipv4() -> set[str]:
    """Return addresses from the kernel's routing table, if there is one."""
    text = IPV4_TABLE.read_text(encoding="utf-8") if IPV4_TABLE.exists() else ""
    return set(re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", text))


def ipv6() -> set[str]:
    text = IPV6_TABLE.read_text(encoding="utf-8") if IPV6_TABLE.exists() else ""
    return {str(ipaddress.IPv6Address(int(line.split()[0], 16))) for line in text.splitlines()}


def require_free_port(host: str, port: int) -> None:
    """Try to listen on the port; exit with a message if it is not available."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except OSError as error:
        sys.exit(port_error_message(error, host, port))


def port_error_message(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被其他程序占用：请用 --port 换一个端口，或先停止那个程序。"
    if error.errno == errno.EACCES:
        return f"没有使用端口 {port} 的权限：请用 --port 换一个 1024 以上的端口。"
    return f"无法在地址 {host} 上提供服务（{error.strerror}）：请用 --host 写本机的地址。"
