"""A journal of acknowledged writes: one line of JSON each, written as soon as the answer has arrived."""

import json
import os
import threading
import time
from collections import defaultdict
from pathlib import Path


class Journal:
    """``entries``: kind → key → the moment of the acknowledgement, as of time.monotonic(). A later one replaces an earlier one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, dict[str, float]] = defaultdict(dict)
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def add(self, kind: str, key: str, text: str = "") -> None:
        """Note that this was acknowledged. ``text`` is what must be found at the key, where the key alone does not say it."""
        with self._lock:
            self.entries[kind][key] = time.monotonic()
            line = json.dumps({"kind": kind, "key": key, "text": text}, ensure_ascii=False)
            os.write(self._file, f"{line}\n".encode())

    def close(self) -> None:
        os.close(self._file)

    def __len__(self) -> int:
        return sum(map(len, self.entries.values()))
