"""System checks: a wrong installation is reported at start-up in a sentence."""

import os
import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.utils import timezone

from creation.lib import audit_triggers, disks, reference_triggers, storage
from creation.operations.backup import restore
from creation.operations.health import Level, components, data_safety

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
MIN_KEY_LENGTH = 40
KEY_HINT = "可删去这一项，由系统自动生成；或用 python -c 'import secrets; print(secrets.token_urlsafe(64))' 生成。"


@register(Tags.files)
def folders_can_be_written(app_configs: Any, **options: Any) -> list[CheckMessage]:
    folders = [settings.DATA_DIR, settings.FILES_ROOT, settings.INCOMING_ROOT, settings.LOGS_ROOT, settings.BROKER_ROOT]
    return [
        Error(
            f"数据目录 {folder} 无法写入。",
            hint="请检查目录权限和磁盘空间，或用 DATA_DIR 指定另一个目录。",
            id="creation.E001",
        )
        for folder in folders
        if not disks.is_writable(folder)
    ]


@register(Tags.files)
def incoming_lies_beside_files(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Check the folders: a finished upload is renamed, not copied, which works only within one file system."""
    if settings.S3 or os.stat(settings.INCOMING_ROOT).st_dev == os.stat(settings.FILES_ROOT).st_dev:
        return []
    return [
        Error("incoming 与 files 不在同一个文件系统上。", hint="请把数据目录整体放在同一块磁盘上。", id="creation.E002")
    ]


@register(Tags.files)
def bucket_can_be_written(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Check access to the bucket. An unavailable store is a warning, as it may come back; a wrong name or key is an error."""
    if settings.S3 and not find_spec("storages"):
        hint = "请运行 .venv/bin/python bin/virtualenv.py requirements-s3.txt 后再启动；用 bin/run 启动时会自动安装。"
        return [Error("设置了 S3_BUCKET，但没有安装对象存储所需的程序包。", hint=hint, id="creation.E013")]
    fault = components.store_fault()
    if fault is None:
        return []
    found = components.fault_result(fault)
    if isinstance(fault, storage.StoreUnavailable):
        return [Warning(found.message, hint=found.advice, id="creation.W006")]
    return [
        Error(
            found.message,
            hint=found.advice,
            id="creation.E007" if isinstance(fault, PermissionError) else "creation.E006",
        )
    ]


@register(Tags.database)
def sqlite_lies_on_a_local_disk(app_configs: Any, **options: Any) -> list[CheckMessage]:
    if connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
        return []
    folder = Path(settings.DATABASES["default"]["NAME"]).resolve().parent
    if not disks.is_network(folder, disks.list_mounts()):
        return []
    hint = "请把 DATA_DIR 放在本机磁盘上，或用 DATABASE_URL 改用 PostgreSQL。"
    return [Error(f"SQLite 数据库所在目录 {folder} 是网络盘，会损坏数据。", hint=hint, id="creation.E003")]


@register(Tags.database)
def audit_trail_is_guarded(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    if not settings.AUDIT_TRIGGERS:
        return []
    try:
        found = [
            f"{name}（{fault}）" if fault != audit_triggers.MISSING else name
            for alias in databases or []
            for name, fault in audit_triggers.faults(connections[alias]).items()
        ]
    except DatabaseError as error:
        return [Warning(f"数据库暂时连不上，没有核对审计保护（{error}）。", id="creation.W004")]
    if not found:
        return []
    hint = (
        "请执行 python manage.py migrate --skip-checks，它会重新建立保护；不是平台的触发器请由数据库管理员删除；"
        "然后执行 manage.py verify 核对。"
    )
    return [Error(f"审计记录的防改保护缺失：{'、'.join(found)}。", hint=hint, id="creation.E004")]


@register(Tags.database)
def reference_changes_are_told(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Without its triggers a web process would go on with what it keeps in memory (``creation.web.reference``)."""
    try:
        found = [name for alias in databases or [] for name in reference_triggers.missing(connections[alias])]
    except DatabaseError:  # no connection yet: ``audit_trail_is_guarded`` says so
        return []
    if not found:
        return []
    hint = "请执行 python manage.py migrate --skip-checks，它会重新建立。"
    return [Error(f"基础数据的变更触发器缺失：{'、'.join(found)}。", hint=hint, id="creation.E008")]


@register(Tags.security, deploy=True)
def conversions_have_no_network(app_configs: Any, **options: Any) -> list[CheckMessage]:
    found = components.conversion(timezone.now())
    return [] if found.level == Level.FINE else [Warning(found.message, hint=found.advice, id="creation.W040")]


@register(Tags.database)
def audit_trail_is_sealed(app_configs: Any, databases: Any = None, **options: Any) -> list[CheckMessage]:
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    try:
        found = data_safety.sealed(timezone.now())
    except DatabaseError:  # no connection or no tables yet: other checks report that
        return []
    return [Warning(found.message, hint=found.advice, id="creation.W005")] if found.is_alarm else []


@register(Tags.files)
def no_restore_is_unfinished(app_configs: Any, **options: Any) -> list[CheckMessage]:
    if not restore.unfinished_marker().exists():
        return []
    return [
        Error(
            "上一次恢复没有完成，数据不完整。", hint="请重新执行 manage.py restore，完成后再启动。", id="creation.E005"
        )
    ]


@register(Tags.security)
def authorities_can_be_read(app_configs: Any, **options: Any) -> list[CheckMessage]:
    if not settings.CHANNEL_CA_FILE:
        return []
    try:
        ssl.create_default_context(cafile=settings.CHANNEL_CA_FILE)
    except OSError as error:
        hint = "请指定 PEM 格式的根证书文件，或删去这一项。"
        return [Error(f"CHANNEL_CA_FILE 不能读作证书（{error}）。", hint=hint, id="creation.E014")]
    return []


@register(Tags.security)
def settings_are_safe(app_configs: Any, **options: Any) -> list[CheckMessage]:
    return [*check_keys(), *check_hosts(), *check_numbers()]


def check_keys() -> Iterator[CheckMessage]:
    for name in ("SECRET_KEY", "AUDIT_KEY"):
        key = getattr(settings, name)
        if len(key) < MIN_KEY_LENGTH or len(set(key)) < 10 or key.startswith("django-insecure"):
            yield Error(f"{name} 太短或太简单，他人可以猜出。", hint=KEY_HINT, id="creation.E010")
    if settings.SECRET_KEY == settings.AUDIT_KEY:
        yield Error("AUDIT_KEY 不得与 SECRET_KEY 相同。", hint=KEY_HINT, id="creation.E011")
    for path in (settings.DATA_DIR / "secret_key", settings.DATA_DIR / "audit_key"):
        if path.exists() and path.stat().st_mode & 0o077:
            yield Error(f"密钥文件 {path} 可被其他用户读取。", hint=f"请执行：chmod 600 {path}", id="creation.E012")


def check_hosts() -> Iterator[CheckMessage]:
    open_to_others = set(settings.ALLOWED_HOSTS) - LOOPBACK
    if any(host == "*" or host.startswith(".") for host in open_to_others):
        yield Error("ALLOWED_HOSTS 不得用通配。", hint="请逐个写明本系统的域名或地址。", id="creation.E020")
    if settings.DEBUG and (settings.HTTPS or open_to_others - {"testserver"}):
        yield Error("DEBUG 已打开而系统对外服务，会泄露内部信息。", hint="请设 DEBUG=0。", id="creation.E021")
    if settings.HTTPS and not open_to_others and not settings.DEBUG:
        yield Error("HTTPS 已打开而 ALLOWED_HOSTS 只有本机。", hint="请在 ALLOWED_HOSTS 写明域名。", id="creation.E022")


POSITIVE_SETTINGS = (
    "LIMIT_IMAGE",
    "LIMIT_DOCUMENT",
    "LIMIT_VIDEO",
    "IDLE_MINUTES",
    "SESSION_HOURS",
    "BUFFER_TOTAL",
    "BUFFER_BY_ADDRESS",
    "CONNECTIONS_BY_ADDRESS",
    "WEB_PROCESSES",
    "WEB_THREADS",
    "WEB_MEMORY",
)


def check_numbers() -> Iterator[CheckMessage]:
    for name in POSITIVE_SETTINGS:
        if getattr(settings, name) <= 0:
            yield Error(f"{name} 必须大于零。", hint="请改正环境变量，或删去以使用默认值。", id="creation.E030")
    if settings.IDLE_MINUTES > settings.SESSION_HOURS * 60:
        yield Error("IDLE_MINUTES 长于 SESSION_HOURS。", hint="空闲时限不得长于登录总时限。", id="creation.E031")
    if settings.PASSWORD_PROFILE not in {"asvs", "dengbao"}:
        yield Error("PASSWORD_PROFILE 只能是 asvs 或 dengbao。", hint="请改正后再启动。", id="creation.E032")
