"""Check whether the parts of the application run."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from creation.evidence.previews import sandboxed_programs
from creation.lib import sandbox, storage, wakeups
from creation.lib.sandbox import Isolation
from creation.models import Heartbeat
from creation.operations.health.probe_result import Level, ProbeResult, time_ago

CLOCK = "clock"
MAX_SILENCE = timedelta(minutes=5)
RESTART_HINT = "bin/run 会自动重新启动它；几分钟后仍不恢复，请重新启动平台。"


def database(now: datetime) -> ProbeResult:
    """Check for unapplied migrations. The connection works if a page can be shown at all."""
    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    name, vendor = "数据库", {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    if behind:
        todo = "程序更新后没有重新启动完整：请停止平台，再用 bin/run 启动。"
        return ProbeResult(name, Level.ALARM, f"{vendor}，有 {len(behind)} 项结构更新没有执行。", todo)
    return ProbeResult(name, Level.FINE, f"{vendor}，连接正常，结构是最新的。")


def broker(now: datetime) -> ProbeResult:
    if wakeups.broker_answers():
        return ProbeResult("消息服务", Level.FINE, "连接正常。")
    todo = (
        "页面和资料不受影响，只是通知和预览会慢一两分钟。请查看 logs/broker.log（或 REDIS_URL 指定的服务）。"
        + RESTART_HINT
    )
    return ProbeResult("消息服务", Level.ALARM, "没有应答。", todo)


def clock(now: datetime) -> ProbeResult:
    """Check the heartbeat: once a minute, a message goes from beat through the broker to a worker, which records the time."""
    heartbeat, name = Heartbeat.objects.named(CLOCK).first(), "定时和后台服务"
    if heartbeat is None or heartbeat.done_at is None:
        return ProbeResult(
            name,
            Level.NOTE,
            "还没有运行过。",
            "平台刚启动时请等一分钟；一直如此，请查看 logs/beat.log 和 logs/worker.log。",
        )
    if now - heartbeat.done_at > MAX_SILENCE:
        todo = "提醒、审计封存和自动备份都停了。请查看 logs/beat.log 和 logs/worker.log。" + RESTART_HINT
        return ProbeResult(name, Level.ALARM, f"上次运行：{time_ago(heartbeat.done_at, now)}，之后没有动静。", todo)
    return ProbeResult(name, Level.FINE, f"每分钟运行，上次：{time_ago(heartbeat.done_at, now)}。")


def conversion(now: datetime) -> ProbeResult:
    """Check whether Office files are converted, and how LibreOffice is isolated."""
    name = "文件转换"
    if sandboxed_programs.libreoffice_path() is None:
        return ProbeResult(name, Level.FINE, "没有安装 LibreOffice，Office 文件不转换预览，只能下载。")
    match sandbox.isolation():
        case Isolation.BUBBLEWRAP:
            return ProbeResult(name, Level.FINE, "LibreOffice 在 bubblewrap 沙箱中运行：没有网络，看不到其他文件。")
        case Isolation.FILTER:
            return ProbeResult(
                name,
                Level.FINE,
                "LibreOffice 没有网络，但不在沙箱中运行。建议安装 bubblewrap，见运维手册“Previews”一节。",
            )
    todo = "请安装 bubblewrap 并允许用户命名空间，或在容器中允许 seccomp，见运维手册“Previews”一节。"
    return ProbeResult(name, Level.NOTE, "不能为 LibreOffice 隔断网络，Office 文件不转换预览，只能下载。", todo)


def store(now: datetime) -> ProbeResult:
    fault = store_fault()
    return fault_result(fault) if fault else ProbeResult("文件存储", Level.FINE, "可以读写。")


def store_fault() -> OSError | storage.StoreUnavailable | None:
    """Return FileNotFoundError, PermissionError or StoreUnavailable; None when the store works."""
    try:
        storage.check_writable()
    except (FileNotFoundError, PermissionError, storage.StoreUnavailable) as fault:
        return fault
    return None


def fault_result(fault: OSError | storage.StoreUnavailable) -> ProbeResult:
    """Return the fault with advice for the operator. People who upload see the message of StoreUnavailable instead."""
    if isinstance(fault, FileNotFoundError):
        message, todo = "不存在", "请检查 S3_BUCKET 和 S3_ENDPOINT，或先在存储上建立这个桶。"
    elif isinstance(fault, PermissionError):
        message = f"不认所给的密钥，或不许写入（{fault}）"
        todo = "请检查 S3_ACCESS_KEY、S3_SECRET_KEY，并允许这个密钥读、写、删除、列出桶中的文件。"
    else:
        message, todo = "连不上或没有应答", "请检查 S3_ENDPOINT、网络和存储服务；连上之前，文件不能上传，也打不开。"
    place = f"{settings.S3.get('bucket')}（{settings.S3.get('endpoint') or 'AWS'}）"
    return ProbeResult("文件存储", Level.ALARM, f"文件存储桶 {place}{message}。", todo)
