"""A faulty installation ends with exit code 1 and one sentence."""

import ast
import importlib
import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders

from config.folders import load_or_create_key
from creation import checks
from creation.lib import disks
from tests.support.server_process import ROOT, bin_run, environment

KEY = "k3y-of-many-different-signs-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OTHER = KEY[::-1]


def refusal(answer: subprocess.CompletedProcess[str]) -> str:
    """Return the message, which must be one line on standard error and nothing else."""
    assert answer.returncode == 1, answer
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert "Traceback" not in answer.stderr
    return answer.stderr


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"端口 {port} 已被其他程序占用" in refusal(bin_run(tmp_path / "data", "--port", port))


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    assert "无法在地址 203.0.113.7 上提供服务" in refusal(bin_run(tmp_path / "data", "--host", "203.0.113.7"))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "无法建立" in refusal(bin_run(tmp_path / "file" / "data"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written() -> None:
    assert "无法写入" in refusal(bin_run(Path("/proc/self"), LEAST_FREE_MB="0"))


def test_a_disk_without_room(tmp_path: Path) -> None:
    assert "剩余空间不足 999999999 MB" in refusal(bin_run(tmp_path / "data", LEAST_FREE_MB="999999999"))


@pytest.mark.parametrize("port", ["0", "65536", "八千", "-1"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    answer = bin_run(tmp_path / "data", f"--port={port}")
    assert answer.returncode == 2
    assert "1 到 65535" in answer.stderr


@pytest.mark.parametrize("script", ["run", "test"])
def test_an_old_python_reads_the_script_far_enough_to_say_so(script: str) -> None:
    source = (ROOT / "bin" / script).read_text()
    ast.parse(source, feature_version=(3, 6))
    pretend = f"import sys; sys.version_info = (3, 9); exec(compile({source!r}, 'script', 'exec'))"
    answer = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, timeout=60)
    said = refusal(answer)
    assert "需要 Python 3.11" in said
    assert "Python 3.11 or newer is needed" in said


def test_a_python_without_venv(tmp_path: Path) -> None:
    pretend = (
        "import importlib.util, sys\n"
        f"sys.path.insert(0, {str(ROOT / 'bin')!r})\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else find(name)\n"
        "import virtualenv\n"
        "virtualenv.create_virtualenv()\n"
    )
    answer = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, timeout=60)
    assert "apt install python3-venv" in refusal(answer)


MOUNTS = r"""
/dev/vda1 / ext4 rw 0 0
server:/export /mnt/nfs nfs4 rw 0 0
//server/share /mnt/with\040blank cifs rw 0 0
/dev/vdb1 /mnt/nfs/local xfs rw 0 0
someone@server: /mnt/ssh fuse.sshfs rw 0 0
""".strip()


@pytest.mark.parametrize(
    ("folder", "shared"),
    [
        ("/srv/data", False),
        ("/mnt/nfs", True),
        ("/mnt/nfs/data", True),
        ("/mnt/nfs/local/data", False),
        ("/mnt/nfsdata", False),
        ("/mnt/with blank/data", True),
        ("/mnt/ssh/data", True),
    ],
)
def test_a_network_disk_is_distinguished_from_a_local_one(folder: str, shared: bool) -> None:
    assert disks.is_network(Path(folder), disks.parse_linux(MOUNTS)) is shared


def test_a_network_disk_is_recognized_on_macos() -> None:
    told = "/dev/disk1s1 on / (apfs, local)\n//me@server/share on /Volumes/My Share (smbfs, nodev)\n"
    mounts = disks.parse_macos(told)
    assert not disks.is_network(Path("/Users/me/data"), mounts)
    assert disks.is_network(Path("/Volumes/My Share/data"), mounts)


def manage(data: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(data, **given), capture_output=True, text=True, timeout=60)


UNSAFE = {
    "a short key": ({"SECRET_KEY": "secret"}, "SECRET_KEY 太短或太简单"),
    "a key of one sign": ({"AUDIT_KEY": "a" * 64}, "AUDIT_KEY 太短或太简单"),
    "one key for both": ({"SECRET_KEY": KEY, "AUDIT_KEY": KEY}, "AUDIT_KEY 不得与 SECRET_KEY 相同"),
    "any host": ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS 不得用通配"),
    "any host below a domain": ({"ALLOWED_HOSTS": ".example.gov.cn"}, "ALLOWED_HOSTS 不得用通配"),
    "debugging in public": ({"DEBUG": "1", "ALLOWED_HOSTS": "example.gov.cn"}, "DEBUG 已打开而系统对外服务"),
    "https for nobody": ({"HTTPS": "1"}, "ALLOWED_HOSTS 只有本机"),
    "no room for an image": ({"LIMIT_IMAGE_MB": "0"}, "LIMIT_IMAGE 必须大于零"),
    "idle for longer than logged in": ({"IDLE_MINUTES": "600"}, "IDLE_MINUTES 长于 SESSION_HOURS"),
    "an unknown profile": ({"PASSWORD_PROFILE": "none"}, "PASSWORD_PROFILE 只能是"),
    "a number that is none": ({"LIMIT_VIDEO_MB": "2GB"}, "LIMIT_VIDEO_MB 的值「2GB」不是整数"),
    "a flag that is none": ({"HTTPS": "ja"}, "HTTPS 的值「ja」无法识别"),
    "another database": ({"DATABASE_URL": "mysql://a:b@c/d"}, "DATABASE_URL 只支持"),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("given", "sentence"), UNSAFE.values(), ids=UNSAFE.keys())
def test_unsafe_settings_refuse_to_start(tmp_path: Path, given: dict[str, str], sentence: str) -> None:
    answer = manage(tmp_path / "data", "check", **given)
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_same_command_says_nothing_with_safe_settings(tmp_path: Path) -> None:
    safe = {"SECRET_KEY": KEY, "AUDIT_KEY": OTHER, "HTTPS": "1", "ALLOWED_HOSTS": "example.gov.cn"}
    answer = manage(tmp_path / "data", "check", "--deploy", "--fail-level", "WARNING", **safe)
    assert answer.returncode == 0, answer.stderr


def test_bin_run_says_the_sentence_alone(tmp_path: Path) -> None:
    assert "ALLOWED_HOSTS 不得用通配" in refusal(bin_run(tmp_path / "data", ALLOWED_HOSTS="*"))


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    assert manage(tmp_path, "check").returncode == 0
    (tmp_path / "secret_key").chmod(0o644)
    assert "可被其他用户读取" in manage(tmp_path, "check").stderr


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: load_or_create_key(path), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["key"]


def test_an_object_store_without_its_packages_is_one_sentence(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.S3 = {"bucket": "files"}
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    (found,) = checks.bucket_can_be_written(None)
    assert found.id == "creation.E013"
    assert "requirements-s3.txt" in str(found.hint)


def test_requirements_that_others_refer_to_are_installed_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "bin")
    included = importlib.import_module("virtualenv").included
    assert included("requirements-dev.txt") == ["requirements-dev.txt", "requirements-s3.txt", "requirements.txt"]
    assert included("requirements.txt") == ["requirements.txt"]


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    read = {
        name
        for path in [ROOT / "config/settings.py", ROOT / "config/stores.py", ROOT / "bin/launcher.py"]
        for name in re.findall(r"""(?:text|number|flag|comma_separated|environ\.get)\("(\w+)\"""", path.read_text())
    }
    documented = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read == documented


def test_every_static_file_that_a_template_names_is_served() -> None:
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"""{% static ['"]([^'"]+)['"]""", path.read_text())
    }
    assert named
    assert not [name for name in named if finders.find(name) is None]
