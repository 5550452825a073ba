"""Create the virtual environment beside the code and install the requirements. Uses the standard library only."""

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"


def ensure_virtualenv(requirements: str) -> Path:
    """Return the environment's Python after installing the requirements in this file. Of two starts at once, one waits."""
    try:
        with (ROOT / ".venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_usable():
                create_virtualenv()
            if not is_installed(requirements):
                install(requirements)
    except OSError as error:
        sys.exit(f"无法在 {ROOT} 建立虚拟环境（{error.strerror}）：请检查目录权限和磁盘空间。")
    return PYTHON


def is_usable() -> bool:
    """Return whether the environment starts; it does not if its Python was removed or replaced."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0


def create_virtualenv() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("本机的 Python 缺少 venv 模块：请安装后再启动（Debian、Ubuntu：apt install python3-venv）。")
    import venv

    print("正在建立虚拟环境 …", flush=True)
    venv.create(FOLDER, clear=True, with_pip=True)


def install(requirements: str) -> None:
    print("正在安装依赖（首次约需一两分钟）…", flush=True)
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "-r",
        ROOT / requirements,
    ]
    if subprocess.run(command, check=False).returncode:
        sys.exit("依赖没有装上，原因见上：请检查网络、代理或 pip 的软件源设置后再启动。")
    for name in included(requirements):
        stamp_path(name).write_text(digest())


def included(requirements: str) -> list[str]:
    """Return the name of a requirements file and of those that it refers to."""
    lines = (ROOT / requirements).read_text("utf-8").splitlines()
    others = [line.removeprefix("-r ") for line in lines if line.startswith("-r ")]
    return [requirements, *(name for other in others for name in included(other))]


def is_installed(requirements: str) -> bool:
    return stamp_path(requirements).exists() and stamp_path(requirements).read_text() == digest()


def stamp_path(requirements: str) -> Path:
    return FOLDER / f"{requirements}.sha256"


def digest() -> str:
    """Return the digest of all requirements files, since one refers to the other."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(ROOT.glob("requirements*.txt")))).hexdigest()


if __name__ == "__main__":
    ensure_virtualenv(sys.argv[1])
