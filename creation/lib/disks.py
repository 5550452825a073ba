"""The type of the disk that a folder is on, and its free space.

Standard library only, because `bin/run` uses it before anything is installed.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

Mounts = list[tuple[Path, str]]

NETWORK = {
    "9p", "afp", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs", "gfs2", "glusterfs", "gpfs", "lustre",
    "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "smb2", "smb3", "smbfs", "vboxsf", "webdav",
    "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.davfs", "fuse.rclone", "fuse.ceph", "fuse.juicefs", "fuse.smbnetfs",
}  # fmt: skip
LINUX = Path("/proc/self/mounts")


def is_network(folder: Path, mounts: Mounts) -> bool:
    """Return whether the folder is on a network file system, where SQLite's locks and shared memory are unreliable."""
    return filesystem_type(folder, mounts) in NETWORK


def filesystem_type(folder: Path, mounts: Mounts) -> str:
    """Return the name of the file system, or "" if it is unknown. If several are mounted on one folder, the last one counts."""
    above = [(len(point.parts), number) for number, (point, _) in enumerate(mounts) if folder.is_relative_to(point)]
    return mounts[max(above)[1]][1] if above else ""


def list_mounts() -> Mounts:
    """Return every mount point with its type, as the system reports them."""
    if LINUX.exists():
        return parse_linux(LINUX.read_text("utf-8", errors="surrogateescape"))
    told = subprocess.run(["mount"], capture_output=True, text=True, check=False)
    return parse_macos(told.stdout)


def parse_linux(text: str) -> Mounts:
    """Parse lines of `device folder kind …`. Spaces in a folder's name are octal escapes."""
    rows = (line.split(" ") for line in text.splitlines())
    return [(Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), row[1])), row[2]) for row in rows]


def parse_macos(text: str) -> Mounts:
    """Parse lines of `device on folder (kind, …)`."""
    return [(Path(point), kind) for point, kind in re.findall(r"^.*? on (.*) \((\w+)", text, re.MULTILINE)]


def is_writable(folder: Path) -> bool:
    """Return whether a file can be written, which tests permissions, read-only disks and full disks alike."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError:
        return False
    return True


def fsync_path(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_bytes(folder: Path) -> int:
    """Return the bytes available to this user on the folder's disk. The folder may not exist yet."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return shutil.disk_usage(existing).free


def free_megabytes(folder: Path) -> int:
    return free_bytes(folder) // 2**20
