"""Runs one of the programs of this folder: python -I run.py pdf|ole FILE …

Each prints one line of JSON: {"content": "doc", "fault": null, "detail": ""}. Faults are values of filetypes.refusals.Reason. A file
that makes the program fail counts as damaged, as nobody knows what is in it.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

OPTIONAL = ("PIL", "fontTools", "cryptography", "Crypto")  # pypdf can do without, and starts in half the time
ENCRYPTED = "encrypted"  # the argument for a PDF that must be decrypted


def main(name: str, *arguments: str) -> None:
    sys.path.append(str(Path(__file__).parents[3]))
    if ENCRYPTED not in arguments:
        sys.modules.update(dict.fromkeys(OPTIONAL))  # type: ignore[arg-type]
    program = import_module(f"creation.lib.fileprobes.{name}")
    try:
        answer = program.judge(*arguments)
    except ImportError:  # the installation is at fault
        raise
    except Exception as error:  # noqa: BLE001 - libraries raise anything for a malicious file
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        answer = {"content": None, "fault": "damaged", "detail": ""}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
