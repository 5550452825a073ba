"""Start the application and keep it running until Ctrl-C or SIGTERM. Standard library only, since it runs before the installation."""

import argparse
import fcntl
import http.client
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

import addresses
import virtualenv

ROOT = virtualenv.ROOT
sys.path.insert(0, str(ROOT))

from creation.lib import disks  # noqa: E402

START_SECONDS = 90
STOP_SECONDS = 60


def main(arguments: list[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, handle_signal)
    read_dotenv()
    options = parse(arguments)
    data = data_folder(options.data)
    with lock_data_folder(data):
        addresses.require_free_port(options.host, options.port)
        python = virtualenv.ensure_virtualenv(
            "requirements-s3.txt" if os.environ.get("S3_BUCKET") else "requirements.txt"
        )
        environment = os.environ | child_environment(options, data, python)
        prepare_data(python, environment, options.demo)
        run_supervisor(python, environment)


def handle_signal(number: int, frame: object) -> NoReturn:
    """Stop on the first signal; ignore further ones while stopping."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def read_dotenv() -> None:
    """Read the file that the settings read, since the data folder and port are needed earlier."""
    path = ROOT / ".env"
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        name, equals, value = line.removeprefix("export ").partition("=")
        if equals and not line.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), "".join(shlex.split(value, comments=True)))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/run", description="启动法治政府建设示范创建工作平台。")
    parser.add_argument("--demo", action="store_true", help="装入演示活动，并打印演示账号")
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="监听地址，0.0.0.0 为全部")
    parser.add_argument("--port", type=port, default=os.environ.get("PORT") or "8000", help="端口，默认 8000")
    parser.add_argument("--data", default=os.environ.get("DATA_DIR") or ROOT / "data", help="数据目录")
    return parser.parse_args(arguments)


def port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"端口必须是 1 到 65535 的整数，不能是「{text}」。")


def data_folder(name: str) -> Path:
    """Return the data folder: created, on a local disk, writable, with enough space."""
    folder = Path(name).expanduser().resolve()
    if not os.environ.get("DATABASE_URL") and disks.is_network(folder, disks.list_mounts()):
        sys.exit(f"数据目录 {folder} 在网络盘上，SQLite 会损坏数据：请用 --data 换到本机磁盘，或改用 PostgreSQL。")
    least = int(os.environ.get("LEAST_FREE_MB") or "200")
    if disks.free_megabytes(folder) < least:
        sys.exit(f"数据目录 {folder} 所在磁盘的剩余空间不足 {least} MB：请清理磁盘，或用 --data 换一块磁盘。")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"数据目录 {folder} 无法建立（{error.strerror}）：请检查权限，或用 --data 换一个目录。")
    if not disks.is_writable(folder):
        sys.exit(f"数据目录 {folder} 无法写入：请检查权限，或用 --data 换一个目录。")
    return folder


def lock_data_folder(data: Path) -> IO[str]:
    """Lock the data folder, so that one application uses it. The lock ends with the process, however it ends."""
    file = (data / "run.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"数据目录 {data} 正由另一个 bin/run 使用：请先停止它，或用 --data 换一个目录。")
    return file


def child_environment(options: argparse.Namespace, data: Path, python: Path) -> dict[str, str]:
    """Return the environment of the processes; values set by the operator are kept."""
    embedded = "false" if os.environ.get("REDIS_URL") else "true"
    return {
        "DATA_DIR": str(data),
        "HOST": options.host,
        "PORT": str(options.port),
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or ",".join(addresses.allowed_hosts(options.host)),
        "SITE_URL": os.environ.get("SITE_URL") or site_url(options),
        "CREATION_HOME": str(ROOT),
        "CREATION_PYTHON": str(python),
        "CREATION_EMBEDDED": embedded,
        "PYTHONUNBUFFERED": "1",
        "TZ": "Asia/Shanghai",
    }


def site_url(options: argparse.Namespace) -> str:
    if is_https():
        return f"https://{os.environ.get('ALLOWED_HOSTS', '').partition(',')[0] or options.host}"
    host = next(iter(addresses.own_addresses()), "127.0.0.1") if addresses.is_wildcard(options.host) else options.host
    return f"http://{addresses.bracketed(host)}:{options.port}"


def is_https() -> bool:
    return os.environ.get("HTTPS", "").lower() in {"1", "true", "yes", "on"}


def prepare_data(python: Path, environment: dict[str, str], demo: bool) -> None:
    command: list[str | Path] = [python, "-m", "config.prepare", *(["--demo"] if demo else [])]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        sys.exit(1)


def run_supervisor(python: Path, environment: dict[str, str]) -> None:
    """Start the supervisor with its processes in a session of its own, so that Ctrl-C reaches only this process."""
    supervisord: list[str | Path] = [python, ROOT / "bin/exit_with_parent.py", "-m", "supervisor.supervisord"]
    command = [*supervisord, "-c", ROOT / "config/supervisor.conf"]
    supervisor = subprocess.Popen(command, cwd=environment["DATA_DIR"], env=environment, start_new_session=True)
    try:
        wait_until_started(supervisor, environment)
        supervisor.wait()
        sys.exit(f"监护进程意外结束，原因见 {environment['DATA_DIR']}/logs/supervisor.log：请重新启动。")
    finally:
        stop_supervisor(supervisor)


def stop_supervisor(supervisor: subprocess.Popen[bytes]) -> None:
    """Stop the supervisor. Running jobs have twenty seconds to finish; unfinished ones are repeated after the next start."""
    print("正在停止 …", flush=True)
    supervisor.terminate()
    try:
        supervisor.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()


def wait_until_started(supervisor: subprocess.Popen[bytes], environment: dict[str, str]) -> None:
    """Print the URLs once the pages can be opened."""
    until = time.monotonic() + START_SECONDS
    while not is_answering(environment):
        if supervisor.poll() is not None or time.monotonic() > until:
            sys.exit(f"网站没有起来，原因见 {environment['DATA_DIR']}/logs/ 中的 web.log 和 supervisor.log。")
        time.sleep(0.2)
    print(f"平台已启动：{environment['SITE_URL']}/\n数据目录：{environment['DATA_DIR']}\n停止：按 Ctrl-C", flush=True)
    if not addresses.is_loopback(environment["HOST"]) and not is_https():
        print("注意：未启用 HTTPS，密码和材料在网络上明文传输。正式使用请按 deploy/ 配置，并设 HTTPS=1。", flush=True)


def is_answering(environment: dict[str, str]) -> bool:
    host = "127.0.0.1" if addresses.is_wildcard(environment["HOST"]) else environment["HOST"]
    connection = http.client.HTTPConnection(host, int(environment["PORT"]), timeout=10)
    try:
        connection.request("GET", "/", headers={"Host": environment["ALLOWED_HOSTS"].split(",")[0]})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
