"""Programs that open untrusted files have no network and limited resources; in bubblewrap, also no other files, and no process survives."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from creation.lib import sandbox
from creation.lib.limited import NO_FILTER
from creation.lib.sandbox import Isolation

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux is where it is promised")
KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}  # bubblewrap returns the latter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


def command(folder: Path, script: str, megabytes: int = 500, seconds: int = 5) -> list[str]:
    """A script in place of a program that a document has taken over."""
    return sandbox.isolated(megabytes, seconds, folder, Path("/usr/bin/bash"), "-c", script)


def run(folder: Path, script: str, megabytes: int = 500, seconds: int = 5) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command(folder, script, megabytes, seconds), capture_output=True, check=False)


@linux
def test_it_reaches_no_network(isolation: Isolation, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = f"exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]}"
        subprocess.run(["bash", "-c", script], check=True)
        assert run(folder, script).returncode == 1
        assert run(folder, "exec 3</dev/null").returncode == 0


@linux
def test_it_reads_and_writes_its_folder(isolation: Isolation, folder: Path) -> None:
    (folder / "in").write_text("来件")
    assert run(folder, f"cat {folder}/in > {folder}/out").returncode == 0
    assert (folder / "out").read_text() == "来件"


@linux
@pytest.mark.needs_bubblewrap
def test_in_bubblewrap_it_sees_no_other_file_and_changes_none(folder: Path) -> None:
    secret = folder.parent / "secret"
    secret.write_text("秘密")
    assert run(folder, f"cat {secret}").returncode == 1
    run(folder, f"echo x > {secret}")  # into a folder of its own
    assert run(folder, f"touch {sandbox.SYSTEM[0]}/made").returncode == 1
    seen = run(folder, f"ls -d /home /root /srv /var/log /etc/passwd /usr/local/lib {folder.parent}/*").stdout.decode()
    assert seen.split() == [str(folder)]
    assert run(folder, "ls -d /proc/[0-9]* | wc -l").stdout.strip() < b"9", "only its own processes"
    assert secret.read_text() == "秘密"


@linux
@pytest.mark.needs_bubblewrap
def test_in_bubblewrap_a_program_outside_the_system_is_seen_with_what_belongs_to_it(folder: Path) -> None:
    program = folder.parent / "libreoffice24.2" / "program" / "soffice"
    program.parent.mkdir(parents=True)
    (program.parents[1] / "share").write_text("字典")
    program.write_text(f"#!/bin/sh\ncat {program.parents[1]}/share\n")
    program.chmod(0o755)
    link = folder.parent / "soffice"
    link.symlink_to(program)
    done = subprocess.run(sandbox.isolated(500, 5, folder, link), capture_output=True, check=True)
    assert done.stdout.decode() == "字典"


@linux
def test_it_is_ended_at_its_limits(isolation: Isolation, folder: Path) -> None:
    assert run(folder, "x=$(head -c 900M /dev/zero | tr '\\0' x)").returncode
    assert run(folder, "x=$(head -c 9M /dev/zero | tr '\\0' x)").returncode == 0
    assert run(folder, "while :; do :; done", seconds=1).returncode in KILLED
    assert run(folder, "exit 7").returncode == 7


@linux
@pytest.mark.needs_bubblewrap
def test_in_bubblewrap_its_child_processes_end_with_it(folder: Path) -> None:
    script = "setsid sleep 986 & setsid sleep 986 & echo begun; wait"
    with subprocess.Popen(command(folder, script), stdout=subprocess.PIPE, start_new_session=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"begun\n"
        running.kill()
    until = time.monotonic() + 10
    while is_running("sleep", "986") and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running("sleep", "986")


def is_running(*wanted: str) -> bool:
    def words(process: Path) -> list[str]:
        try:
            return (process / "cmdline").read_text().split("\0")[:-1]
        except OSError:
            return []

    return any(words(process) == [*wanted] for process in Path("/proc").glob("[0-9]*"))


@linux
def test_where_bubblewrap_refuses_or_is_missing_the_filter_is_used(
    no_bubblewrap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sandbox.isolation() == Isolation.FILTER
    sandbox.isolation.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    assert sandbox.isolation() == Isolation.FILTER


def test_where_neither_works_it_is_not_run_and_our_own_programs_are(
    no_bubblewrap: None, no_filter: None, folder: Path
) -> None:
    assert sandbox.isolation() == Isolation.NONE
    assert run(folder, f"touch {folder}/made").returncode == NO_FILTER
    assert not (folder / "made").exists()
    (folder / "own.py").write_text("print('own')")
    assert sandbox.run(500, 5, 20, folder / "own.py") == b"own\n"


def test_our_own_programs_are_limited_and_see_none_of_our_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "geheim")

    def said(code: str, seconds: int = 5, patience: int = 20) -> bytes | None:
        program = tmp_path / "program.py"
        program.write_text(code)
        return sandbox.run(300, seconds, patience, program)

    assert said("import os; print(os.environ.get('SECRET_KEY'))") == b"None\n"
    assert said("b = b'x' * (1 << 30); print(len(b))") is None
    assert said("while True: pass", seconds=1) is None
    assert said("import time; time.sleep(60)", patience=1) is None
    assert said("raise SystemExit(7)") is None
