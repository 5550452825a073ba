"""Run `manage.py backup` in a process that may be killed with SIGKILL at a chosen step: `python -m tests.support.backup_process DIR`.

KILL_AT and KILL_MARK are as in `tests.support.upload_process`.
"""

import os
import sys


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.support.upload_process import arm_kill

    arm_kill(os.environ["KILL_AT"])
    call_command("backup", sys.argv[1], keep=1)


if __name__ == "__main__":
    main()
