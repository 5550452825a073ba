"""A separate program that makes a PDF of an OFD, so that a malicious file can crash or exhaust only this process.

python -I run.py OFD PDF
"""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[3]))
    import_module("creation.lib.ofd.converter").convert(Path(sys.argv[1]), Path(sys.argv[2]))
