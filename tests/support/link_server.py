"""A web site in the test process that behaves in any way a site may: correct, slow, endless, compressed, missing, moved."""

import gzip
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NEWS = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>源汇区开展案卷评查_源汇区人民政府</title>
<meta name="ArticleTitle" content="源汇区开展行政执法案卷评查"><meta name="PubDate" content="2026-03-05 10:20">
<script>document.write("脚本不是文字")</script><style>p {{ color: red }}</style></head>
<body><nav>首页 机构 导航</nav><h1>源汇区开展行政执法案卷评查</h1><p>全区评查案卷&lt;b&gt;一百二十&lt;/b&gt;宗。</p>
<p>优秀率 95%。</p><footer>版权所有</footer></body></html>"""


def zeros(megabytes: int) -> bytes:
    """Return so many compressed with gzip, without the end of the file: one megabyte, repeated."""
    compressor = zlib.compressobj(wbits=31)
    first, each = (compressor.compress(bytes(1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + each * (megabytes - 1)


BOMB = zeros(300)


class Site(BaseHTTPRequestHandler):
    server: "Server"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        with suppress(OSError):
            self.route()

    def route(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/status/"):
            self.answer(b"<title>x</title>", status=int(path[8:]))
        elif path == "/go":
            target = self.path.split("?to=", 1)[1].replace("%5B", "[").replace("%5D", "]")
            self.answer(b"", status=302, Location=target, Set_Cookie="seen=1")
        else:
            getattr(self, path.strip("/").replace("-", "_") or "news")()

    def answer(self, body: bytes, status: int = 200, kind: str = "text/html", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def news(self) -> None:
        self.answer(NEWS.format(charset="utf-8").encode(), kind="text/html; charset=utf-8")

    def gbk(self) -> None:
        self.answer(NEWS.format(charset="gb2312").encode("gbk"))

    def gbk_called_utf8(self) -> None:
        self.answer(NEWS.format(charset="utf-8").encode("gbk"), kind="text/html; charset=utf-8")

    def gbk_called_latin(self) -> None:
        self.answer(NEWS.format(charset="").encode("gbk"), kind="text/html; charset=ISO-8859-1")

    def utf8_called_gbk(self) -> None:
        self.answer(NEWS.format(charset="gbk").encode(), kind="text/html; charset=gbk")

    def nonsense_charset(self) -> None:
        self.answer(NEWS.format(charset="x").encode(), kind="text/html; charset=no-such-thing")

    def picture(self) -> None:
        self.answer(b"\x89PNG", kind="image/png")

    def bomb(self) -> None:
        self.answer(BOMB, Content_Encoding="gzip")

    def packed(self) -> None:
        self.answer(gzip.compress(NEWS.format(charset="utf-8").encode()), Content_Encoding="gzip")

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        while True:
            self.wfile.write(b"<p>x</p>" * 8000)

    def dribble(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def nonsense(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH\r\n")

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Site)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.reached = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.reached += 1
        super().process_request(request, client_address)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that close the connection."""


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Server]:
    server = Server()
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def self_signed(folder: Path) -> Path:
    """Return a self-signed certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return path
