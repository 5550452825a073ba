"""Check whether the stored files and records are safe, and whether there is enough disk space."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from creation.audit import audit_chain
from creation.audit.audit_chain import head_file
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Heartbeat
from creation.operations.backup import schedule
from creation.operations.health.probe_result import Level, ProbeResult, gigabytes, time_ago

MAX_BACKUP_AGE = timedelta(minutes=45)  # three automatic backups missed
MAX_FULL_BACKUP_AGE = timedelta(days=7)
ALARM_BYTES, NOTE_BYTES = 2**30, 5 * 2**30  # bytes free


def sealed(now: datetime) -> ProbeResult:
    name = "审计封存"
    if waiting := audit_chain.count_overdue(now):
        todo = "请查看 logs/beat.log 和 logs/worker.log，重新启动平台；仍有告警时请执行 manage.py verify。"
        return ProbeResult(name, Level.ALARM, f"有 {waiting} 条审计记录超过五分钟没有封存。", todo)
    if lost := head_file.lost_head():
        todo = "审计记录可能被截断或重写：请保全现场，执行 manage.py verify，并报告安全审计员。"
        return ProbeResult(name, Level.ALARM, f"链头文件记下的第 {lost.seq} 条与库中的不符。", todo)
    end = audit_chain.current_head()
    return ProbeResult(name, Level.FINE, f"已封存到第 {end.seq} 条。" if end.seq else "还没有封存任何记录。")


def backed_up(now: datetime) -> ProbeResult:
    """Check the automatic backups."""
    name, heartbeat = "自动备份", Heartbeat.objects.named(schedule.HEARTBEAT_NAME).first()
    if not schedule.is_enabled():
        return ProbeResult(
            name, Level.NOTE, "PostgreSQL 不由平台自动备份。", "请用数据库自身的备份，或定时执行 manage.py backup。"
        )
    if heartbeat is None:
        return ProbeResult(name, Level.NOTE, "还没有做过。", "平台启动后一分钟内会做第一份。")
    if heartbeat.fault:
        return ProbeResult(
            name,
            Level.ALARM,
            f"{_last_backup(heartbeat, now)}最近一次（{time_ago(heartbeat.tried_at, now)}）有问题：",
            heartbeat.fault,
        )
    if heartbeat.done_at and now - heartbeat.done_at > MAX_BACKUP_AGE:
        todo = "请查看 logs/jobs.log；平台重新启动后会马上补做。"
        return ProbeResult(name, Level.ALARM, f"{_last_backup(heartbeat, now)}应每 15 分钟一份。", todo)
    return _location_result(name, _last_backup(heartbeat, now))


def _last_backup(heartbeat: Heartbeat, now: datetime) -> str:
    return f"最近一份：{time_ago(heartbeat.done_at, now)}。" if heartbeat.done_at else "还没有成功过。"


def _location_result(name: str, message: str) -> ProbeResult:
    try:
        elsewhere = schedule.on_another_disk()
    except Refusal as refused:
        return ProbeResult(name, Level.ALARM, message, refused.sentence)
    if elsewhere:
        return ProbeResult(name, Level.FINE, f"{message}每 15 分钟一份，数据库和文件都在另一块磁盘上。")
    todo = "备份与数据在同一块磁盘上，磁盘损坏时会一起丢失：请用 BACKUP_DIR 改到另一块磁盘。"
    return ProbeResult(name, Level.NOTE, f"{message}每 15 分钟一份，只有数据库。", todo)


def full_backup(now: datetime) -> ProbeResult:
    """Check when the operator last made a full backup. Where it is stored is not known here."""
    name, todo = "完整备份", "请定时执行 manage.py backup，存到另一台机器或磁盘上，见运维手册。"
    last = AuditEntry.objects.filter(act="backup.make").values_list("at", flat=True).first()
    if last is None:
        return ProbeResult(name, Level.NOTE, "还没有做过。", todo)
    message = f"最近一次：{time_ago(last, now)}。"
    return (
        ProbeResult(name, Level.NOTE, message, todo)
        if now - last > MAX_FULL_BACKUP_AGE
        else ProbeResult(name, Level.FINE, message)
    )


def room(now: datetime) -> ProbeResult:
    """Check the disks for data and backups; a disk used for both is listed once. The one with less space sets the level."""
    folders = {"备份": Path(settings.BACKUP_DIR), "数据": Path(settings.DATA_DIR)}
    disks = {folder.stat().st_dev: (name, folder) for name, folder in folders.items() if folder.is_dir()}
    free = {name: shutil.disk_usage(folder).free for name, folder in disks.values()}
    scarcest = min(free, key=lambda name: free[name])
    message = "、".join(f"{name}所在磁盘剩余 {gigabytes(size)}" for name, size in free.items()) + "。"
    level = Level.ALARM if free[scarcest] < ALARM_BYTES else Level.NOTE if free[scarcest] < NOTE_BYTES else Level.FINE
    todo = f"请尽快清理或扩充{scarcest}所在的磁盘；写满后不能上传文件。"
    return ProbeResult("磁盘空间", level, message, todo if level != Level.FINE else "")
