"""`manage.py backup` in a process of its own, which may be killed with -9 at a chosen step: `python -m tests.backupwork DIR`.

CLOCK_DEATH and CLOCK_GRAVE are as in `tests.uploadwork`.
"""

import os
import sys


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.uploadwork import doom

    doom(os.environ["CLOCK_DEATH"])
    call_command("backup", sys.argv[1], keep=1)


if __name__ == "__main__":
    main()
