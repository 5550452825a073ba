"""Prepare the installation before the server starts: `python -m config.prepare [--demo]`. Repeating it changes nothing."""

import os
import sys

import django
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        from creation.operations import upgrading  # needs the settings

        upgrading.require_known_database()
        require_valid_settings()
        print("正在准备数据库，第一次约需半分钟 …", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("first_run")
        if "--demo" in arguments:
            call_command("load_demo")
    except (ImproperlyConfigured, CommandError) as wrong:
        sys.exit(str(wrong))
    except DatabaseError as error:
        sys.exit(unusable_database(error))


def unusable_database(error: DatabaseError) -> str:
    from creation.operations import upgrading  # needs the settings

    if copied := upgrading.copy_of_failed_run():
        return f"数据库升级没有成功（{error}）：升级前的副本在 {copied}，请保留，并按运维手册退回旧版或联系维护人员。"
    return f"数据库无法使用（{error}）：请检查 DATABASE_URL、磁盘空间和目录权限。"


def require_valid_settings() -> None:
    errors = [message for message in checks.run_checks() if message.is_serious()]
    if errors:
        sys.exit("\n".join(f"{error.msg} {error.hint or ''}" for error in errors))


if __name__ == "__main__":
    main(sys.argv[1:])
